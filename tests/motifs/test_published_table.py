"""The published vectors of the 422 models against the factors' own motifs (a sample of 100)."""

import csv
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from deepresolve_dash.motifs.jaspar import jaspar_motifs
from deepresolve_dash.motifs.matching import match_filters, motif_rank

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "tf422"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample models are not at hand"),
]


def read_table(name):
    with open(SAMPLE / name, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def stored_kernels(experiment):
    """First-layer weights (channel, offset, base) as the file holds them."""
    with h5py.File(SAMPLE / experiment / "weights.h5") as file:
        (layer,) = [name for name in file["model_weights"] if name.startswith("convolution")]
        kernels = np.asarray(file[f"model_weights/{layer}/{layer}_W"])
    return kernels[:, :, 0].transpose(0, 2, 1)


def part_of(matches, rows):
    """Some of the queries."""
    arrays = ("p_value", "e_value", "q_value", "offset", "overlap", "strand")
    return replace(matches, **{name: getattr(matches, name)[rows] for name in arrays})


def ranks(filters, targets):
    """Rank of the own motif per experiment, by the published OFIV."""
    ofiv = {row["experiment"]: [] for row in read_table("factors.tsv")}
    for row in read_table("published.tsv"):
        ofiv[row["experiment"]].append(float(row["ofiv"]))
    # all at once: a call costs as much as its queries
    everything = match_filters(np.concatenate(list(filters.values())), targets)
    ends = np.cumsum([len(kernels) for kernels in filters.values()])
    matches = {
        name: part_of(everything, slice(end - len(filters[name]), end))
        for name, end in zip(filters, ends.tolist(), strict=True)
    }
    return [
        motif_rank(
            matches[row["experiment"]],
            np.argsort(-np.array(ofiv[row["experiment"]]), kind="stable"),
            row["jaspar_2016_id"],
        )
        for row in read_table("factors.tsv")
        if row["experiment"] in filters
    ]


def test_the_known_motif_is_on_top_only_when_kernels_are_flipped():
    targets = jaspar_motifs("JASPAR2016")
    stored = {
        row["experiment"]: stored_kernels(row["experiment"]) for row in read_table("factors.tsv")
    }
    flipped = ranks({name: kernels[:, ::-1] for name, kernels in stored.items()}, targets)
    fourth = dict(list(stored.items())[::4])
    unflipped = ranks(fourth, targets)
    assert len(flipped) == 100
    assert flipped.count(1) >= 94
    assert sum(rank is not None and rank <= 3 for rank in flipped) >= 99
    assert len(unflipped) == 25
    assert unflipped.count(1) < 10
