"""What a run finds for a class, held against other runs of the same layer of its network."""

from collections.abc import Iterable, Sequence

import numpy as np

from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import compare, compare_class, compare_more
from deepresolve_dash.views.compare_rows import INDEX, line_up


def others(run: Run, runs: Iterable[Run], target: int) -> list[Run]:
    """Return the runs that ask the same layer of the same network about a class in another way.

    *Choice:* another seed or another l2. Of several runs with the same of both, such as a longer
    one that goes on with the trials of a shorter one, the newest; none that is like the run itself.

    Parameters
    ----------
    runs : iterable of Run
        The newest first.
    target : int
        Output index of the class.

    Returns
    -------
    list of Run
        At most seven, in the order of `runs`.
    """
    known, found = {_way(run)}, []
    for one in runs:
        there = target in one.info["spec"]["classes"] and compare.alike([run, one])
        if there and _way(one) not in known and len(found) < compare.MOST - 1:
            known.add(_way(one))
            found.append(one)
    return found


def data(
    runs: Sequence[Run],
    target: int,
    answers: Sequence[dict | None],
    *,
    regime: str | None = None,
) -> dict:
    """Count in how many runs each channel is found, as the comparison of these runs does.

    All runs share the network: a channel found in all of them says that the ascent repeats, and
    nothing of another training.

    Parameters
    ----------
    runs : sequence of Run
        One layer of one network; the first is the one on screen.
    answers : sequence (run,) of dict or None
        Of the verifier about the class.

    Returns
    -------
    dict
        `of` runs; `times` by channel, of those found at least once; `leading`, how many channels
        the first run finds, and `all`, how many of them every run finds; `tests` of interactions,
        and in how many of them each pair of groups that is called in the first run is, in `pairs`
        by the first channels of its groups.
    """
    lined = line_up(runs, [], INDEX)
    told = compare_class.data(runs, lined, [target] * len(runs), regime=regime)
    times, mine = told["times"], told["found"][0]
    recurring = compare_more.interactions(lined, answers)
    called = [one for one in recurring["pairs"] if one["runs"][0]]
    channels = runs[0].summary.channel.values.tolist()
    return {
        "of": told["of"],
        "times": {str(channels[k]): int(times[k]) for k in np.flatnonzero(times)},
        "leading": int(mine.sum()),
        "all": int((mine & (times == told["of"])).sum()),
        "tests": recurring["tests"],
        "pairs": {_pair(one["runs"][0]): one["times"] for one in called},
    }


def _pair(told: dict) -> str:
    return f"{told['a'][0]},{told['b'][0]}"


def _way(run: Run) -> tuple[object, ...]:
    """Return what makes the restarts of a run others than those of another run."""
    settings = run.info["spec"]["settings"]
    return settings.get("seed"), compare.l2_words(run)
