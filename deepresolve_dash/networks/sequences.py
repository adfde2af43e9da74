"""Sequences: FASTA files, one-hot arrays, random and shuffled backgrounds; without torch."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
from Bio.SeqIO.FastaIO import SimpleFastaParser
from numpy.typing import NDArray

from deepresolve_dash.errors import SequenceError

_LETTERS = "ACGTN"
_LONGEST = 10 * 2**20  # letters of one sequence: a chromosome is no input of a network
_MOST = 1_000_000  # sequences where there is a limit; their names are held in memory
_LONGEST_NAME = 200  # letters
_PIECE = 2**16  # characters read at a time
_TO_UPPER = str.maketrans("acgtnuU", "ACGTNTT")


def read_fasta(path: Path | str) -> list[tuple[str, str]]:
    """Read a FASTA file, plain or gzip.

    Returns
    -------
    list of (identifier, sequence)
        The identifier is the title's first word; letters are A, C, G, T, N, with lower case made
        upper and U made T.

    Raises
    ------
    SequenceError
        When the file is missing, empty, broken or not FASTA, an identifier is missing or repeated,
        or a sequence is empty or holds another letter.
    """
    return list(iterate_fasta(path))


def read_text(text: str) -> list[tuple[str, str]]:
    """Read FASTA that was pasted, as `read_fasta`.

    Raises
    ------
    SequenceError
        As `read_fasta`.
    """
    source, seen = Path("the pasted text"), set()
    lines = _from_the_first_name(text.removeprefix("\ufeff").splitlines(keepends=True), source)
    return [_checked(*one, source, seen) for one in SimpleFastaParser(lines)]


def iterate_fasta(path: Path | str, *, most: int | None = None) -> Iterator[tuple[str, str]]:
    """Read a FASTA file record by record, as `read_fasta`, without holding it in memory.

    Parameters
    ----------
    path : Path or str
    most : int, optional
        Characters at most, counted after unpacking; no sequence may then be longer than 10 million
        letters either, no name longer than 200, and there may be a million of them.

    Raises
    ------
    SequenceError
        As `read_fasta`, and when there is more; what came before has been given out by then.
    """
    path = Path(path)
    seen: set[str] = set()
    try:
        with open_text(path) as handle:
            lines = handle if most is None else _counted(handle, path, most)
            for title, letters in SimpleFastaParser(_from_the_first_name(lines, path)):
                record = _checked(title, letters, path, seen)
                if most is not None:
                    _check_limits(record[0], len(seen), path)
                yield record
    except FileNotFoundError:
        raise SequenceError(f"There is no file {path}.") from None
    except EOFError:
        raise SequenceError(f"{path} is cut off.", "Copy or download it again.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise SequenceError(f"{path} is damaged.", "Copy or download it again.") from None
    except UnicodeDecodeError:
        raise SequenceError(f"{path} is not a text file of sequences.", "Give FASTA.") from None
    except (OSError, ValueError) as error:
        raise SequenceError(f"{path} cannot be read as FASTA: {error}") from None
    if not seen:
        raise SequenceError(
            f"{path} holds no sequences.", "A FASTA record is a line '>name' and its letters."
        )


def one_hot(
    sequences: Sequence[str],
    *,
    length: int,
    alphabet: str = "ACGT",
    unknown_base: float = 0.25,
) -> NDArray[np.float32]:
    """Encode sequences for a network.

    Parameters
    ----------
    sequences : sequence of str
        Letters A, C, G, T, N; lower case and U are understood.
    length : int
        Length of the network's input, bp; other sequences are centred and cropped, or padded with
        N.
    alphabet : str
        Order of the rows.
    unknown_base : float
        Value of N in each row.

    Returns
    -------
    float32 array (n, 4, length)

    Raises
    ------
    SequenceError
        When a sequence holds another letter.
    """
    rows = np.full((256, 4), np.nan, dtype=np.float32)
    rows[ord("N")] = unknown_base
    for row, base in enumerate(alphabet):
        rows[ord(base)] = np.eye(4, dtype=np.float32)[row]
    encoded = np.empty((len(sequences), 4, length), dtype=np.float32)
    for index, sequence in enumerate(sequences):
        letters = sequence.translate(_TO_UPPER)
        _check_letters(letters, f"sequence {index + 1}")
        codes = np.frombuffer(centred(letters, length).encode("ascii"), dtype=np.uint8)
        encoded[index] = rows[codes].T
    return encoded


def centred(sequence: str, length: int) -> str:
    """Crop or pad a sequence around its middle."""
    surplus = len(sequence) - length
    if surplus >= 0:
        return sequence[surplus // 2 : surplus // 2 + length]
    left = -surplus // 2
    return "N" * left + sequence + "N" * (-surplus - left)


def random_sequences(generator: np.random.Generator, n: int, length: int) -> NDArray[np.float32]:
    """Draw sequences with all bases equally likely.

    Returns
    -------
    float32 array (n, 4, length)
        One-hot; the order of the rows makes no difference.
    """
    bases = generator.integers(4, size=(n, length))
    return np.ascontiguousarray(np.eye(4, dtype=np.float32)[bases].transpose(0, 2, 1))


def dinucleotide_shuffle(sequence: str, generator: np.random.Generator) -> str:
    """Shuffle a sequence so that it keeps the count of every pair of neighbours.

    Every such sequence is equally likely; the first and the last letter stay.

    *Source:* Altschul and Erickson 1985: a random Eulerian walk over the graph of letters.
    """
    if len(sequence) < 3:
        return sequence
    successors: dict[str, list[str]] = {}
    for letter, following in zip(sequence, sequence[1:], strict=False):
        successors.setdefault(letter, []).append(following)
    exits = _last_exits(successors, sequence[-1], generator)
    for letter, following in successors.items():
        if letter in exits:
            following.remove(exits[letter])
        order = generator.permutation(len(following))
        shuffled = [following[place] for place in order]
        successors[letter] = shuffled + ([exits[letter]] if letter in exits else [])
    walk = [sequence[0]]
    waiting = {letter: iter(following) for letter, following in successors.items()}
    for _ in range(len(sequence) - 1):
        walk.append(next(waiting[walk[-1]]))
    return "".join(walk)


def dinucleotide_shuffles(sequences: Iterable[str], generator: np.random.Generator) -> list[str]:
    """Shuffle many sequences, each by itself, see `dinucleotide_shuffle`."""
    return [dinucleotide_shuffle(sequence, generator) for sequence in sequences]


def _last_exits(
    successors: dict[str, list[str]], end: str, generator: np.random.Generator
) -> dict[str, str]:
    """Draw for each letter the neighbour it is left to for the last time.

    The exits form a random tree into the last letter, so that the walk cannot get stuck; Wilson's
    loop-erased walks draw it, quick also where long runs of one letter are hard to leave.
    """
    tree = {end}
    exits: dict[str, str] = {}
    for start in successors:
        letter = start
        while letter not in tree:
            following = successors[letter]
            exits[letter] = following[generator.integers(len(following))]
            letter = exits[letter]
        letter = start
        while letter not in tree:
            tree.add(letter)
            letter = exits[letter]
    return exits


def open_text(path: Path) -> TextIO:
    """Open a text file, unpacked on the way if need be; a byte order mark is left out."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    if zipped:
        return gzip.open(path, "rt", encoding="utf-8-sig")  # type: ignore[return-value]
    return path.open(encoding="utf-8-sig")


