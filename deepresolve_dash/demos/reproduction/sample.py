"""The published models of transcription factors with what was published about them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import ModelFileError, SettingsError

PUBLISHED, FACTORS = "published.tsv", "factors.tsv"


@dataclass(frozen=True)
class Published:
    """One model and what was published about it.

    Attributes
    ----------
    experiment : str
        Name of the experiment and of the model's folder.
    folder : Path
    factor : str
        The transcription factor.
    motif_id : str
        Its motif in JASPAR 2016.
    n_components : int
        Components of the mixture.
    ofiv, inconsistency : float64 arrays (channel,)
        Feature-map units, and the same squared.
    """

    experiment: str
    folder: Path
    factor: str
    motif_id: str
    n_components: int
    ofiv: NDArray[np.float64]
    inconsistency: NDArray[np.float64]


def read_sample(folder: Path) -> list[Published]:
    """Read the tables that stand beside a folder's models, and find the models.

    Parameters
    ----------
    folder : Path
        Holds `published.tsv` (experiment, n_components, channel, ofiv, inconsistency),
        `factors.tsv` (experiment, factor, jaspar_2016_id) and a folder for each experiment.

    Returns
    -------
    list of Published, in the order of `factors.tsv`

    Raises
    ------
    SettingsError
        When a table or a model is missing.
    ModelFileError
        When a table lacks a column, an experiment, or holds something other than numbers.
    """
    for path in (folder / PUBLISHED, folder / FACTORS):
        if not path.is_file():
            raise SettingsError(
                f"{path} is missing.",
                f"Give a folder with {PUBLISHED}, {FACTORS} and the models' folders.",
            )
    try:
        channels: dict[str, list[dict]] = {}
        for row in _read_table(folder / PUBLISHED):
            channels.setdefault(row["experiment"], []).append(row)
        sample = [
            _published(folder, row, channels[row["experiment"]])
            for row in _read_table(folder / FACTORS)
        ]
    except (KeyError, ValueError) as error:
        raise ModelFileError(
            f"{PUBLISHED} and {FACTORS} in {folder} do not fit: {error} is wrong in them."
        ) from None
    missing = [one.experiment for one in sample if not one.folder.is_dir()]
    if missing or not sample:
        raise SettingsError(
            f"{folder} has no model {', '.join(missing[:5])}.", "Give the folder of all models."
        )
    return sample


def _read_table(path: Path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _published(folder: Path, factor: dict, channels: list[dict]) -> Published:
    ordered = sorted(channels, key=lambda row: int(row["channel"]))
    return Published(
        experiment=factor["experiment"],
        folder=folder / factor["experiment"],
        factor=factor["factor"],
        motif_id=factor["jaspar_2016_id"],
        n_components=int(ordered[0]["n_components"]),
        ofiv=np.array([float(row["ofiv"]) for row in ordered]),
        inconsistency=np.array([float(row["inconsistency"]) for row in ordered]),
    )
