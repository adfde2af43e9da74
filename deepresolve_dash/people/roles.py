"""Roles, and what is needed for a request: four steps, each of which holds those below it."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Role = Literal["viewer", "member", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "member", "admin")


class Need(IntEnum):
    """What a request needs.

    Attributes
    ----------
    NOTHING
        The log-in page and the program's own scripts.
    LOOK
        What a link to a run shows, when it is that run.
    SEE
        Everything that can be seen.
    CHANGE
        Start runs, send files, and change what is one's own.
    ADMINISTER
        Change what belongs to others, and who may come in.
    """

    NOTHING = 0
    LOOK = 1
    SEE = 2
    CHANGE = 3
    ADMINISTER = 4


_MAY = {
    "link": Need.LOOK,
    "viewer": Need.SEE,
    "member": Need.CHANGE,
    "admin": Need.ADMINISTER,
}


@dataclass(frozen=True)
class Person:
    """Whoever sends a request.

    Attributes
    ----------
    name : str
        As the queue and the record call them.
    role : {"link", "viewer", "member", "admin"}
    runs : frozenset of str
        Runs that a link shows; the others see all.
    story : str
        Story that a link shows; may be empty.
    way : {"open", "token", "user", "header", "link"}
        How they came in.
    """

    name: str
    role: str
    runs: frozenset[str] = frozenset()
    story: str = ""
    way: str = "open"

    @property
    def is_guest(self) -> bool:
        """Whether a link let them in."""
        return self.role == "link"

    def may(self, need: Need) -> bool:
        """Tell whether the role is enough."""
        return _MAY[self.role] >= need

    def sees(self, run: str) -> bool:
        """Tell whether a run is shown to them."""
        return not self.is_guest or run in self.runs

    def sees_story(self, story: str) -> bool:
        """Tell whether a story is shown to them."""
        return not self.is_guest or story == self.story