def _from_the_first_name(lines: Iterable[str], path: Path) -> Iterator[str]:
    """Give out the lines of a file; refuse one before the first name, which would be lost."""
    begun = False
    for line in lines:
        begun = begun or line.startswith(">")
        if "\0" in line and not begun:
            raise SequenceError(f"{path} is not a text file of sequences.", "Give FASTA.")
        if not begun and line.strip() and not line.startswith(";"):
            shown = ascii(line.strip()[:20])
            raise SequenceError(
                f"{path} begins with {shown}, not with the name of a sequence.",
                "A FASTA record is a line '>name' and its letters.",
            )
        yield line


def _counted(handle: TextIO, path: Path, most: int) -> Iterator[str]:
    """Give out the lines of a file, long ones in pieces, until there are too many characters."""
    n = n_here = 0
    while line := handle.readline(_PIECE):
        n += len(line)
        n_here = 0 if line.startswith(">") else n_here + len(line)
        if n > most:
            raise SequenceError(
                f"{path} holds more than {most // 2**20} million characters of sequences.",
                "Take a part of them: some thousand are enough.",
            )
        if n_here > _LONGEST:
            raise SequenceError(
                f"{path} holds a sequence of more than 10 million letters.",
                "Cut it into the regions that the network reads.",
            )
        yield line


def _checked(title: str, letters: str, path: Path, seen: set[str]) -> tuple[str, str]:
    """Return identifier and sequence of a record that is in order."""
    identifier = title.split(maxsplit=1)[0] if title.strip() else ""
    if not identifier:
        raise SequenceError(
            f"Record {len(seen) + 1} of {path} has no name.", "Write it behind the '>'."
        )
    if identifier in seen:
        raise SequenceError(
            f"The identifier '{identifier}' appears twice in {path}.", "Give each its own."
        )
    if not letters:
        raise SequenceError(
            f"The sequence '{identifier}' in {path} is empty.", "Give it letters, or leave it out."
        )
    seen.add(identifier)
    sequence = letters.translate(_TO_UPPER)
    _check_letters(sequence, f"'{identifier}'")
    return identifier, sequence


def _check_limits(identifier: str, n: int, path: Path) -> None:
    """Refuse a name that is too long, and too many of them."""
    if len(identifier) > _LONGEST_NAME:
        raise SequenceError(
            f"The name of record {n} of {path} has {len(identifier):,} letters.",
            f"At most {_LONGEST_NAME} are taken; a space ends the name.",
        )
    if n > _MOST:
        raise SequenceError(
            f"{path} holds more than {_MOST:,} sequences.",
            "Take a part of them: some thousand are enough.",
        )


def _check_letters(sequence: str, name: str) -> None:
    """Refuse letters other than A, C, G, T and N."""
    strange = set(sequence) - set(_LETTERS)
    if strange:
        letter = min(strange, key=sequence.index)
        raise SequenceError(
            f"The sequence {name} holds {letter!r} at position {sequence.index(letter) + 1}.",
            "Only A, C, G, T, U and N are understood; write N for any other.",
        )
