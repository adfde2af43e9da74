"""The networks in a state folder: take in, list, correct, delete. Torch-free."""

import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from deepresolve_dash.errors import DeepResolveError, ModelFileError
from deepresolve_dash.networks.intake import Corrections, take_in
from deepresolve_dash.runs.class_table import ClassRow, format_table, from_names, kept_table
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.whole_file import write_whole

ID_LENGTH = 16
METADATA = "metadata.tsv"  # beside the card once a user has told something about the classes
_CARD, _ABOUT, _BIN = "card.json", "about.json", ".bin"
_DAMAGED = OSError, ValueError, KeyError, TypeError, AttributeError, DeepResolveError
T = TypeVar("T")
_log = logging.getLogger(__name__)
_PARTS = "net.json", "net.safetensors", _CARD, METADATA


class ModelNotFound(DeepResolveError):
    """No model has this id."""


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


class ModelStore:
    """Folders `models/ID` with `net.json`, `net.safetensors`, `card.json` and `about.json`."""

    def __init__(self, folder: Path) -> None:
        """Keep models below `folder`, which is made when the first one comes."""
        self.folder = Path(folder)
        self._changing = threading.Lock()

    def models(self) -> list[Model]:
        """Return all models that can be read, by name."""
        folders = (path.parent for path in self.folder.glob(f"[!.]*/{_CARD}"))
        return sorted(_readable(folders, _open), key=lambda m: m.name.lower())

    def names(self) -> dict[str, str]:
        """Return what each model is called, by id, without reading their cards."""
        folders = (path.parent for path in self.folder.glob(f"[!.]*/{_ABOUT}"))
        return dict(_readable(folders, lambda folder: (folder.name, _about(folder)["name"])))

    def open(self, model_id: str) -> Model:
        """Return the model of this id.

        Raises
        ------
        ModelNotFound
            When there is none.
        """
        folder = self.folder / model_id
        if not model_id.isalnum() or not (folder / _CARD).is_file():
            raise ModelNotFound(
                f"There is no model '{model_id}' here.", "The models page lists those there are."
            )
        return _open(folder)

    def add(
        self,
        path: Path,
        name: str,
        *,
        architecture: Path | None = None,
        length: int | None = None,
        corrections: Corrections | None = None,
        files: Sequence[dict] = (),
    ) -> Model:
        """Take in a model file; the same network is kept once.

        *Choice:* a network that is here keeps the name that a user gave it, and, when it is not
        told from which files it comes this time, everything that is known of it.

        Raises
        ------
        ModelFileError
            When it is refused; nothing that was there before is lost.
        """
        make_private(self.folder)
        with tempfile.TemporaryDirectory(prefix=".intake-", dir=self.folder) as made:
            half = Path(made) / "model"
            half.mkdir()
            card = take_in(
                path, half, architecture=architecture, length=length, corrections=corrections
            )
            folder = self.folder / card["hash"][:ID_LENGTH]
            about = {"name": name, "added": _now(), "files": list(files)}
            (half / _ABOUT).write_text(json.dumps(about))
            if folder.exists():
                _tell_again(folder, about)
            else:
                os.replace(half, folder)
        return _open(folder)

    def provide(self, folder: Path, name: str) -> Model | None:
        """Copy a model of our own, card included, unless it is here or in the bin.

        Returns
        -------
        Model or None
            The model when it is new here.
        """
        model_id = json.loads((folder / _CARD).read_text())["hash"][:ID_LENGTH]
        if (self.folder / model_id).exists() or (self.folder / _BIN / model_id).exists():
            return None
        make_private(self.folder)
        with tempfile.TemporaryDirectory(prefix=".intake-", dir=self.folder) as made:
            half = Path(made) / "model"
            half.mkdir()
            for part in _PARTS:
                if (folder / part).is_file():
                    shutil.copy(folder / part, half / part)
            (half / _ABOUT).write_text(json.dumps({"name": name, "added": _now(), "files": []}))
            with suppress(OSError):  # another process was faster
                os.replace(half, self.folder / model_id)
        return self.open(model_id)

    def correct(self, model_id: str, corrections: Corrections) -> Model:
        """Return the corrected network, which is another model beside the first."""
        model = self.open(model_id)
        name = f"{model.name} ({', '.join(_marks(corrections))})"
        made = self.add(model.folder, name, corrections=corrections, files=model.files)
        told = model.folder / METADATA
        if told.is_file() and not corrections.class_names and not (made.folder / METADATA).exists():
            write_whole(made.folder / METADATA, told.read_bytes())
        return self.open(made.id)

    def rename(self, model_id: str, name: str) -> Model:
        """Change what a model is called.

        Raises
        ------
        ModelFileError
            When the name is empty.
        """
        if not name.strip():
            raise ModelFileError("A model needs a name.")
        model = self.open(model_id)
        about = {"name": name.strip(), "added": model.added, "files": list(model.files)}
        about |= {"renamed": True}
        write_whole(model.folder / _ABOUT, json.dumps(about).encode())
        return self.open(model_id)

    def describe_classes(self, model_id: str, classes: Sequence[ClassRow]) -> Model:
        """Keep what the user says of the classes, beside the network; its hash stays."""
        return self.change_classes(model_id, lambda _: classes)

    def change_classes(
        self, model_id: str, change: Callable[[Sequence[ClassRow]], Sequence[ClassRow]]
    ) -> Model:
        """Keep what becomes of the classes; of two changes at once the second sees the first."""
        with self._changing:
            model = self.open(model_id)
            table = format_table(change(model.classes))
            write_whole(model.folder / METADATA, table.encode("utf-8"))
            return self.open(model_id)

    def delete(self, model_id: str) -> None:
        """Move a model to the bin, where `restore` finds it for a week."""
        model = self.open(model_id)
        thrown = self.folder / _BIN / model_id
        thrown.parent.mkdir(exist_ok=True)
        shutil.rmtree(thrown, ignore_errors=True)
        os.replace(model.folder, thrown)
        os.utime(thrown)

    def restore(self, model_id: str) -> Model:
        """Take a model back out of the bin; one that was added again meanwhile stays.

        Raises
        ------
        ModelNotFound
            When it is not in the bin.
        """
        thrown = self.folder / _BIN / model_id
        if not model_id.isalnum() or not (thrown / _CARD).is_file():
            raise ModelNotFound(f"There is no model '{model_id}' in the bin.")
        if (self.folder / model_id).exists():
            shutil.rmtree(thrown, ignore_errors=True)
        else:
            os.replace(thrown, self.folder / model_id)
        return self.open(model_id)

    def empty_bin(self, before: float) -> None:
        """Remove what was deleted before a time, epoch seconds.

        An empty folder stays, so that a demo that was deleted does not come back.
        """
        for thrown in (self.folder / _BIN).glob("*"):
            with suppress(FileNotFoundError):
                if thrown.stat().st_mtime < before and any(thrown.iterdir()):
                    shutil.rmtree(thrown)
                    thrown.mkdir(mode=0o700)


