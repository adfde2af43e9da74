"""The network that a question is about, by its hash, read for a worker."""

from pathlib import Path

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.graph import Network, network_hash
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.runs.models import ModelStore


def asked_network(state: Path, model: str, wanted: str) -> Network:
    """Return a stored network.

    Raises
    ------
    ModelNotFound
        When it is not there any more.
    ModelFileError
        When it is another one than the question is about.
    """
    network = load_network(ModelStore(state / "models").open(model).folder)
    if network_hash(network) != wanted:
        raise ModelFileError("The stored network is not the one that the question is about.")
    return network
