"""A note or a star: what it is about, what it says, and what is allowed in one."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.story import LONGEST as STORY_LONGEST
from deepresolve_dash.runs.story import is_own_address

Kind = Literal["class", "channel", "pair", "view"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = 2000  # characters of a text
_LONGEST_ADDRESS = STORY_LONGEST["address"]


@dataclass(frozen=True)
class Thing:
    """What of a run a note is about.

    Attributes
    ----------
    kind : {"class", "channel", "pair", "view"}
    name : str
        Index of a class or channel; two indices of classes, the smaller first, such as `3,17`; the
        address of a view.
    """

    kind: Kind
    name: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """Indices of the classes or of the channel; none of a view."""
        return () if self.kind == "view" else tuple(map(int, self.name.split(",")))


@dataclass(frozen=True)
class Note:
    """A note, or a star.

    Attributes
    ----------
    id : str
        Hexadecimal.
    run : str
    thing : Thing
    text : str
        Empty for a star.
    writer : str
    written, changed : float
        Epoch seconds.
    revision : int
        Grows with every change.
    address : str
        View in which it was written; may be empty.
    """

    id: str
    run: str
    thing: Thing
    text: str
    writer: str
    written: float
    changed: float
    revision: int = 1
    address: str = ""

    @property
    def is_star(self) -> bool:
        """Whether it only marks a thing."""
        return not self.text


def read_thing(run_id: str, kind: object, name: object) -> Thing:
    """Return what a note is about, from plain JSON values.

    Raises
    ------
    SettingsError
        When there cannot be such a thing in a run; whether there is one is not asked here.
    """
    text = str(name)
    if kind == "view":
        return Thing("view", checked_address(run_id, text))
    if kind in ("class", "channel") and re.fullmatch(r"[0-9]{1,9}", text):
        return Thing(kind, str(int(text)))
    if kind == "pair" and re.fullmatch(r"[0-9]{1,9},[0-9]{1,9}", text):
        first, second = sorted(map(int, text.split(",")))
        if first != second:
            return Thing("pair", f"{first},{second}")
    raise SettingsError(
        "A note must be about something of this run.",
        "A class, a channel, two classes, or a view of them.",
    )


def checked_address(run_id: str, address: str) -> str:
    """Return the address of a view of a run.

    Raises
    ------
    SettingsError
        When it is none.
    """
    of_run = re.search(rf"[/=,]{re.escape(run_id)}(?![0-9A-Za-z_-])", address)
    if not is_own_address(address) or not of_run or len(address) > _LONGEST_ADDRESS:
        raise SettingsError(
            "This is no view of this run.",
            f"Its address begins with one '/' and has at most {_LONGEST_ADDRESS} characters.",
        )
    return address


def checked_text(text: object) -> str:
    """Return the text of a note as it is kept: its lines, of characters that can be written.

    Raises
    ------
    SettingsError
        When it says nothing, or too much.
    """
    written = (
        str(text).encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    )
    plain = "".join(one if one == "\n" or one.isprintable() else " " for one in written)
    lines = "\n".join(line.rstrip() for line in plain.split("\n")).strip()
    if not lines:
        raise SettingsError("The note is empty.", "Write something, or set a star.")
    if len(lines) > LONGEST:
        raise SettingsError(
            f"The note has {len(lines):,} characters; at most {LONGEST:,} are kept.", "Shorten it."
        )
    return lines