def _open(folder: Path) -> Model:
    card = json.loads((folder / _CARD).read_text())
    about = _about(folder)
    classes = from_names(card["classes"])
    if (folder / METADATA).is_file():
        classes = kept_table((folder / METADATA).read_text("utf-8", "replace"), classes)
    card["classes"] = [row.name for row in classes]
    added = about.get("added") or _iso((folder / _CARD).stat().st_mtime)
    files = tuple(about.get("files", ()))
    return Model(folder.name, about["name"], card, folder, classes, added, files)


def _readable(folders: Iterable[Path], read: Callable[[Path], T]) -> Iterator[T]:
    """Yield what is read of each model; one that is damaged is passed over, and said in the log."""
    for folder in folders:
        try:
            yield read(folder)
        except _DAMAGED as error:
            _log.warning("The model in %s cannot be read: %r", folder, error)


def _tell_again(folder: Path, about: dict) -> None:
    """Write what is told of a model that is here already."""
    try:
        known = _about(folder)
    except (OSError, ValueError):
        known = {}
    if known and not about["files"]:
        return
    if known.get("renamed"):
        about |= {"name": known["name"], "renamed": True}
    write_whole(folder / _ABOUT, json.dumps(about).encode())


def _about(folder: Path) -> dict:
    return json.loads((folder / _ABOUT).read_text())


def _marks(corrections: Corrections) -> list[str]:
    """Return what a corrected network is told apart by."""
    marks = ["flipped"] if corrections.flip_kernels else []
    return [*marks, *([corrections.alphabet] if corrections.alphabet else [])] or ["corrected"]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
