"""The paper's two synthetic experiments, on the networks that are shipped or on others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from deepresolve_dash.demos.reproduction.areas import auc_table, read_record
from deepresolve_dash.demos.reproduction.findings import (
    CLASS_PAIRS,
    FRAGILE,
    ROBUST,
    SYNTHETIC_I_FINDINGS,
    UNKNOWN,
    above_pairs_with_4,
    synthetic_i_findings,
)
from deepresolve_dash.demos.reproduction.pattern import channels_line, find_channels
from deepresolve_dash.demos.reproduction.repeat import one_thread, repeat
from deepresolve_dash.demos.reproduction.tables import markdown_table
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.demos.synthetic import TASKS
from deepresolve_dash.networks.neutral import load_network

SEEDS = 0, 1, 2
_REGIMES = {
    "preset paper": ("paper", "paper"),
    "default, modes": ("default", "modes"),
    "default, importance": ("default", "importance"),
}
_PAPER_SIMILARITY = {(0, 1): "high", (0, 2): "high", (1, 2): "high"}
_PAPER_LAST_LAYER = {(0, 2): "negative", (1, 2): "negative"}
_HOLDS = {(0, 1): ROBUST, (0, 2): FRAGILE, (1, 2): ROBUST}  # above every pair with 4

Runs = Mapping[str, Sequence[xr.Dataset]]  # by column: one run of each seed, in one regime


def synthetic_text(
    name: str, folder: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> str:
    """Return the tables of a synthetic experiment.

    Parameters
    ----------
    name : {"synthetic-1", "synthetic-2"}
    folder : Path, optional
        Another network than the shipped one, as `train-demo` writes it.
    progress : function, optional
        Told (runs done, runs in all).
    """
    task, folder = TASKS[name], folder or NETWORKS / name
    record, network = read_record(folder, task), load_network(folder)
    runs: dict[str, list[xr.Dataset]] = {}
    with one_thread():
        areas = auc_table(task, network, record)
        presets = [(preset, seed) for preset in ("paper", "default") for seed in SEEDS]
        for done, (preset, seed) in enumerate(presets, start=1):
            sequences = folder / "sequences.fa.gz"
            run = repeat(network, task.title, preset, seed=seed, sequences=sequences)
            runs.setdefault(preset, []).append(run)
            if progress:
                progress(done, len(presets))
    columns = {
        title: [run.sel(regime=regime) for run in runs[preset]]
        for title, (preset, regime) in _REGIMES.items()
    }
    seen = find_channels(runs["paper"][0]["filter"].values, task.patterns)
    channels = {pattern: one.channel for pattern, one in seen.items()}
    parts = [
        f"### {task.title}: areas (training seed {record['recipe']['seed']})",
        areas,
        f"### {task.title}: findings (one value where the seeds {_listed(SEEDS)} agree)",
        channels_line(seen),
    ]
    if name == "synthetic-1":
        return "\n\n".join([*parts, findings_table(columns, channels)])
    return "\n\n".join([*parts, components_table(columns), similarity_table(columns)])


def findings_table(columns: Runs, channels: Mapping[str, int]) -> str:
    """Return the findings on Synthetic I beside the paper's, one column a preset and regime."""
    answers = {
        title: [synthetic_i_findings(run.isel(target=0, other_target=0), channels) for run in runs]
        for title, runs in columns.items()
    }
    rows = [
        [finding, paper, *(_listed(a[finding] for a in of_seeds) for of_seeds in answers.values()),
         holds]
        for finding, (paper, holds) in SYNTHETIC_I_FINDINGS.items()
    ]  # fmt: skip
    return markdown_table(["finding", "paper", *columns, "over networks"], rows)


def components_table(columns: Runs) -> str:
    """Return the component count of each class of Synthetic II, and how many trials converged."""
    names = next(iter(columns.values()))[0]["target_name"].values
    rows = [
        [f"components, class {i + 1} ({name})", "1",
         *(_listed(str(int(run["n_components"][i])) for run in runs) for runs in columns.values())]
        for i, name in enumerate(names)
    ]  # fmt: skip
    converged = (
        _listed(f"{100 * float(run['converged'].mean()):.0f}%" for run in runs)
        for runs in columns.values()
    )
    return markdown_table(
        ["finding", "paper", *columns], [*rows, ["trials converged", "", *converged]]
    )


def similarity_table(columns: Runs) -> str:
    """Return the class similarities of Synthetic II beside the products of the last layer."""
    last_layer = next(iter(columns.values()))[0]["last_layer"].values
    rows = [
        [f"similarity {i + 1}-{j + 1}", _PAPER_SIMILARITY.get((i, j), "low"),
         *(_listed(f"{float(run['similarity'][i, j]):.2f}" for run in runs)
           for runs in columns.values()),
         f"{last_layer[i, j]:.1f}", _PAPER_LAST_LAYER.get((i, j), ""), UNKNOWN]
        for i, j in CLASS_PAIRS
    ]  # fmt: skip
    rows += [
        [f"{i + 1}-{j + 1} above every pair with 4", "yes",
         *(_listed(_answer(run, (i, j)) for run in runs) for runs in columns.values()),
         "", "", holds]
        for (i, j), holds in _HOLDS.items()
    ]  # fmt: skip
    header = ["pair of classes", "paper", *columns, "last layer", "last layer, paper"]
    return markdown_table([*header, "over networks"], rows)


def _answer(run: xr.Dataset, pair: tuple[int, int]) -> str:
    return "yes" if above_pairs_with_4(np.asarray(run["similarity"].values), pair) else "no"


def _listed(values: Iterable[object]) -> str:
    """Return values with commas between them; one where all are the same."""
    texts = [str(value) for value in values]
    return texts[0] if len(set(texts)) == 1 else ", ".join(texts)
