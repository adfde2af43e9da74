"""What a worker is asked for: a spec together with the files that it names by hash."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from numpy.typing import NDArray

from deepresolve_dash.core.settings import AscentSettings
from deepresolve_dash.networks.cut import advised_layer, cut
from deepresolve_dash.networks.graph import Network, find_output, network_hash
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.runs.labels import read_labels
from deepresolve_dash.runs.spec import RunSpec, choose_classes


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
    """

    network: Network
    network_name: str
    spec: RunSpec
    sequences: list[str] | None = None
    labels: NDArray | None = None


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
    labels: Path | None = None,
    keep_fim: bool = False,
) -> Job:
    """Check what the user asked for and read the files that it names.

    Raises
    ------
    DeepResolveError
        When a layer, output, class, sequence or label file does not fit the network.
    """
    names = find_output(network, output).class_names
    chosen = choose_classes(classes, names)
    spec = RunSpec(
        network=network_hash(network),
        output=output,
        layer=advised_layer(network, output) if layer == "advised" else layer,
        classes=chosen,
        preset=preset,
        settings=settings,
        keep_fim=keep_fim,
    )
    cut(network, spec.layer, output=output)
    reads = read_fasta(sequences) if sequences else None
    if reads:
        spec = replace(spec, sequences=_hash("\n".join(f"{name}\t{s}" for name, s in reads)))
    table = read_labels(labels, chosen, [names[i] for i in chosen]) if labels else None
    if labels:
        spec = replace(spec, labels=_hash(Path(labels).read_text(encoding="utf-8")))
    return Job(network, network_name, spec, [s for _, s in reads] if reads else None, table)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
