"""Names for channels: all faces against a database of known motifs, kept as one dataset.

Coordinates of the dataset (`matches-*.nc`): `query` (faces of channels), `rank` (best first),
`motif` (known motifs that are among the best of any query), `motif_offset`, `base`.

==============================  ==================  ================================================
variable                        dimensions          meaning
==============================  ==================  ================================================
channel, face, facet            query               which face of which channel
start, stop                     query               the part of its matrix that was matched
matrix                          query offset base   the matrix itself, NaN beyond its end
target                          query rank          place on the axis `motif`
p_value, e_value, q_value       query rank          E = p x targets; q over the targets of a query
offset, overlap, strand         query rank          as `motifs.matching` says; strand is 1 or -1
control_p                       query               best p of the query with its columns shuffled
motif_id, motif_name            motif               of the known motif
motif_pwm                       motif motif_offset  base; NaN beyond its end
==============================  ==================  ================================================

Attributes: `database` (title), `database_id`, `n_targets`, `distance`, `background`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.motifs.faces import FILTER, Face
from deepresolve_dash.motifs.jaspar import Motif
from deepresolve_dash.motifs.matching import Matches, match
from deepresolve_dash.motifs.matrices import trimmed

N_BEST = 10
_CHUNK = 64  # queries matched between two words to whoever watches
DISTANCE = "Euclidean distance, complete scores (TOMTOM by memelite)"
BACKGROUND = "the columns of all targets"

Progress = Callable[[int, int], None]


class Named(NamedTuple):
    """One match of one face.

    Attributes
    ----------
    id, name : str
        Of the known motif.
    p_value, e_value, q_value : float
    offset : int
        Position in the known motif, read on `strand`, at which the matched matrix starts.
    overlap : int
        Positions that face each other.
    strand : str
        `-` where the known motif is reverse complemented.
    face : str
    facet : int
    pwm : float64 array (offset, base)
        The known motif.
    matrix : float64 array (offset, base)
        The matrix that was matched.
    """

    id: str
    name: str
    p_value: float
    e_value: float
    q_value: float
    offset: int
    overlap: int
    strand: str
    face: str
    facet: int
    pwm: NDArray[np.float64]
    matrix: NDArray[np.float64]


def match_faces(
    queries: Sequence[Face],
    targets: Mapping[str, Motif],
    *,
    title: str,
    database_id: str,
    seed: int = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Match faces against a whole database, and once more with their columns shuffled.

    *Choice:* a filter is matched as it is, as the paper did; from the other faces the flanks below
    a quarter of a bit are left out. The shuffled copies have the same columns in another order, so
    that their best p-values say what a motif of this composition matches by chance.

    Parameters
    ----------
    queries : sequence of Face
    targets : dict of str to Motif
    title, database_id : str
        Of the database.
    seed : int
        Of the shuffling.
    progress : function, optional
        Told (queries done, queries in all); whatever it raises ends the matching.

    Raises
    ------
    DeepResolveError
        When there are fewer than 25 targets.
    """
    spans = [(0, len(one.matrix)) if one.name == FILTER else trimmed(one.matrix) for one in queries]
    matrices = [one.matrix[a:b] for one, (a, b) in zip(queries, spans, strict=True)]
    generator = np.random.default_rng(seed)
    shuffled = [matrix[generator.permutation(len(matrix))] for matrix in matrices]
    n_best = min(N_BEST, len(targets))
    found: list[tuple[NDArray, ...]] = []
    controls: list[NDArray] = []
    for low in range(0, max(1, len(matrices)), _CHUNK):
        found.append(_best(match(matrices[low : low + _CHUNK], targets), n_best))
        controls.append(match(shuffled[low : low + _CHUNK], targets).p_value.min(axis=1))
        if progress:
            progress(min(low + _CHUNK, len(matrices)), len(matrices))
    order, *columns = (np.concatenate(parts) for parts in zip(*found, strict=True))
    motifs = list(targets.values())
    used = np.unique(order)
    names = ("p_value", "e_value", "q_value", "offset", "overlap", "strand")
    ranked = {name: (("query", "rank"), one) for name, one in zip(names, columns, strict=True)}
    return xr.Dataset(
        {
            "channel": ("query", np.array([one.channel for one in queries], np.int32)),
            "face": ("query", np.array([one.name for one in queries], dtype=object)),
            "facet": ("query", np.array([one.facet for one in queries], np.int8)),
            "start": ("query", np.array([a for a, _ in spans], np.int16)),
            "stop": ("query", np.array([b for _, b in spans], np.int16)),
            "matrix": (("query", "query_offset", "base"), _stack(matrices)),
            "target": (("query", "rank"), np.searchsorted(used, order).astype(np.int32)),
            **ranked,
            "control_p": ("query", np.concatenate(controls)),
            "motif_id": ("motif", np.array([motifs[t].id for t in used], dtype=object)),
            "motif_name": ("motif", np.array([motifs[t].name for t in used], dtype=object)),
            "motif_pwm": (
                ("motif", "motif_offset", "base"),
                _stack([motifs[target].pwm for target in used]),
            ),
        },
        coords={"base": list("ACGT")},
        attrs={
            "database": title,
            "database_id": database_id,
            "n_targets": len(targets),
            "distance": DISTANCE,
            "background": BACKGROUND,
        },
    )


