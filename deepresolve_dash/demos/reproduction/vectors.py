"""How well vectors computed here agree with the published ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from deepresolve_dash.demos.reproduction.sample import Published
from deepresolve_dash.demos.reproduction.tables import markdown_table

DEAD = 0.1  # norm of a published OFIV below which its order is rounding, feature-map units
WANTED_RANKS, WANTED_ERROR, WANTED_SAME_TOP = 0.997, 0.012, 0.9


@dataclass(frozen=True)
class Agreement:
    """One vector against the published one.

    Attributes
    ----------
    rank_correlation : float
        Spearman correlation over the channels.
    relative_error : float
        Norm of the difference over the norm of the published vector.
    same_top : bool
        The most important channel is the same.
    """

    rank_correlation: float
    relative_error: float
    same_top: bool


def agreement(ofiv: ArrayLike, published: ArrayLike) -> Agreement:
    """Compare a vector with the published one; both (channel,), feature-map units."""
    a, b = np.asarray(ofiv, np.float64), np.asarray(published, np.float64)
    return Agreement(
        rank_correlation=float(np.corrcoef(rankdata(a), rankdata(b))[0, 1]),
        relative_error=float(np.linalg.norm(a - b) / np.linalg.norm(b)),
        same_top=bool(np.argmax(a) == np.argmax(b)),
    )


def is_dead(one: Published) -> bool:
    """Return whether a tail says next to nothing: norm of the published OFIV below 0.1."""
    return bool(np.linalg.norm(one.ofiv) < DEAD)


def agreement_table(found: Sequence[Agreement], *, n_models: int) -> str:
    """Return medians and the worse ends of the agreement, with what is wanted.

    Parameters
    ----------
    found : sequence of Agreement
        Of the models that are not dead.
    n_models : int
        All models: the wanted count of equal top channels is of these.
    """
    ranks = np.array([one.rank_correlation for one in found])
    errors = np.array([one.relative_error for one in found])
    n_same = sum(one.same_top for one in found)
    n_wanted = round(WANTED_SAME_TOP * n_models)
    rows = [
        ["rank correlation with the published OFIV", f"{np.median(ranks):.4f}",
         f"{np.percentile(ranks, 5):.4f}", f"median >= {WANTED_RANKS}",
         _answer(np.median(ranks) >= WANTED_RANKS)],
        ["relative error, norm of difference / norm", f"{np.median(errors):.4f}",
         f"{np.percentile(errors, 95):.4f}", f"median <= {WANTED_ERROR}",
         _answer(np.median(errors) <= WANTED_ERROR)],
        ["same top channel", f"{n_same} of {len(found)}", "", f">= {n_wanted}",
         _answer(n_same >= n_wanted)],
    ]  # fmt: skip
    header = ["measure", "median or count", "worst 5% from", "wanted", "holds"]
    return markdown_table(header, rows)


def left_out_line(sample: Sequence[Published]) -> str:
    """Name the models whose published vectors are next to nothing."""
    dead = [f"{one.experiment} ({np.linalg.norm(one.ofiv):.3f})" for one in sample if is_dead(one)]
    return f"Left out, norm of the published OFIV below {DEAD}: {', '.join(dead) or 'none'}."


def _answer(holds: object) -> str:
    return "yes" if holds else "no"
