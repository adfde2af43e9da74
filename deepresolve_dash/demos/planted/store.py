"""The trained networks of the benchmark in a folder: trained when they are not there."""

import gzip
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from deepresolve_dash.demos.panel_train import PanelRecipe
from deepresolve_dash.demos.planted.sequences import draw_planted
from deepresolve_dash.demos.planted.train import CUT, Form, planted_recipe, train_planted
from deepresolve_dash.demos.planted.truth import planted_response, planted_truth
from deepresolve_dash.demos.ship import identifier
from deepresolve_dash.demos.synthetic import decode
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.neutral import load_network, save_network

N_SEQUENCES = 1500
SEQUENCES, RECORD, TRUTH = "sequences.fa.gz", "training.json", "truth.json"
_SHIPPED, _PROBES = 2, 3  # streams of sequences of one seed, beside those of training and test


@dataclass(frozen=True)
class PlantedNetwork:
    """A trained network and what is known of it.

    Attributes
    ----------
    folder : Path
    network : Network
    record : dict
        As `train_planted` returns it.
    truth : dict
        As `planted_truth` returns it.
    """

    folder: Path
    network: Network
    record: dict
    truth: dict

    @property
    def title(self) -> str:
        """Form and seed."""
        return f"{self.record['form']} {self.record['recipe']['seed']}"


def provide_network(
    form: Form,
    seed: int,
    folder: Path,
    *,
    recipe: PanelRecipe | None = None,
    progress: Callable[[float], None] | None = None,
) -> PlantedNetwork:
    """Read a network of the benchmark, or train it and write it when it is not there.

    Writes the network in neutral form, `training.json`, `truth.json` and `sequences.fa.gz`, 1,500
    sequences with motifs. A network of another recipe or grammar is trained again.

    Parameters
    ----------
    form : {"one", "two"}
    seed : int
    folder : Path
        Folder of all networks; each has its own inside.
    recipe : PanelRecipe, optional
        Another recipe than the benchmark's.
    progress : callable (float), optional
        Told the share of the training done.
    """
    place = folder / f"{form}-{seed}"
    recipe = recipe or planted_recipe(seed)
    known = _read(place, recipe)
    if known:
        return known
    network, record = train_planted(form, recipe, progress=progress)
    head = cut(network, CUT[form]).head
    truth = planted_truth(planted_response(head, np.random.default_rng([seed, _PROBES])))
    save_network(network, place)
    (place / SEQUENCES).write_bytes(gzip.compress(_fasta(seed).encode(), mtime=0))
    (place / TRUTH).write_text(json.dumps(truth, indent=1) + "\n")
    (place / RECORD).write_text(json.dumps(record, indent=1) + "\n")  # last: the folder is whole
    return PlantedNetwork(place, network, record, json.loads(json.dumps(truth)))


def _read(place: Path, recipe: PanelRecipe) -> PlantedNetwork | None:
    """Return the network in a folder, None when there is none of this recipe and grammar."""
    try:
        record = json.loads((place / RECORD).read_text())
        truth = json.loads((place / TRUTH).read_text())
    except (OSError, ValueError):
        return None
    no_channels = json.loads(json.dumps(planted_truth(np.zeros((0, 2)))))
    if record.get("recipe") != asdict(recipe) or truth | {"channels": [], "response": []} != (
        no_channels
    ):
        return None
    return PlantedNetwork(place, load_network(place), record, truth)


def _fasta(seed: int) -> str:
    """Return sequences with motifs in FASTA."""
    planted = draw_planted(np.random.default_rng([seed, _SHIPPED]), N_SEQUENCES)
    return "".join(
        f">{identifier(row)}\n{decode(sequence)}\n"
        for row, sequence in enumerate(planted.sequences)
    )
