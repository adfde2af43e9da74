"""The files of a demo: network, training record, sequences that carry its motifs, labels."""

import gzip
import json
from pathlib import Path

import numpy as np

from deepresolve_dash.demos.synthetic import (
    TASKS,
    SyntheticTask,
    contains,
    decode,
    generate,
)
from deepresolve_dash.networks.card import save_with_card
from deepresolve_dash.networks.graph import Network

NETWORKS = Path(__file__).parent / "networks"
N_SEQUENCES = 420  # the same number for each of 7 planted sets
_SHIPPED = 2  # stream of sequences of one seed, beside those of training and test


def write_demo(network: Network, record: dict, folder: Path) -> None:
    """Write a trained demo into a folder, which is made if needed.

    Writes the network in neutral form and its card, `training.json`, `sequences.fa.gz` and
    `labels.tsv`.

    Parameters
    ----------
    network, record
        As `train_demo` returns them.
    folder : Path
    """
    task = TASKS[record["task"]]
    save_with_card(network, folder)
    (folder / "training.json").write_text(json.dumps(record, indent=1) + "\n")
    generator = np.random.default_rng([record["recipe"]["seed"], _SHIPPED])
    sequences, labels = generate(task, generator, n_planted=N_SEQUENCES, n_random=0)
    fasta = gzip.compress(fasta_text(task, sequences).encode(), mtime=0)
    (folder / "sequences.fa.gz").write_bytes(fasta)
    (folder / "labels.tsv").write_text(label_text(task, labels))


def fasta_text(task: SyntheticTask, sequences: np.ndarray) -> str:
    """Return sequences in FASTA; each header has an identifier and the patterns that are inside."""
    found = {pattern: contains(sequences, pattern) for pattern in task.patterns}
    records = []
    for row, sequence in enumerate(sequences):
        inside = " ".join(pattern for pattern in task.patterns if found[pattern][row])
        records.append(f">{identifier(row)} {inside}\n{decode(sequence)}\n")
    return "".join(records)


def label_text(task: SyntheticTask, labels: np.ndarray) -> str:
    """Return labels (n, target) as a table: identifier, then 0 or 1 per class."""
    rows = [["sequence", *task.class_names]]
    rows += [[identifier(row), *map(str, values)] for row, values in enumerate(labels)]
    return "".join("\t".join(row) + "\n" for row in rows)


def identifier(row: int) -> str:
    """Return the name of a sequence."""
    return f"sequence_{row + 1:03d}"
