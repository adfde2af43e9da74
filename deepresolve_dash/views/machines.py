"""The machines that compute beside this one, in words."""

from collections.abc import Sequence

from deepresolve_dash.runs.machines import Machine
from deepresolve_dash.views.measures import count, duration

_ENGINES = {"slurm": ("SLURM", "job"), "celery": ("Celery", "ticket")}
_SILENT_S = 15.0


def data(machines: Sequence[Machine], told: dict | None, now: float, *, here: bool) -> dict:
    """Return what the queue page shows of other machines.

    Parameters
    ----------
    machines : sequence of Machine
    told : dict or None
        How the engine stands, see `runs.remote.tickets.engine_told`.
    now : float
        Epoch seconds.
    here : bool
        Whether workers of other machines are answered at all.

    Returns
    -------
    dict
        `shown`, `engine` (a sentence), `trouble` (what the engine refused with), `rows`.
    """
    return {
        "shown": here or bool(machines),
        "engine": engine_words(told),
        "trouble": (told or {}).get("trouble", ""),
        "rows": [row(one, now) for one in machines],
    }


def engine_words(told: dict | None) -> str:
    """Say how many workers an engine has waiting and at work."""
    if told is None:
        return ""
    name, kind = _ENGINES.get(told["engine"], (told["engine"], "job"))
    verb = "waits" if told["waiting"] == 1 else "wait"
    waiting = f"{name}: {count(told['waiting'], kind)} {verb}"
    if told["engine"] == "celery":  # which does not know who is at work
        return f"{waiting}."
    return f"{waiting}, {told['running']} at work."


def row(one: Machine, now: float) -> dict:
    """Return a machine as plain JSON values."""
    silent = now - one.seen
    state = "computes" if one.run else "waits"
    if one.draining:
        state = "ends after this" if one.run else "ends"
    if silent > _SILENT_S:
        state = f"silent for {duration(silent)}"
    return {
        "owner": one.owner,
        "host": one.host,
        "device": one.device,
        "engine": _ENGINES.get(one.engine, ("by hand", ""))[0],
        "state": state,
        "run": one.run,
        "name": one.name or "",
        "since": duration(now - one.since),
        "draining": one.draining,
    }
