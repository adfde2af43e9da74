"""Runs that differ in their number of trials alone: the longer one takes over the shorter one's."""

from dataclasses import replace

from deepresolve_dash.core.settings import METHOD_VERSION
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.spec import RunSpec, spec_from_dict
from deepresolve_dash.runs.store import Run, RunStore

LEAST_KNOWN = 10  # trials that are worth taking over


def with_trials(spec: RunSpec, n_trials: int) -> RunSpec:
    """Return the same specification with another number of trials, by the method of today."""
    settings = replace(spec.settings, n_trials=n_trials)
    return replace(spec, settings=settings, method_version=METHOD_VERSION)


def known_runs(store: RunStore, spec: RunSpec, device: str) -> list[Run]:
    """Return the finished runs whose trials a run can take over, the one with the most first.

    *Choice:* only what would be computed again to the same bits is taken over: the same
    specification but for fewer trials, at least ten (the place of a row in its chunk, and so its
    rounding, depends on the number of trials below ten), on the same kind of device.

    Parameters
    ----------
    store : RunStore
    spec : RunSpec
        Of the longer run.
    device : {"cpu", "cuda"}
        Where it is computed.
    """
    found = [run for run in store.runs() if _is_part(run, spec, device)]
    return sorted(found, key=n_trials, reverse=True)


def n_trials(run: Run) -> int:
    """Return how many trials a run was asked for."""
    return int(run.info["spec"]["settings"]["n_trials"])


def _is_part(run: Run, spec: RunSpec, device: str) -> bool:
    """Tell whether a run is the beginning of a longer one."""
    try:
        theirs = spec_from_dict(run.info["spec"])
        place = str(run.info["timing"]["device"])
    except (KeyError, TypeError, ValueError, SettingsError):
        return False
    n, wanted = theirs.settings.n_trials, spec.settings.n_trials
    longer = replace(theirs, settings=replace(theirs.settings, n_trials=wanted))
    return LEAST_KNOWN <= n < wanted and longer == spec and place.split(":")[0] == device
