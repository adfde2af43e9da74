"""The demo networks among the models of a state folder, so that a run can be started at once."""

import json
from pathlib import Path

from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.models import ModelStore

_NETWORKS = Path(__file__).parent / "networks"


def provide_demos(models: ModelStore, inputs: InputStore) -> None:
    """Copy the shipped networks, sequences and labels that were not there before.

    A demo that a user has deleted stays deleted while it is in the bin.

    Raises
    ------
    OSError
        When the state folder cannot be written.
    """
    for folder in sorted(_NETWORKS.iterdir()):
        title = json.loads((folder / "training.json").read_text())["title"]
        model = models.provide(folder, title)
        if model:
            names = model.card["classes"]
            inputs.add_sequences(folder / "sequences.fa.gz", f"{title}, sequences")
            inputs.add_labels(folder / "labels.tsv", f"{title}, labels", names, range(len(names)))


def shipped_network(network_hash: str) -> Path | None:
    """Return the folder of the shipped network of this hash, None when it is not one of them."""
    for folder in sorted(_NETWORKS.iterdir()):
        if json.loads((folder / "card.json").read_text())["hash"] == network_hash:
            return folder
    return None
