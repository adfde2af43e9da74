"""TOMTOM: how well motifs match known motifs, and where the known one stands in a ranking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.motifs.compiled import compare
from deepresolve_dash.motifs.filters import filter_pwm, information_bits
from deepresolve_dash.motifs.jaspar import Motif

MIN_TARGETS = 25  # fewer targets are too few columns for the background of the p-values


@dataclass(frozen=True)
class Matches:
    """All queries against all targets; each array is (query, target).

    Parameters
    ----------
    target_ids : tuple of str
    p_value, e_value, q_value : float64 array
        `e_value` is p times the number of targets; `q_value` is Benjamini and Hochberg's over the
        targets of a query.
    offset : int64 array
        Position in the target, read on `strand`, at which the query starts; may be negative.
    overlap : int64 array
        Positions that face each other.
    strand : str array
        `-` where the target is reverse complemented.
    """

    target_ids: tuple[str, ...]
    p_value: np.ndarray
    e_value: np.ndarray
    q_value: np.ndarray
    offset: np.ndarray
    overlap: np.ndarray
    strand: np.ndarray


@dataclass(frozen=True)
class Match:
    """One query against one target."""

    target_id: str
    p_value: float
    e_value: float
    q_value: float
    offset: int
    overlap: int
    strand: str


def match(queries: Sequence[np.ndarray], targets: Mapping[str, Motif]) -> Matches:
    """Compare motifs with known motifs on both strands by TOMTOM (complete scores).

    The background of the p-values is made of the columns of all targets: match against a whole
    collection, also when only one of its motifs is of interest. Choice: a query without
    information (0.25 everywhere, as a dead filter gives) matches nothing, p = 1.

    Parameters
    ----------
    queries : sequence of float array (offset, base), rows sum to 1
    targets : dict of str to Motif

    Raises
    ------
    DeepResolveError
        When there are fewer than 25 targets.
    """
    if len(targets) < MIN_TARGETS:
        raise DeepResolveError(
            f"{len(targets)} motifs are too few to match against: p-values need {MIN_TARGETS}.",
            "Match against a whole collection and pick the motif afterwards.",
        )
    p_value, offset, overlap, strand = _tomtom(queries, [motif.pwm for motif in targets.values()])
    blank = [not information_bits(query).any() for query in queries]
    p_value[blank] = 1.0
    return Matches(
        target_ids=tuple(targets),
        p_value=p_value,
        e_value=p_value * len(targets),
        q_value=benjamini_hochberg(p_value),
        offset=offset.astype(np.int64),
        overlap=overlap.astype(np.int64),
        strand=np.where(strand > 0, "-", "+"),
    )


def _tomtom(queries: Sequence[np.ndarray], targets: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return p, offset, overlap and strand (1 is reverse complemented), each (query, target)."""
    if not queries:
        return [np.empty((0, len(targets))) for _ in range(4)]
    p_value, _, offset, overlap, strand = compare(_columns(queries), _columns(targets))
    return [p_value.copy(), offset, overlap, strand]


def _columns(pwms: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return (base, offset) arrays of one layout, so that numba compiles once."""
    return [np.ascontiguousarray(pwm.T, dtype=np.float64) for pwm in pwms]


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Return the q-values along the last axis: min over larger p of p x n / rank."""
    n = p_values.shape[-1]
    order = np.argsort(p_values, axis=-1, kind="stable")
    scaled = np.take_along_axis(p_values, order, axis=-1) * n / np.arange(1, n + 1)
    smallest = np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    q_values = np.empty_like(smallest)
    np.put_along_axis(q_values, order, np.minimum(smallest, 1), axis=-1)
    return q_values


def nearest(matches: Matches, query: int, *, n: int = 5) -> list[Match]:
    """Return the best matches of one query, smallest p first."""
    order = np.argsort(matches.p_value[query], kind="stable")[:n]
    return [
        Match(
            target_id=matches.target_ids[target],
            p_value=float(matches.p_value[query, target]),
            e_value=float(matches.e_value[query, target]),
            q_value=float(matches.q_value[query, target]),
            offset=int(matches.offset[query, target]),
            overlap=int(matches.overlap[query, target]),
            strand=str(matches.strand[query, target]),
        )
        for target in order
    ]


def match_filters(filters: np.ndarray, targets: Mapping[str, Motif]) -> Matches:
    """Compare the positive parts of first-layer filters (channel, offset, base) with motifs."""
    return match([filter_pwm(kernel) for kernel in filters], targets)


def motif_rank(
    matches: Matches, ranking: np.ndarray, motif_id: str, *, p_value: float = 0.05
) -> int | None:
    """Return the rank of the first channel that matches a motif.

    *Source:* the paper's Table 1, which counts models whose known motif is among the top filters.

    Parameters
    ----------
    matches : Matches
        Of all channels.
    ranking : int array (channel,)
        Channels, most important first.
    motif_id : str
        The factor's own motif, one of the targets.
    p_value : float
        Largest p that is a match.

    Returns
    -------
    int or None
        1 for the first channel of the ranking, None when no channel matches.

    Raises
    ------
    DeepResolveError
        When the motif is not among the targets.
    """
    if motif_id not in matches.target_ids:
        raise DeepResolveError(
            f"The motif '{motif_id}' is not among the targets.",
            "Ids have a version, such as MA0139.1.",
        )
    p_values = matches.p_value[np.asarray(ranking), matches.target_ids.index(motif_id)]
    hits = np.flatnonzero(p_values <= p_value)
    return int(hits[0]) + 1 if len(hits) else None
