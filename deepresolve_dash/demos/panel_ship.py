"""The files of the panel demo: network, record, sequences, labels, metadata, and the truth."""

import gzip
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.demos.panel import (
    CLASS_NAMES,
    CLASSES,
    DISTRACTORS,
    FEATURED,
    HIDDEN_PAIR,
    MOTIFS,
    OCCUPANCY,
    RELEASE,
    TITLE,
    label_panel,
    rule_of,
)
from deepresolve_dash.demos.panel_sequences import Planted, generate_panel
from deepresolve_dash.demos.ship import identifier
from deepresolve_dash.demos.synthetic import decode
from deepresolve_dash.networks.card import save_with_card
from deepresolve_dash.networks.graph import Network

N_SEQUENCES = 600
_SHIPPED = 2  # stream of sequences of one seed, beside those of training and test
_COLUMNS = (
    *("class_index", "name", "cell_type", "assay"),
    *("target", "treatment", "group", "colour", "accession"),
)
_COLOURS = {"K562": "#c0392b", "HepG2": "#2471a3", "GM12878": "#1e8449", "A549": "#9a7d0a"}
_GROUPS = {
    "DNase": "open chromatin",
    "CTCF": "insulator",
    "RAD21": "insulator",
    "SMC3": "insulator",
    "JUND": "AP-1",
    "FOSL2": "AP-1",
    "USF1": "E-box",
    "USF2": "E-box",
    "TAL1": "cell type",
    "TFAP4": "cell type",
    "HNF4A": "cell type",
    "HNF1A": "cell type",
    "POU2F2": "cell type",
    "NR3C1": "response",
    "STAT1": "response",
    "STAT2": "response",
    "IRF4": "response",
    "IRF8": "response",
}  # of related factors; all others are "general"


def write_panel(network: Network, record: dict, folder: Path) -> None:
    """Write the trained panel into a folder, which is made if needed.

    Writes the network in neutral form and its card, `training.json`, `truth.json`, `metadata.tsv`,
    `sequences.fa.gz` and `labels.tsv`.

    Parameters
    ----------
    network, record
        As `train_panel` returns them.
    folder : Path
    """
    save_with_card(network, folder)
    (folder / "training.json").write_text(json.dumps(record, indent=1) + "\n")
    (folder / "truth.json").write_text(json.dumps(truth(), indent=1) + "\n")
    (folder / "metadata.tsv").write_text(
        _table([[*_COLUMNS], *map(_metadata, range(len(CLASSES)))])
    )
    generator = np.random.default_rng([record["recipe"]["seed"], _SHIPPED])
    planted = generate_panel(generator, N_SEQUENCES)
    labels = label_panel(generator, planted.start)
    fasta = gzip.compress(panel_fasta(planted).encode(), mtime=0)
    (folder / "sequences.fa.gz").write_bytes(fasta)
    (folder / "labels.tsv").write_text(panel_labels(labels))


def truth() -> dict:
    """Return the grammar: motifs, the rule of each class, interactions, hidden pair, distractors.

    `interactions` lists the four that the demo is about; `classes` has every rule.
    """
    return {
        "title": TITLE,
        "note": "Made up: planted motifs and written rules, no measurement.",
        "release": RELEASE,
        "occupancy": OCCUPANCY,
        "motifs": MOTIFS,
        "classes": [
            {"index": index, "name": one.name, "rule": one.rule.kind, "motifs": one.rule.motifs}
            for index, one in enumerate(CLASSES)
        ],
        "interactions": [
            {"kind": kind, "class": name, "motifs": rule_of(name).motifs}
            for kind, name in FEATURED.items()
        ],
        "hidden_pair": HIDDEN_PAIR,
        "distractors": DISTRACTORS,
    }


def panel_fasta(planted: Planted) -> str:
    """Return sequences in FASTA; headers name motif, first position (from 0) and strand."""
    records, motifs = [], list(MOTIFS)
    for row, sequence in enumerate(planted.sequences):
        there = sorted(np.flatnonzero(planted.start[row] >= 0), key=planted.start[row].__getitem__)
        strands = ["-" if turned else "+" for turned in planted.reverse[row]]
        inside = " ".join(f"{motifs[k]}:{planted.start[row, k]}{strands[k]}" for k in there)
        records.append(f">{identifier(row)} {inside}".rstrip() + f"\n{decode(sequence)}\n")
    return "".join(records)


def panel_labels(labels: NDArray[np.uint8]) -> str:
    """Return labels (n, target) as a table: identifier, then 0 or 1 per class."""
    rows = [[identifier(row), *map(str, values)] for row, values in enumerate(labels)]
    return _table([["sequence", *CLASS_NAMES], *rows])


def _metadata(index: int) -> list[str]:
    """Return the row of a class in `metadata.tsv`."""
    one = CLASSES[index]
    assay = "DNase-seq" if one.factor == "DNase" else "ChIP-seq"
    target = "" if one.factor == "DNase" else one.factor
    accession = f"SYNTH{index + 1:03d}"
    return [
        *(str(index), one.name, one.cell, assay, target, one.treatment),
        *(_GROUPS.get(one.factor, "general"), _COLOURS[one.cell], accession),
    ]


def _table(rows: list[list[str]]) -> str:
    """Return rows as tab-separated text."""
    return "".join("\t".join(row) + "\n" for row in rows)
