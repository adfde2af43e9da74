"""Networks, sequences and labels of a run, wherever they are: named, in the state, or shipped."""

from contextlib import suppress
from pathlib import Path

from deepresolve_dash.demos.provide import shipped_network
from deepresolve_dash.errors import ModelFileError, SequenceError
from deepresolve_dash.networks.graph import Network, network_hash
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.inputs import InputNotFound, InputStore, labels_hash, sequences_hash
from deepresolve_dash.runs.models import ID_LENGTH, ModelNotFound, ModelStore
from deepresolve_dash.runs.store import Run


def find_network(run: Run, model: Path | None, state: Path) -> Network:
    """Return the network of a run: the given one, or what the state folder or the demos hold.

    Raises
    ------
    ModelFileError
        When it is not there, or another one than the run's.
    """
    wanted = run.info["spec"]["network"]
    if model is None:
        shipped = shipped_network(wanted)
        try:
            folder = shipped or ModelStore(state / "models").open(wanted[:ID_LENGTH]).folder
        except ModelNotFound:
            raise ModelFileError(
                "The network of this run is not in the state folder.", "Name it with --model."
            ) from None
        network = load_network(folder)
    else:
        network = read_network(model)
    if network_hash(network) != wanted:
        raise ModelFileError(
            f"{model or 'The stored network'} is not the network of this run.",
            "Name the one that it was computed from with --model.",
        )
    return network


def find_sequences(
    wanted: str, network: Network, state: Path, *, why: str = ""
) -> list[tuple[str, str]]:
    """Return a sequence set by its hash, from the state folder or the demos.

    Raises
    ------
    SequenceError
        When it is in neither; `why` says what it is needed for.
    """
    store, shipped = InputStore(state), shipped_network(network_hash(network))
    with suppress(InputNotFound):
        return read_fasta(store.path(store.open(wanted)))
    if shipped is not None:
        reads = read_fasta(shipped / "sequences.fa.gz")
        if sequences_hash(reads) == wanted:
            return reads
    raise SequenceError(
        "The sequences of this run are not in the state folder.",
        f"Name the file with --sequences. {why}".strip(),
    )


def find_labels(wanted: str, network: Network, state: Path) -> Path | None:
    """Return a label file by its hash, from the state folder or the demos; None in neither."""
    store, shipped = InputStore(state), shipped_network(network_hash(network))
    with suppress(InputNotFound):
        return store.path(store.open(wanted))
    if shipped is None:
        return None
    path = shipped / "labels.tsv"
    return path if labels_hash(path.read_text(encoding="utf-8")) == wanted else None
