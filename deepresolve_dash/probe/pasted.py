"""Sequences as a user pastes and edits them, fitted to the length of a network; no torch."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.networks.sequences import centred, read_text

MOST_LETTERS = 1_000_000  # of one pasted text
_LONGEST_NAME = 80  # characters that are shown
_EDIT = re.compile(r"([1-9]\d{0,6})([ACGTN])")


class Pasted(NamedTuple):
    """A sequence by its name; letters A, C, G, T, N."""

    name: str
    letters: str


class Edit(NamedTuple):
    """A base that is changed: its place from 0 in what the network reads, and its new letter."""

    place: int
    letter: str


def read_pasted(text: str, *, name: str, most: int = 1) -> list[Pasted]:
    """Return the sequences of a pasted text: plain letters, or FASTA.

    Spaces and line ends between letters mean nothing, lower case is upper case, U is T.

    Parameters
    ----------
    text : str
    name : str
        What a sequence without a name is called.
    most : int
        Sequences taken.

    Raises
    ------
    SequenceError
        When there are no letters, others than A, C, G, T, U and N, or too many sequences.
    """
    if len(text) > MOST_LETTERS:
        raise SequenceError(
            f"The pasted text has {len(text):,} letters.",
            f"Paste the part that the network reads; at most {MOST_LETTERS:,} letters are taken.",
        )
    if not text.strip():
        raise SequenceError("There is no sequence here.", "Paste letters A, C, G, T, or FASTA.")
    plain = not text.lstrip("\ufeff \t\r\n").startswith((">", ";"))
    found = read_text(f">{name}\n{''.join(text.split())}\n" if plain else text)
    if not found:
        raise SequenceError("There is no sequence here.", "Paste letters A, C, G, T, or FASTA.")
    if len(found) > most:
        raise SequenceError(
            f"The pasted text holds {len(found):,} sequences.",
            "Paste one." if most == 1 else f"Paste at most {most}.",
        )
    return [Pasted(title[:_LONGEST_NAME], letters) for title, letters in found]


def fitted(letters: str, length: int) -> tuple[str, str]:
    """Return what a network reads of a sequence, and a sentence when that is not all of it.

    Other lengths are centred and cropped, or padded with N.
    """
    n = len(letters)
    read = centred(letters, length)
    if n > length:
        first = (n - length) // 2 + 1
        return read, (
            f"Of {n:,} letters the network reads the {length:,} in the middle, "
            f"{first:,} to {first + length - 1:,}."
        )
    if n < length:
        return read, f"{n:,} letters are put in the middle of {length:,}; N stands around them."
    return read, ""


def read_edits(text: str, length: int) -> list[Edit]:
    """Turn `12T,40A` into edits in their order; places count from 1.

    Raises
    ------
    SequenceError
        When one cannot be read, or lies outside of what the network reads.
    """
    edits = []
    for part in filter(None, text.split(",")):
        found = _EDIT.fullmatch(part)
        if found is None:
            raise SequenceError(
                f"'{part[:40]}' is no edit.", "Write the place and the new base, such as 12T."
            )
        place = int(found[1]) - 1
        if place >= length:
            raise SequenceError(
                f"There is no place {place + 1:,} to edit.", f"The network reads {length:,} bases."
            )
        edits.append(Edit(place, found[2]))
    return edits


def edited(letters: str, edits: Sequence[Edit]) -> str:
    """Return letters with some of them changed, the last edit of a place counts."""
    changed = list(letters)
    for place, letter in edits:
        changed[place] = letter
    return "".join(changed)
