"""In how many models the factor's known motif is among the top filters, by several rankings."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.demos.reproduction.rankings import PUBLISHED_VECTORS, Rankings, order
from deepresolve_dash.demos.reproduction.tables import markdown_table
from deepresolve_dash.motifs.compiled import compare
from deepresolve_dash.motifs.filters import filter_pwm
from deepresolve_dash.motifs.jaspar import Motif
from deepresolve_dash.motifs.matching import match_filters, motif_rank

LARGEST_P = 0.05
TOPS = 1, 3, 5
RANDOM = "random order, expected"
UNFLIPPED = f"{PUBLISHED_VECTORS}, kernels not flipped"
OWN = f"{PUBLISHED_VECTORS}, own motif as only target"
OWN_UNFLIPPED = f"{UNFLIPPED}, own motif as only target"


@dataclass
class Hits:
    """Where the known motif stands, model by model.

    Attributes
    ----------
    ranks : dict of str to list
        By ranking: rank of the first matching channel in each model, None where there is none.
    expected : list of (float, float, float)
        Chance that a random order has a matching channel in its top 1, 3, 5, per model.
    converged : dict of str to list of float
        By ranking: share of the trials that converged in each model.
    """

    ranks: dict[str, list[int | None]] = field(default_factory=dict)
    expected: list[tuple[float, ...]] = field(default_factory=list)
    converged: dict[str, list[float]] = field(default_factory=dict)

    def add(self, rankings: Rankings, motif_id: str, targets: Mapping[str, Motif]) -> None:
        """Match the filters of one more model with the motif of its factor."""
        filters, published = rankings.filters, order(rankings.importance[PUBLISHED_VECTORS])
        matches = match_filters(filters, targets)
        for title, importance in rankings.importance.items():
            self._put(title, motif_rank(matches, order(importance), motif_id, p_value=LARGEST_P))
        p_values = matches.p_value[:, matches.target_ids.index(motif_id)]
        n_hits = int((p_values <= LARGEST_P).sum())
        self.expected.append(tuple(chance_of_hit(n_hits, len(filters), top) for top in TOPS))
        unflipped = filters[:, ::-1]
        rank = motif_rank(match_filters(unflipped, targets), published, motif_id, p_value=LARGEST_P)
        self._put(UNFLIPPED, rank)
        for title, kernels in ((OWN, filters), (OWN_UNFLIPPED, unflipped)):
            self._put(title, first_hit(match_own(kernels, targets[motif_id])[published]))
        for title, share in rankings.converged.items():
            self.converged.setdefault(title, []).append(share)

    def _put(self, title: str, rank: int | None) -> None:
        self.ranks.setdefault(title, []).append(rank)


def first_hit(p_values: NDArray) -> int | None:
    """Return the rank, from 1, of the first p-value that is a match; None without one."""
    hits = np.flatnonzero(np.asarray(p_values) <= LARGEST_P)
    return int(hits[0]) + 1 if len(hits) else None


def match_own(filters: NDArray, motif: Motif) -> NDArray[np.float64]:
    """Compare filters with one motif that is the whole target set.

    The columns of that motif are then the background of the p-values, which makes them another,
    narrower reading than a match against a whole collection; given so that older figures can be
    told apart, not to be believed.

    Returns
    -------
    float64 array (channel,), p-values
    """
    queries = [np.ascontiguousarray(filter_pwm(kernel).T) for kernel in filters]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="tomtom was given 1 target")  # that is the point
        return compare(queries, [np.ascontiguousarray(motif.pwm.T)])[0][:, 0]


def chance_of_hit(n_hits: int, n_channels: int, top: int) -> float:
    """Return the chance that a random order has one of the matching channels in its top."""
    n_drawn = min(top, n_channels)
    return 1 - comb(n_channels - n_hits, n_drawn) / comb(n_channels, n_drawn)


def count_top(ranks: Sequence[int | None], top: int) -> int:
    """Return how many models have their motif among the top channels."""
    return sum(rank is not None and rank <= top for rank in ranks)


def motif_table(hits: Hits) -> str:
    """Return models with the known motif in the top 1, 3, 5, one row a ranking."""
    rows = [
        [title, *(count_top(ranks, top) for top in TOPS), _percent(hits.converged.get(title))]
        for title, ranks in hits.ranks.items()
    ]
    expected = [f"{total:.1f}" for total in np.sum(hits.expected, axis=0)]
    place = [row[0] for row in rows].index(UNFLIPPED)
    rows.insert(place, [RANDOM, *expected, ""])
    n_models = len(hits.expected)
    header = [f"ranking ({n_models} models)", *(f"top {top}" for top in TOPS), "converged"]
    return markdown_table(header, rows)


def _percent(shares: Sequence[float] | None) -> str:
    return "" if shares is None else f"{100 * np.mean(shares):.0f}%"
