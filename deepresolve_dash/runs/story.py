"""A story: saved views in an order, each with a caption; and what is allowed in one."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from deepresolve_dash.errors import SettingsError

MOST_STEPS = 100
LONGEST = {"title": 120, "caption": 500, "address": 2000, "panel": 40}
"""Characters."""


@dataclass(frozen=True)
class Step:
    """One view of a story.

    Attributes
    ----------
    address : str
        Path and query of a page of this server.
    caption : str
        What to see there; may be empty.
    panel : str
        Panel that fills the screen; empty for the whole page.
    """

    address: str
    caption: str = ""
    panel: str = ""


@dataclass(frozen=True)
class Story:
    """Saved views in an order.

    Attributes
    ----------
    id : str
        Letters, digits and hyphens; the name of its file.
    title : str
    steps : tuple of Step
    revision : int
        Grows with every change.
    shipped : bool
        Comes with the program and cannot be changed.
    run : str
        Id of the run that a shipped story is about, else empty.
    changed : str
        ISO 8601.
    """

    id: str
    title: str
    steps: tuple[Step, ...] = ()
    revision: int = 1
    shipped: bool = False
    run: str = ""
    changed: str = ""


def read_steps(values: object) -> list[Step]:
    """Return steps from plain JSON values.

    Raises
    ------
    SettingsError
        When they are not steps.
    """
    names = ("address", "caption", "panel")
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise SettingsError("These are not the steps of a story.", "Load the page again.")
    return [Step(*(str(value.get(name) or "") for name in names)) for value in values]


def checked(title: object, steps: Sequence[Step]) -> tuple[str, tuple[Step, ...]]:
    """Return title and steps as they are kept.

    Raises
    ------
    SettingsError
        When something is missing, too long or not allowed.
    """
    called = _line(str(title))
    if not called:
        raise SettingsError("A story needs a title.")
    _not_longer("title", called)
    if len(steps) > MOST_STEPS:
        raise SettingsError(f"A story has at most {MOST_STEPS} steps.", "Begin another one.")
    return called, tuple(_checked_step(step) for step in steps)


def _checked_step(step: Step) -> Step:
    step = Step(step.address, _line(step.caption), step.panel)
    for name, value in asdict(step).items():
        _not_longer(name, value)
    if not is_own_address(step.address):
        raise SettingsError(
            "A step must be a view of this dashboard.", "Its address begins with one '/'."
        )
    if not re.fullmatch(r"[a-z0-9-]*", step.panel):
        raise SettingsError("There is no panel of this name.")
    return step


def is_own_address(address: str) -> bool:
    """Tell whether an address is path and query of a page here: no scheme, no other server."""
    if not address.startswith("/") or "\\" in address or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not (address.startswith("//") or parts.scheme or parts.netloc or " " in address)


def _line(text: str) -> str:
    """Return a text as one line of characters that can be written."""
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _not_longer(name: str, value: str) -> None:
    if len(value) > LONGEST[name]:
        raise SettingsError(f"The {name} is longer than {LONGEST[name]} characters.", "Shorten it.")


def is_id(story_id: str) -> bool:
    """Tell whether a text can be the id of a story, and so the name of its file."""
    return bool(re.fullmatch(r"[a-z0-9-]{1,40}", story_id))
