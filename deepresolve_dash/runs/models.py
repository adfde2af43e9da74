"""The networks in a state folder: take in, list, correct, delete. Torch-free."""

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError, ModelFileError
from deepresolve_dash.networks.intake import Corrections, take_in
from deepresolve_dash.runs.class_table import ClassRow, format_table
from deepresolve_dash.runs.model_folder import (
    ABOUT,
    CARD,
    GRAPH,
    METADATA,
    Model,
    now,
    open_folder,
    read_about,
    readable,
    renew,
    tell_again,
)
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.whole_file import write_whole

ID_LENGTH = 16
_BIN = ".bin"
_PARTS = GRAPH, "net.safetensors", CARD, METADATA


class ModelNotFound(DeepResolveError):
    """No model has this id."""


class ModelStore:
    """Folders `models/ID` with `net.json`, `net.safetensors`, `card.json` and `about.json`."""

    def __init__(self, folder: Path) -> None:
        """Keep models below `folder`, which is made when the first one comes."""
        self.folder = Path(folder)
        self._changing = threading.Lock()

    def models(self) -> list[Model]:
        """Return all models that can be read, by name."""
        folders = (path.parent for path in self.folder.glob(f"[!.]*/{CARD}"))
        return sorted(readable(folders, open_folder), key=lambda m: m.name.lower())

    def names(self) -> dict[str, str]:
        """Return what each model is called, by id, without reading their cards."""
        folders = (path.parent for path in self.folder.glob(f"[!.]*/{ABOUT}"))
        return dict(readable(folders, lambda folder: (folder.name, read_about(folder)["name"])))

    def open(self, model_id: str) -> Model:
        """Return the model of this id.

        Raises
        ------
        ModelNotFound
            When there is none.
        """
        folder = self.folder / model_id[:ID_LENGTH]
        whole = model_id.isalnum() and all((folder / part).is_file() for part in (CARD, ABOUT))
        if not whole or model_id != folder.name or folder.is_symlink():
            raise ModelNotFound(
                f"There is no model '{model_id}' here.", "The models page lists those there are."
            )
        return open_folder(folder)

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
        told from which files it comes this time, everything that is known of it. Its card is made
        anew when it was made by an earlier version of the program.

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
            about = {"name": name, "added": now(), "files": list(files)}
            (half / ABOUT).write_text(json.dumps(about))
            if folder.exists():
                renew(folder, half, card)
                tell_again(folder, about if corrections is None else about | {"files": []})
            else:
                os.replace(half, folder)
        return open_folder(folder)

    def provide(self, folder: Path, name: str) -> Model | None:
        """Copy a model of our own, card included, unless it is here or in the bin.

        A card that an earlier version of the program made is replaced.

        Returns
        -------
        Model or None
            The model when it is new here.
        """
        card = json.loads((folder / CARD).read_text())
        model_id = card["hash"][:ID_LENGTH]
        if (self.folder / model_id).exists():
            renew(self.folder / model_id, folder, card)
            return None
        if (self.folder / _BIN / model_id).exists():
            return None
        make_private(self.folder)
        with tempfile.TemporaryDirectory(prefix=".intake-", dir=self.folder) as made:
            half = Path(made) / "model"
            half.mkdir()
            for part in _PARTS:
                if (folder / part).is_file():
                    shutil.copy(folder / part, half / part)
            (half / ABOUT).write_text(json.dumps({"name": name, "added": now(), "files": []}))
            with suppress(OSError):  # another process was faster
                os.replace(half, self.folder / model_id)
        return self.open(model_id)

    def correct(self, model_id: str, corrections: Corrections) -> Model:
        """Return the corrected network, which is another model beside the first.

        Raises
        ------
        ModelFileError
            When a correction does not fit the network, or changes nothing.
        """
        model = self.open(model_id)
        name = f"{model.name} ({', '.join(_marks(corrections))})"
        made = self.add(model.folder, name, corrections=corrections, files=model.files)
        if made.id == model.id:
            raise ModelFileError("The model is read so already.", "Choose something else.")
        told = model.folder / METADATA
        if told.is_file() and not corrections.class_names and not (made.folder / METADATA).exists():
            write_whole(made.folder / METADATA, told.read_bytes())
        return self.open(made.id)

    def describe_again(self, model_id: str) -> Model:
        """Make the card of a model anew, when an earlier version of the program made it."""
        model = self.open(model_id)
        return self.add(model.folder, model.name)

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
        write_whole(model.folder / ABOUT, json.dumps(about).encode())
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
        if not model_id.isalnum() or not (thrown / CARD).is_file():
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


def _marks(corrections: Corrections) -> list[str]:
    """Return what a corrected network is told apart by."""
    marks = ["flipped"] if corrections.flip_kernels else []
    marks += [corrections.alphabet] if corrections.alphabet else []
    chosen = {**corrections.held, **corrections.positions}
    marks += [f"{name[:40]}: {' '.join(text.split())[:40]}" for name, text in chosen.items()]
    return marks or ["corrected"]
