"""What a worker is asked for: a spec together with the files that it names by hash."""

from dataclasses import dataclass, replace
from pathlib import Path

from numpy.typing import NDArray

from deepresolve_dash.core.settings import AscentSettings
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.graph import Network, find_output, network_hash
from deepresolve_dash.networks.layers import advised_layer, find_layers
from deepresolve_dash.runs.inputs import labels_hash, read_sequences, sequences_hash
from deepresolve_dash.runs.labels import read_labels
from deepresolve_dash.runs.offer import Offer, make_spec
from deepresolve_dash.runs.spec import RunSpec


@dataclass(frozen=True)
class Job:
    """A run to be made: its spec and what the spec only names by hash.

    Attributes
    ----------
    network : Network
    network_name : str
        What the user calls it.
    spec : RunSpec
    sequences : list of str or None
        Sequences that carry motifs.
    labels : float array (sequence, target) or None
    title : str or None
        What the user calls the run; the network's name without it.
    """

    network: Network
    network_name: str
    spec: RunSpec
    sequences: list[str] | None = None
    labels: NDArray | None = None
    title: str | None = None


def make_job(
    network: Network,
    *,
    network_name: str,
    layer: str,
    preset: str,
    settings: AscentSettings,
    output: str | None = None,
    classes: str = "all",
    sequences: Path | None = None,
    genome: Path | None = None,
    labels: Path | None = None,
    keep_fim: bool = False,
    title: str | None = None,
) -> Job:
    """Check what the user asked for and read the files that it names.

    Raises
    ------
    DeepResolveError
        When a layer, output, class, sequence or label file does not fit the network.
    """
    reads = None
    if sequences:
        reads = read_sequences(sequences, genome=genome, at_least=network.input_length)
    spec = make_spec(
        _offer(network, output),
        layer=layer,
        classes=classes,
        preset=preset,
        settings=settings,
        sequences=sequences_hash(reads) if reads else None,
        keep_fim=keep_fim,
    )
    cut(network, spec.layer, output=spec.output)
    letters = [read for _, read in reads] if reads else None
    table = labels_of(network, spec, labels)
    if labels:
        spec = replace(spec, labels=labels_hash(Path(labels).read_text(encoding="utf-8")))
    return Job(network, network_name, spec, letters, table, title)


def labels_of(network: Network, spec: RunSpec, path: Path | None) -> NDArray | None:
    """Read the labels of a spec's classes, None without a file."""
    names = find_output(network, spec.output).class_names
    return read_labels(path, spec.classes, [names[i] for i in spec.classes]) if path else None


def _offer(network: Network, output: str | None) -> Offer:
    """Return what an output of a network offers."""
    head = find_output(network, output)
    layers = find_layers(network, head.name, measure=False)
    advised = advised_layer(network, head.name) if any(one.can_cut for one in layers) else None
    first = head.name == network.outputs[0].name
    name = None if first else head.name
    return Offer(network_hash(network), name, head.class_names, layers, advised)
