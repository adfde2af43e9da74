"""The reproduction on real networks: a shipped one, and some of the published models."""

from pathlib import Path

import numpy as np
import pytest

from deepresolve_dash.demos.reproduction import synthetic
from deepresolve_dash.demos.reproduction.components import component_counts
from deepresolve_dash.demos.reproduction.experiments import reproduce
from deepresolve_dash.demos.reproduction.repeat import one_thread, repeat
from deepresolve_dash.demos.reproduction.sample import read_sample
from deepresolve_dash.demos.reproduction.vectors import agreement, is_dead
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.runs.store import open_run

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "tf422"
N_MODELS = 4

needs_sample = [
    pytest.mark.shared,
    pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample models are not at hand"),
]


def cells(text):
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {row[0]: row[1:] for row in rows}


def test_the_shipped_network_shows_what_the_paper_found(monkeypatch):
    monkeypatch.setattr(synthetic, "SEEDS", (0,))
    done = []
    text = reproduce("synthetic-1", None, progress=lambda *count: done.append(count))
    assert done == [(1, 2), (2, 2)]
    rows = cells(text)
    assert rows["finding"] == [
        "paper", "preset paper", "default, modes", "default, importance", "over networks",
    ]  # fmt: skip
    assert rows["two or more components"][1:3] == ["yes", "yes"]
    assert rows["CGCTTG and GCTCAT have opposite signs in both orders"][1:4] == ["yes", "yes", "no"]
    assert rows["components of the mixture"][3] == "1 (guarded)"
    assert rows["OFIV of CAGGTC is positive"][1:4] == ["yes"] * 3
    (area,) = [row for title, row in rows.items() if title.startswith("CAGGTC and one of")]
    assert float(area[2]) == pytest.approx(float(area[1]), abs=0.005)


def test_a_repeated_run_is_the_shipped_run():
    folder = NETWORKS / "synthetic-2"
    with one_thread():
        run = repeat(read_network(folder), "any", "default", sequences=folder / "sequences.fa.gz")
    shipped = open_run(NETWORKS.with_name("runs") / "synthetic-2").summary
    ofiv, expected = (one["ofiv"].sel(regime="importance").values for one in (run, shipped))
    np.testing.assert_allclose(ofiv, expected, atol=0.02 * np.abs(expected).max())


class TestPublished:
    pytestmark = needs_sample

    def test_the_published_components_follow_from_the_published_levels(self):
        sample = read_sample(SAMPLE)
        assert len(sample) == 100
        assert component_counts(sample) == [one.n_components for one in sample]
        counts = component_counts(sample, 1e4)
        assert [counts.count(n) for n in (1, 2, 3)] == [60, 22, 18]

    def test_the_published_preset_gives_the_published_vectors(self):
        sample = [one for one in read_sample(SAMPLE) if not is_dead(one)][::25]
        assert len(sample) == N_MODELS
        with one_thread():
            runs = [repeat(read_network(one.folder), "any", "published") for one in sample]
        found = [
            agreement(run["ofiv"].values[0, 0], one.ofiv)
            for run, one in zip(runs, sample, strict=True)
        ]
        assert np.median([one.rank_correlation for one in found]) >= 0.997
        assert np.median([one.relative_error for one in found]) <= 0.012
        assert all(one.same_top for one in found)

    def test_all_tables_of_one_model(self, tmp_path):
        name = "BroadHsmmCtcf"
        (tmp_path / name).symlink_to(SAMPLE / name)
        for table in ("published.tsv", "factors.tsv"):
            lines = (SAMPLE / table).read_text().splitlines()
            kept = [lines[0], *(line for line in lines if line.startswith(f"{name}\t"))]
            (tmp_path / table).write_text("\n".join(kept) + "\n")
        done = []
        rows = cells(reproduce("published", tmp_path, progress=lambda *count: done.append(count)))
        assert done == [(1, 1)]
        assert rows["same top channel"][0] == "1 of 1"
        assert rows["as published"][:3] == ["1", "0", "0"]
        for ranking in (
            "published vectors",
            "preset default, regime importance",
            "preset published",
        ):
            assert rows[ranking][:3] == ["1", "1", "1"]
        assert rows["preset default, regime importance"][3] == "100%"
        assert rows["published vectors, kernels not flipped"][0] == "0"
