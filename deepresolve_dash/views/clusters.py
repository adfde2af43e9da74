"""Clusters of classes: members, what they share, how stable they are, and their mean OFIV."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.settings import find_preset
from deepresolve_dash.core.statistics.classes import Clustering
from deepresolve_dash.core.statistics.clusters import (
    Resampled,
    cut,
    resample_trees,
    scaled_importance,
    shared_features,
    stability,
)
from deepresolve_dash.core.statistics.enrichment import Enriched, enrichment
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.views import metadata
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import IMPORTANCE, Selection, regime_for
from deepresolve_dash.views.words import Note

CUT = 0.5  # of 1 - A, where the address names no other
STABLE, SHAKY = 0.75, 0.5  # Jaccard
LARGEST_Q = 0.05
N_FEATURES, N_MEMBERS, N_VALUES = 12, 60, 6  # told of a cluster


@dataclass(frozen=True)
class Cut:
    """A tree that is cut: the cluster of each class, and the clusters with several members."""

    flat: NDArray[np.int64]
    several: NDArray[np.int64]


def cut_at(tree: Clustering, distance: float) -> Cut:
    """Cut the tree of the classes."""
    flat = cut(tree, distance)
    sizes = np.bincount(flat[flat >= 0], minlength=1)
    return Cut(flat, np.flatnonzero(sizes > 1))


def importance(summary: xr.Dataset, selection: Selection) -> NDArray[np.float64]:
    """Return the OFIVs (target, channel), each class in units of its largest |OFIV|."""
    regime = regime_for(summary, selection, IMPORTANCE)
    return scaled_importance(summary.ofiv.sel(regime=regime).values)


def resampled(
    ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection, tree: Clustering
) -> Resampled:
    """Return the trees over the classes of `tree` when their trials are drawn again."""
    regime = regime_for(summary, selection, IMPORTANCE)
    mine = summary.sel(regime=regime)
    leaves = tree.order[: len(tree.order) - len(tree.left_out)]
    fiv = ensemble.fiv.sel(regime=regime).transpose("target", "trial", "channel").values
    return resample_trees(fiv, mine.weight.values, _kinds(summary, mine), leaves)


def _kinds(summary: xr.Dataset, mine: xr.Dataset) -> NDArray:
    """Return the kinds by which the OFIV was made: none where the sign rule is not used."""
    preset = find_preset(json.loads(summary.attrs["spec"])["preset"])
    return mine.kind.values if preset.summary.sign_rule else np.zeros_like(mine.kind.values)


def data(
    summary: xr.Dataset,
    selection: Selection,
    rows: Sequence[ClassRow],
    tree: Clustering,
    *,
    distance: float = CUT,
) -> dict:
    """List the groups that the cut of the tree makes, and what most members of each share.

    A feature is shared when its |OFIV| is at least 20% of the largest in more than half of the
    members, with one sign; q pays for all clusters and values of this cut, not for trying cuts.

    Parameters
    ----------
    rows : sequence of ClassRow
        What is told of each class, in the order of the run.
    tree : Clustering
    distance : float
        Where the tree is cut, in 1 - A.
    """
    made, scaled = cut_at(tree, distance), importance(summary, selection)
    found = enrichment(made.flat, metadata.told(rows))
    singles = [place for place in tree.order if _alone(made, place)]
    return {
        "regime": regime_for(summary, selection, IMPORTANCE),
        "cut": distance,
        "notes": _notes(made, len(singles)),
        "empty": None if len(made.several) else _nothing(tree, distance),
        "untold": None if metadata.told(rows) else metadata.HOW,
        "clusters": [
            _cluster(summary, scaled, np.flatnonzero(made.flat == number), number, found)
            | {"places": _ends(made, tree, number)}
            for number in made.several
        ],
        "singles": metadata.class_names(summary, singles[:N_MEMBERS]),
        "nSingles": len(singles),
        "leftOut": metadata.class_names(summary, tree.left_out),
    }


def _ends(made: Cut, tree: Clustering, number: int) -> tuple[int, int]:
    """Return the first and the last place of a cluster in the order of the tree."""
    places = np.flatnonzero(made.flat[tree.order] == number)
    return int(places[0]), int(places[-1])


def _alone(made: Cut, place: int) -> bool:
    """Return whether a class has a cluster to itself."""
    return made.flat[place] >= 0 and made.flat[place] not in made.several


def _nothing(tree: Clustering, distance: float) -> str:
    """Return why no cluster has several members."""
    if not len(tree.linkage):
        return "Fewer than two classes have a similarity, so there is nothing to cluster."
    first = float(tree.linkage[:, 2].min())
    return (
        f"No two classes join below 1 − A = {distance:g}; the first two do at {first:.2f}. "
        "Move the cut of the tree to the left."
    )


def _notes(made: Cut, n_single: int) -> list[Note]:
    """Return chips: how many clusters."""
    n = len(made.several)
    return [
        Note(f"{count(n, 'cluster')}", "Groups of two or more classes at this cut.", "good"),
        Note(f"{count(n_single, 'class', 'classes')} alone", "Classes that join no other yet."),
    ]


def steadiness(tree: Clustering, drawn: Resampled, *, distance: float = CUT) -> dict:
    """Return how well the clusters come back when the trials are drawn again.

    Returns
    -------
    dict
        `jaccard` (number of a cluster -> mean index of the best fit), `notes` on the partition.
    """
    made = cut_at(tree, distance)
    found = stability(made.flat, drawn)
    if not found.n:
        return {"jaccard": {}, "notes": []}
    why = (
        f"The trials of each class drawn again {found.n} times, the tree grown anew and cut into "
        "as many clusters: mean adjusted Rand index, 1 is the same partition each time. Trials "
        "are restarts on one network; another network may group the classes otherwise."
    )
    note = Note(f"partition over trials {found.rand:.2f}", why, _tone(found.rand))
    return {
        "jaccard": {str(number + 1): float(found.jaccard[number]) for number in made.several},
        "notes": [note],
    }


def _tone(value: float) -> Literal["plain", "good", "warn"]:
    """Return the tone of an index of agreement."""
    return "good" if value >= STABLE else "warn" if value < SHAKY else "plain"


def _cluster(
    summary: xr.Dataset,
    scaled: NDArray[np.float64],
    members: NDArray[np.int64],
    number: int,
    found: Sequence[Enriched],
) -> dict:
    """Return what is told of one cluster."""
    channels, names = summary.channel.values, metadata.channel_names(summary)
    shared = shared_features(scaled[members])
    mine = [one for one in found if one.cluster == number and one.fold > 1]
    listed = [one for one in mine if one.q <= LARGEST_Q] or mine[:1]  # else the closest to it
    return {
        "number": int(number) + 1,
        "n": len(members),
        "members": metadata.class_names(summary, members[:N_MEMBERS]),
        "nFeatures": len(shared),
        "features": [
            {
                "channel": int(channels[one.channel]),
                "name": names[one.channel],
                "sign": one.sign,
                "n": one.n,
                "mean": one.mean,
            }
            for one in shared[:N_FEATURES]
        ],
        "enriched": [
            {
                "column": one.column,
                "value": one.value,
                "n": one.n,
                "size": one.size,
                "total": one.total,
                "universe": one.universe,
                "fold": one.fold,
                "p": one.p,
                "q": one.q,
            }
            for one in listed[:N_VALUES]
        ],
    }


def heat(
    summary: xr.Dataset,
    selection: Selection,
    tree: Clustering,
    columns: NDArray[np.int64],
    *,
    distance: float = CUT,
) -> Matrix:
    """Return the mean OFIV of each cluster with several members.

    *Source:* the paper's Figure 9. *Choice:* each class in units of its largest |OFIV|, so that one
    class does not decide for its cluster.

    Parameters
    ----------
    columns : int array (channel,)
        Places of the channels, in the order they are drawn.

    Returns
    -------
    Matrix of clusters in the order of the tree x channels
    """
    made, scaled = cut_at(tree, distance), importance(summary, selection)
    members = [np.flatnonzero(made.flat == number) for number in made.several]
    mean = [scaled[places].mean(axis=0)[columns] for places in members]
    names = metadata.channel_names(summary)
    return Matrix(
        np.array(mean).reshape(len(mean), len(columns)),
        1.0,
        tuple(
            f"{number + 1} · {count(len(places), 'class', 'classes')}"
            for number, places in zip(made.several, members, strict=True)
        ),
        tuple(names[k] for k in columns),
        tuple(int(number) + 1 for number in made.several),
        tuple(int(k) for k in summary.channel.values[columns]),
    )