def named(matches: xr.Dataset, query: int, *, n: int = N_BEST) -> list[Named]:
    """Return the best matches of one query, smallest p first."""
    row = {name: matches[name].values[query] for name in matches.data_vars if name not in _MOTIF}
    found = []
    for rank in range(min(n, matches.sizes["rank"])):
        target = int(row["target"][rank])
        found.append(
            Named(
                str(matches["motif_id"].values[target]),
                str(matches["motif_name"].values[target]),
                float(row["p_value"][rank]),
                float(row["e_value"][rank]),
                float(row["q_value"][rank]),
                int(row["offset"][rank]),
                int(row["overlap"][rank]),
                "-" if row["strand"][rank] < 0 else "+",
                str(row["face"]),
                int(row["facet"]),
                _whole(matches["motif_pwm"].values[target]),
                _whole(row["matrix"]),
            )
        )
    return found


def queries_of(
    matches: xr.Dataset, channel: int, *, name: str | None = None, facet: int | None = None
) -> NDArray[np.int64]:
    """Return the queries that are faces of a channel: all, those of one kind, or of one facet."""
    wanted = matches["channel"].values == channel
    if name is not None:
        wanted &= matches["face"].values == name
    if facet is not None:
        wanted &= matches["facet"].values == facet
    return np.flatnonzero(wanted)


def best_name(
    matches: xr.Dataset, channel: int, *, name: str | None = None, facet: int | None = 0
) -> Named | None:
    """Return the best match of a channel; None when none of its faces was matched.

    Parameters
    ----------
    matches : xarray.Dataset
    channel : int
    name : str, optional
        Face; all of them without it.
    facet : int or None
        The largest facet unless said otherwise; None for all, of which the best is taken.
    """
    queries = queries_of(matches, channel, name=name, facet=facet)
    if not len(queries):
        return None
    best = queries[int(np.argmin(matches["p_value"].values[queries, 0]))]
    return named(matches, int(best), n=1)[0]


def corrected_p(matches: xr.Dataset, n_channels: int, *, name: str) -> NDArray[np.float64]:
    """Return how well each channel's face is matched at all: min(1, E) of its largest facet.

    Returns
    -------
    float64 array (channel,)
        NaN where the face was not matched.
    """
    found = np.full(n_channels, np.nan)
    rows = np.flatnonzero((matches["face"].values == name) & (matches["facet"].values == 0))
    found[matches["channel"].values[rows]] = np.minimum(1, matches["e_value"].values[rows, 0])
    return found


def null_line(matches: xr.Dataset, *, quantile: float = 0.05) -> float:
    """Return the best p that this share of shuffled queries reaches by chance; 1 without any."""
    values = matches["control_p"].values
    return float(np.quantile(values, quantile)) if len(values) else 1.0


_MOTIF = ("motif_id", "motif_name", "motif_pwm")


def _best(matches: Matches, n: int) -> tuple[NDArray, ...]:
    """Return targets, p, E, q, offsets, overlaps and strands of the best, each (query, rank)."""
    order = np.argsort(matches.p_value, axis=1, kind="stable")[:, :n]

    def taken(values: NDArray) -> NDArray:
        return np.take_along_axis(values, order, axis=1)

    return (
        order,
        taken(matches.p_value),
        taken(matches.e_value),
        taken(matches.q_value),
        taken(matches.offset).astype(np.int16),
        taken(matches.overlap).astype(np.int16),
        np.where(taken(matches.strand) == "-", -1, 1).astype(np.int8),
    )


def _stack(matrices: Sequence[NDArray]) -> NDArray[np.float32]:
    """Return matrices of several widths as one array, NaN beyond their ends."""
    widest = max((len(matrix) for matrix in matrices), default=1)
    stacked = np.full((len(matrices), widest, 4), np.nan, dtype=np.float32)
    for place, matrix in enumerate(matrices):
        stacked[place, : len(matrix)] = matrix
    return stacked


def _whole(matrix: NDArray) -> NDArray[np.float64]:
    """Return a matrix without what lies beyond its end."""
    return matrix[np.isfinite(matrix).all(axis=1)].astype(np.float64)
