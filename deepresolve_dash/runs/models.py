"""The networks in a state folder: take in, list, correct, delete. Torch-free."""

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError, ModelFileError
from deepresolve_dash.networks.intake import Corrections, take_in

ID_LENGTH = 16
_CARD, _ABOUT, _BIN = "card.json", "about.json", ".bin"


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
        What `card` says, and the whole hash.
    folder : Path
    """

    id: str
    name: str
    card: dict
    folder: Path


class ModelStore:
    """Folders `models/ID` with `net.json`, `net.safetensors`, `card.json` and `about.json`."""

    def __init__(self, folder: Path) -> None:
        """Keep models below `folder`, which is made when the first one comes."""
        self.folder = Path(folder)

    def models(self) -> list[Model]:
        """Return all models, by name."""
        folders = self.folder.glob(f"*/{_CARD}")
        return sorted((_open(path.parent) for path in folders), key=lambda m: m.name.lower())

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
        corrections: Corrections | None = None,
    ) -> Model:
        """Take in a model file; the same network is kept once, under the name given last.

        Raises
        ------
        ModelFileError
            When it is refused; nothing that was there before is lost.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix=".intake-", dir=self.folder) as made:
            half = Path(made) / "model"
            half.mkdir()
            card = take_in(path, half, architecture=architecture, corrections=corrections)
            folder = self.folder / card["hash"][:ID_LENGTH]
            (half / _ABOUT).write_text(json.dumps({"name": name}))
            if folder.exists():
                os.replace(half / _ABOUT, folder / _ABOUT)
            else:
                os.replace(half, folder)
        return _open(folder)

    def correct(self, model_id: str, corrections: Corrections) -> Model:
        """Return the corrected network, which is another model beside the first."""
        model = self.open(model_id)
        return self.add(model.folder, model.name, corrections=corrections)

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
        (model.folder / _ABOUT).write_text(json.dumps({"name": name.strip()}))
        return self.open(model_id)

    def delete(self, model_id: str) -> None:
        """Move a model to the bin, where `restore` finds it."""
        model = self.open(model_id)
        thrown = self.folder / _BIN / model_id
        thrown.parent.mkdir(exist_ok=True)
        shutil.rmtree(thrown, ignore_errors=True)
        os.replace(model.folder, thrown)

    def restore(self, model_id: str) -> Model:
        """Take a model back out of the bin."""
        thrown = self.folder / _BIN / model_id
        if not model_id.isalnum() or not thrown.is_dir():
            raise ModelNotFound(f"There is no model '{model_id}' in the bin.")
        os.replace(thrown, self.folder / model_id)
        return self.open(model_id)


def _open(folder: Path) -> Model:
    card = json.loads((folder / _CARD).read_text())
    name = json.loads((folder / _ABOUT).read_text())["name"]
    return Model(folder.name, name, card, folder)
