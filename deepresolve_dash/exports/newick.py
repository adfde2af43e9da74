"""The tree of the classes as text that programs for trees read."""

import re
from collections import Counter

import xarray as xr

from deepresolve_dash.core.statistics.classes import Clustering
from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes
from deepresolve_dash.views.selection import Selection

_PLAIN = re.compile(r"[A-Za-z0-9.+-]+")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def newick(run: Run, selection: Selection, *, tree: Clustering | None = None) -> str:
    """Return the tree that orders the classes, with its distances, in the Newick format.

    *Choice:* a branch is as long as its two ends lie apart in 1 - A, so that every class lies as
    deep below a node as the height at which that node merges; classes without a similarity are in
    no branch of the tree and are left out.

    Parameters
    ----------
    tree : Clustering, optional
        As `views.classes.clustering` returns it, where it is known.

    Returns
    -------
    str
        One line; leaves in the order of the matrix on screen. A name that several classes have
        follows the output index, and a backslash, which some readers take for an escape, becomes
        a slash.

    Raises
    ------
    RunNotFound
        When fewer than two classes have a similarity.
    """
    if not classes.available(run.summary):
        raise RunNotFound("This run has one class, so there is no tree of classes.")
    found = classes.clustering(run.summary, selection) if tree is None else tree
    if not len(found.linkage):
        raise RunNotFound("Fewer than two classes have a similarity, so there is no tree.")
    names = leaf_names(run.summary)
    leaves = sorted(found.order[: len(found.linkage) + 1].tolist())
    parts = [quoted(names[place]) for place in leaves]
    heights = [0.0] * len(leaves)
    for first, second, height, _ in found.linkage.tolist():
        ends = [
            f"{parts[int(one)]}:{max(height - heights[int(one)], 0.0):.9g}"
            for one in (first, second)
        ]
        parts.append(f"({','.join(ends)})")
        heights.append(height)
    return f"{parts[-1]};\n"


def leaf_names(summary: xr.Dataset) -> list[str]:
    """Return one name for each class, no two alike."""
    names = [
        _BLANKS.sub(" ", str(name)).strip().replace("\\", "/")
        for name in summary.target_name.values
    ]
    targets, known = summary.target.values.tolist(), Counter(names)
    indexed = [f"{target} {name}".strip() for target, name in zip(targets, names, strict=True)]
    found = [
        name if name and known[name] == 1 else other
        for name, other in zip(names, indexed, strict=True)
    ]
    return found if len(set(found)) == len(found) else indexed


def quoted(name: str) -> str:
    """Return a name as Newick writes it: in quotes, inner ones doubled, unless it is a plain word.

    An underscore is quoted as well, since without quotes it means a blank.
    """
    return name if _PLAIN.fullmatch(name) else "'" + name.replace("'", "''") + "'"
