"""Runs that questions about interactions can be asked of, without their ascent."""

import json
from pathlib import Path

import numpy as np

from deepresolve_dash.networks.graph import Network, network_hash
from deepresolve_dash.runs.store import RUN, Run, open_run
from tests.generated_runs import tiny_run


def write_reads(path: Path, n: int, length: int) -> Path:
    """Write random sequences as FASTA."""
    generator = np.random.default_rng(0)
    reads = ["".join(generator.choice(list("ACGT"), length)) for _ in range(n)]
    path.write_text("".join(f">r{i}\n{read}\n" for i, read in enumerate(reads)))
    return path


def run_of(network: Network, folder: Path, *, sequences: str | None) -> Run:
    """Write a generated run that says it is of a network, at its layer pool1, and of sequences."""
    made = tiny_run(folder)
    info = json.loads((made.folder / RUN).read_text())
    known = {"network": network_hash(network), "layer": "pool1", "sequences": sequences}
    info["spec"] |= known
    (made.folder / RUN).write_text(json.dumps(info))
    return open_run(made.folder)
