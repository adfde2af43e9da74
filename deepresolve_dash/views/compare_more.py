"""What several runs say of whole classes: similarities, families of motifs, interactions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.core.statistics import comparison
from deepresolve_dash.core.statistics.classes import cluster
from deepresolve_dash.motifs.families import find_families
from deepresolve_dash.motifs.pairing import same_width
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes
from deepresolve_dash.views.compare import LETTERS
from deepresolve_dash.views.compare_class import Targets
from deepresolve_dash.views.compare_rows import Lined
from deepresolve_dash.views.matrix import Matrix, largest
from deepresolve_dash.views.selection import IMPORTANCE, Selection, of_class

_LEAST_LIMIT = 0.1  # of the colours: smaller differences of similarity are noise


def similarity(
    runs: Sequence[Run],
    both: Sequence[tuple[str, int, int]],
    two: tuple[int, int],
    *,
    regime: str | None = None,
) -> Matrix:
    """Show where two runs disagree on which classes are alike: similarity in one minus the other.

    Rows stand in the order of the first run's tree; blank cells are classes without similarity in
    either run, and differences of classes with few positive channels are mostly noise.

    *Choice:* colours end at the largest difference, though never below 0.1: noise stays pale.

    Parameters
    ----------
    both : sequence of (name, output index in the first, in the second)
        Classes that both runs have.
    two : two of int
        Places of the runs.
    """
    values = []
    for at, run in zip(two, (runs[i] for i in two), strict=True):
        index = {target: place for place, target in enumerate(run.summary.target.values.tolist())}
        place = [index[one[1 + two.index(at)]] for one in both]
        whole = classes.values(run.summary, Selection(run.id, 0, regime), "similarity")
        values.append(whole[np.ix_(place, place)])
    order = cluster(values[0]).order
    gap = (values[0] - values[1])[np.ix_(order, order)]
    names = tuple(f"{both[i][1]} {both[i][0]}" for i in order)
    ids = tuple(both[i][1] for i in order)
    return Matrix(gap, max(_LEAST_LIMIT, largest(gap)), names, names, ids, ids)


def largest_gaps(matrix: Matrix, *, most: int = 12) -> list[list]:
    """Return the pairs of classes with the largest difference: two names, the difference."""
    i, j = np.triu_indices(len(matrix.values), 1)
    gap = matrix.values[i, j]
    order = np.argsort(-np.abs(np.nan_to_num(gap)), kind="stable")[:most]
    return [
        [matrix.rows[i[k]], matrix.rows[j[k]], float(gap[k])]
        for k in order
        if np.isfinite(gap[k]) and gap[k] != 0
    ]


def families(
    runs: Sequence[Run],
    lined: Lined,
    motifs: Sequence[NDArray | None],
    targets: Targets,
    *,
    regime: str | None = None,
) -> dict:
    """Gather the important channels of all runs into families that see one motif between them.

    Networks share a motif out over their channels differently, so compare the sum of a family and
    not its channels; a family in one run alone may be half of a motif that another spells whole.

    Returns
    -------
    dict
        `families`: per family `members` (run, channel, OFIV, row or None) and `sum` of OFIV per run
        (None where it has none), families in most runs first; `n` of runs with motifs.
    """
    who, matrices, values = [], [], []
    for at, (run, target) in enumerate(zip(runs, targets, strict=True)):
        motif = motifs[at]
        if target is None or motif is None:
            continue
        ofiv = of_class(run.summary, Selection(run.id, target, regime), IMPORTANCE).ofiv.values
        chosen = np.flatnonzero(comparison.found(ofiv))
        who += [(at, int(k)) for k in chosen]
        values += ofiv[chosen].tolist()
        matrices.append(motif[chosen])
    n_runs = len(matrices)
    if not who:
        return {"families": [], "n": n_runs}
    family = find_families(np.concatenate(same_width(matrices))).family
    told = [
        _family(runs, lined, [(*who[i], values[i]) for i in np.flatnonzero(family == one)])
        for one in dict.fromkeys(family.tolist())
    ]
    told.sort(key=lambda one: (-sum(s is not None for s in one["sum"]), -one["largest"]))
    return {"families": told, "n": n_runs}


def _family(runs: Sequence[Run], lined: Lined, members: list[tuple[int, int, float]]) -> dict:
    """Return the members of a family and its sums."""
    sums = [
        sum(value for run, _, value in members if run == at)
        if any(run == at for run, _, _ in members)
        else None
        for at in range(len(runs))
    ]
    return {
        "members": [
            [at, int(runs[at].summary.channel.values[k]), value, _row(lined, at, k)]
            for at, k, value in members
        ],
        "sum": sums,
        "largest": max(abs(value) for _, _, value in members),
    }


def interactions(lined: Lined, answers: Sequence[dict | None]) -> dict:
    """List the pairs of groups whose interaction is called, and in how many tested runs it recurs.

    Only runs whose interactions were tested count; two pairs are the same when their groups share
    half of their channels, so a group that was cut another way can hide a pair that recurs.

    The test asks the network and not the maps of a run: runs that differ in l2 alone have one test
    between them, which counts once.

    Parameters
    ----------
    answers : sequence (run,) of dict or None
        Of the verifier about the class; None where it was not asked.

    Returns
    -------
    dict
        `tested` letters; `tests`, how many different ones; `pairs`: per run in `runs` the groups
        `a` and `b` of channels, `name`, `interaction` and `interval` (None where it is not called),
        `times`, in how many tests, most often called first.
    """
    first = [answers.index(answer) for answer in answers]  # the same for those that share a test
    called = [_called(lined, at, answer) for at, answer in enumerate(answers)]
    found = comparison.recurring([[groups for groups, _ in one] for one in called])
    pairs = []
    for places in found:
        told = [None if p is None else one[p][1] for p, one in zip(places, called, strict=True)]
        tests = {first[at] for at, one in enumerate(told) if one is not None}
        pairs.append({"runs": told, "times": len(tests)})
    pairs.sort(key=lambda one: (-one["times"], -max(_size(told) for told in one["runs"])))
    tested = [at for at, answer in enumerate(answers) if answer is not None]
    n = len({first[at] for at in tested})
    return {"tested": [LETTERS[at] for at in tested], "tests": n, "pairs": pairs}


def _size(told: dict | None) -> float:
    return abs(told["interaction"]) if told else 0.0


def _called(
    lined: Lined, at: int, answer: dict | None
) -> list[tuple[tuple[list[int], list[int]], dict]]:
    """Return the called pairs of a run: their groups as rows, and what is told of them."""
    if answer is None:
        return []
    found = []
    for pair in answer["pairs"]:
        rows = [[row for k in pair[one] if (row := _row(lined, at, k)) is not None] for one in "ab"]
        if pair["called"] and rows[0] and rows[1]:
            told = {key: pair[key] for key in ("a", "b", "name", "interaction", "interval")}
            found.append(((rows[0], rows[1]), told))
    return found


def _row(lined: Lined, at: int, place: int) -> int | None:
    """Return the row of a channel; None where it stands in none."""
    found = np.flatnonzero(lined.rows.place[:, at] == place)
    return int(found[0]) if len(found) else None
