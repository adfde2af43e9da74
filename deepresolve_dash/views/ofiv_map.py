"""The OFIV of all classes at once: classes by channels, alike beside alike."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.classes import Clustering
from deepresolve_dash.core.statistics.orders import clustered_order
from deepresolve_dash.views import metadata
from deepresolve_dash.views.clusters import importance
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import Selection
from deepresolve_dash.views.words import Note


def channel_order(summary: xr.Dataset, selection: Selection) -> NDArray[np.int64]:
    """Return places of the channels such that those that speak for the same classes are neighbours.

    *Choice:* cosine distance between the columns, classes in units of their largest |OFIV|, average
    linkage; channels that are 0 for every class come last.
    """
    scaled = importance(summary, selection)
    return clustered_order(scaled[np.isfinite(scaled).all(axis=1)].T)


def data(
    summary: xr.Dataset,
    selection: Selection,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> Matrix:
    """Show what every channel does to every class, classes in the order of the similarity.

    Each class is in units of its largest |OFIV|, so colours compare channels within a class; two
    rows of the same colour can stand for importances of very different size.

    Parameters
    ----------
    rows, columns : int arrays
        Places of the classes and of the channels, in the order they are drawn.
    """
    names = metadata.channel_names(summary)
    ids = [int(target) for target in summary.target.values[rows]]
    called = [str(name) for name in summary.target_name.values[rows]]
    return Matrix(
        importance(summary, selection)[np.ix_(rows, columns)],
        1.0,
        tuple(f"{target} {name}" for target, name in zip(ids, called, strict=True)),
        tuple(names[k] for k in columns),
        tuple(ids),
        tuple(int(k) for k in summary.channel.values[columns]),
    )


def notes(summary: xr.Dataset, selection: Selection, tree: Clustering) -> list[Note]:
    """Return chips: the size of the map, and the classes that stand below the tree."""
    n, k = summary.sizes["target"], summary.sizes["channel"]
    told = [Note(f"{n:,} classes, {k:,} channels", "Signed extremes where a pixel holds several.")]
    if not len(tree.left_out):
        return told
    names = [one["name"] for one in metadata.class_names(summary, tree.left_out)]
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    why = f"The positive part of their OFIV is constant or unknown: {listed}."
    return [*told, Note(f"{count(len(names), 'class', 'classes')} below the tree", why, "warn")]
