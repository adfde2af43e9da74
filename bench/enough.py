"""Whether the light "enough trials?" says what another hundred trials say.

    python -m bench.enough FOLDER_OF_MODELS [--most 28] [--classes 1] [--json]

Each model is resolved with 100 trials of two seeds. Blocks of 2, 5, 10, 30 and 100 trials of the
first get their light; the share of the leading channels of the second that a block finds is the
truth. One row per regime and light, for two trials and for five or more.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.calibrate import SETTINGS, problems
from deepresolve_dash.core.ascent.ascend import ascend, join
from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.objective import Tail
from deepresolve_dash.core.statistics.enough import light, n_leading, top_stability
from deepresolve_dash.core.statistics.qualifiers import rank_stability
from deepresolve_dash.core.statistics.weights import trial_weights

MANY, SIZES, MOST_BLOCKS = 100, (2, 5, 10, 30, 100), 3


class Block(NamedTuple):
    """Some trials of a class: how many, the light, and the share of the truth that they find."""

    regime: str
    n_trials: int
    light: str
    found: float


def blocks(tail: Tail, base: Base, classes: Sequence[int]) -> Iterator[Block]:
    """Judge blocks of trials of one seed by all of another."""
    mine, others = (
        join(
            [
                part
                for _, part in ascend(
                    tail, classes, base=base, settings=replace(SETTINGS, n_trials=MANY, seed=seed)
                )
            ]
        )
        for seed in (0, 1)
    )
    for regime in mine:
        for c in range(len(classes)):
            truth = importance(others[regime].fiv[c], others[regime].score[c])
            if not truth.max() > 0:
                continue
            for n in SIZES:
                for first in range(0, min(MOST_BLOCKS, MANY // n) * n, n):
                    part = slice(first, first + n)
                    fiv, score = mine[regime].fiv[c][part], mine[regime].score[c][part]
                    says = light(top_stability(fiv, score), rank_stability(fiv, score), n)
                    yield Block(regime, n, says, found(truth, importance(fiv, score)))


def importance(fiv: NDArray, score: NDArray) -> NDArray[np.float64]:
    """Return |weighted mean FIV| of each channel."""
    return np.abs(trial_weights(score) @ fiv.astype(np.float64))


def found(truth: NDArray[np.float64], mine: NDArray[np.float64]) -> float:
    """Return the share of the leading channels of the truth that lead here."""
    n = n_leading(len(truth))
    wanted, there = (np.argsort(-values, kind="stable")[:n] for values in (truth, mine))
    return float(np.isin(wanted[truth[wanted] >= 1e-3 * truth.max()], there).mean())


def table(judged: Sequence[Block]) -> list[dict]:
    """Return one row per regime, kind of block and light."""
    rows = []
    for regime in sorted({one.regime for one in judged}):
        for few in (True, False):
            for says in ("enough", "more", "few"):
                shares = [
                    one.found
                    for one in judged
                    if (one.regime, one.n_trials < 5, one.light) == (regime, few, says)
                ]
                if shares:
                    rows.append({
                        "regime": regime, "trials": "2" if few else "5 to 100", "light": says,
                        "blocks": len(shares), "found": round(float(np.mean(shares)), 3),
                        "least": round(min(shares), 3),
                    })  # fmt: skip
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("--most", type=int, default=28)
    parser.add_argument("--classes", type=int, nargs="+", default=[0])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    judged = [
        block
        for tail, base in problems(given.models, given.most)
        for block in blocks(tail, base, given.classes)
    ]
    rows = table(judged)
    if given.json:
        print(json.dumps({"rows": rows}))
        return
    print("regime      trials    light   blocks  found  least")
    for row in rows:
        print(
            f"{row['regime']:<11} {row['trials']:<9} {row['light']:<7} {row['blocks']:>6}"
            f"  {row['found']:>5.3f}  {row['least']:>5.3f}"
        )


if __name__ == "__main__":
    main()
