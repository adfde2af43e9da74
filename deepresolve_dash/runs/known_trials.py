"""The trials of a finished run, as the ascent takes them over."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from deepresolve_dash.core.ascent.ascend import Ascent
from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.runs.store import Run


@dataclass(frozen=True)
class Shorter:
    """A run with fewer trials: its id, how many they are, and the raw results of each regime."""

    id: str
    n_trials: int
    ascents: dict[str, Ascent]


def take_over(runs: Sequence[Run]) -> Shorter | None:
    """Return the first of some runs that can be read and has all that an ascent makes, or None."""
    for run in runs:
        try:
            ascents = known_ascents(run)
        except RunNotFound:
            continue
        if ascents is not None:
            return Shorter(run.id, run.ensemble.sizes["trial"], ascents)
    return None


def known_ascents(run: Run) -> dict[str, Ascent] | None:
    """Return the raw results of each regime of a run.

    Returns
    -------
    dict of regime name -> Ascent
        None when something that an ascent makes is not in the run, as in those of older releases.

    Raises
    ------
    RunNotFound
        When its file cannot be read.
    """
    ensemble, spec = run.ensemble, run.info["spec"]
    wanted = [field.name for field in fields(Ascent) if field.name != "fim" or spec["keep_fim"]]
    whole = (
        ensemble.target.values.tolist() == list(spec["classes"])
        and ensemble.sizes["trial"] == spec["settings"]["n_trials"]
        and set(wanted) <= set(ensemble.data_vars)
    )
    if not whole:
        return None
    return {
        name: Ascent(**{variable: ensemble[variable].values[r] for variable in wanted})
        for r, name in enumerate(ensemble.regime.values.tolist())
    }
