"""The folder of one model: what is in it, how it is read, and when it is told anew. Torch-free."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.runs.class_table import ClassRow, from_names, kept_table
from deepresolve_dash.runs.whole_file import write_whole

METADATA = "metadata.tsv"  # beside the card once a user has told something about the classes
CARD, GRAPH, ABOUT = "card.json", "net.json", "about.json"

_DAMAGED = OSError, ValueError, KeyError, TypeError, AttributeError, DeepResolveError
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Model:
    """One network in its neutral form, as the web process knows it.

    Attributes
    ----------
    id : str
        Start of the network's hash; the name of its folder.
    name : str
        What the user calls it.
    card : dict
        What `card` says, and the whole hash; its classes bear the names the user gave them.
    folder : Path
    classes : tuple of ClassRow
        What is known of each class of the first output.
    added : str
        When it was taken in, ISO 8601.
    files : tuple of dict
        `name`, `bytes` and `sha256` of each file it was read from; empty when not known.
    """

    id: str
    name: str
    card: dict
    folder: Path
    classes: tuple[ClassRow, ...] = ()
    added: str = ""
    files: tuple[dict, ...] = ()


def open_folder(folder: Path) -> Model:
    """Return the model of a folder, its classes under the names that a user gave them."""
    card = json.loads((folder / CARD).read_text())
    about = read_about(folder)
    classes = from_names(card["classes"])
    if (folder / METADATA).is_file():
        classes = kept_table((folder / METADATA).read_text("utf-8", "replace"), classes)
    card["classes"] = [row.name for row in classes]
    added = about.get("added") or _iso((folder / CARD).stat().st_mtime)
    files = tuple(about.get("files", ()))
    return Model(folder.name, about["name"], card, folder, classes, added, files)


def readable(folders: Iterable[Path], read: Callable[[Path], T]) -> Iterator[T]:
    """Yield what is read of each model; one that is damaged is passed over, and said in the log."""
    for folder in folders:
        try:
            yield read(folder)
        except _DAMAGED as error:
            _log.warning("The model in %s cannot be read: %r", folder, error)


def renew(folder: Path, other: Path, card: dict) -> None:
    """Take over the card of the same network from another folder, when the one here is older."""
    try:
        here = json.loads((folder / CARD).read_text())
        older = here.get("card_version", 1) < card.get("card_version", 1)
    except (OSError, ValueError, AttributeError, TypeError):  # there is none that can be read
        older = True
    if older:
        for part in (GRAPH, CARD):  # what was noticed when the file was read stands in the graph
            write_whole(folder / part, (other / part).read_bytes())


def tell_again(folder: Path, about: dict) -> None:
    """Write what is told of a model that is here already."""
    try:
        known = read_about(folder)
    except (OSError, ValueError):
        known = {}
    if known and not about["files"]:
        return
    if known.get("renamed"):
        about |= {"name": known["name"], "renamed": True}
    write_whole(folder / ABOUT, json.dumps(about).encode())


def read_about(folder: Path) -> dict:
    """Return what a model is called, and where it came from."""
    return json.loads((folder / ABOUT).read_text())


def now() -> str:
    """Return the time, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _iso(seconds: float) -> str:
    """Return a time that is told in epoch seconds, ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
