"""A run of the queue as one line: how far it is, in words and as a share."""

from collections.abc import Mapping

from deepresolve_dash.runs.entry import Entry
from deepresolve_dash.runs.probe_request import PROBE
from deepresolve_dash.views.measures import count, duration
from deepresolve_dash.views.selection import address

ACTIVE = ("queued", "running")


def line(entry: Entry, model_names: Mapping[str, str], keep_days: int = 0) -> dict:
    """Return what the browser shows of a run, as plain JSON values."""
    kind = entry.request.get("kind", "run")
    about = _ABOUT.get(kind, _about_run)
    return {
        "id": entry.id,
        "name": entry.name,
        "state": entry.state,
        "active": entry.state in ACTIVE,
        "says": says(entry),
        "share": share(entry),
        "left": left(entry),
        "model": entry.model,
        "modelName": model_names.get(entry.model, "a deleted model"),
        "hasModel": entry.model in model_names,
        "kind": kind,
        "classes": count(entry.n_classes, "class", "classes"),
        "finished": entry.finished_classes,
        "nClasses": entry.n_classes,
        "users": list(entry.users),
        "created": entry.created,
        "queued": entry.queued,
        "started": entry.started,
        "cancelling": entry.cancelling,
        "deleted": entry.hidden,
        "priority": entry.priority,
        "pinned": entry.pinned,
        "expires": entry.expires(keep_days),
        **about(entry),
    }


def _about_run(entry: Entry) -> dict:
    """Return what only a run has: layer, preset, and the address of its first class."""
    spec = entry.request["spec"]
    href = address(entry.id, spec["classes"][0], "")
    return {"layer": spec["layer"], "preset": spec["preset"], "href": href}


def _about_interactions(entry: Entry) -> dict:
    """Return the same of a test of interactions, which is looked at on the page of its run."""
    question = entry.request["question"]
    href = address(entry.request["run"], question["target"], "") + "?present=interactions"
    return {"layer": question["layer"], "preset": "interactions", "href": href}


def _about_motifs(entry: Entry) -> dict:
    """Return the same of a look at channels, which is about a whole run."""
    layer = entry.request["question"]["layer"]
    return {"layer": layer, "preset": "motifs", "href": f"/runs/{entry.request['run']}/channels"}


def _about_probe(entry: Entry) -> dict:
    """Return the same of a question about a sequence, which leaves the queue when it is over."""
    layer = entry.request["question"]["layer"] or ""
    return {"layer": layer, "preset": PROBE, "href": f"/models/{entry.model}/probe"}


_ABOUT = {"interactions": _about_interactions, "motifs": _about_motifs, PROBE: _about_probe}


def says(entry: Entry) -> str:
    """Return what is going on with a run, in words."""
    if entry.state == "queued":
        place = f", number {entry.position}" if entry.position else ""
        return entry.message or f"waiting{place}"
    if entry.state == "running":
        return "stopping" if entry.cancelling else entry.phase or "running"
    if entry.state == "done":
        return f"done in {duration(spent(entry))}"
    if entry.state == "failed":
        return f"failed: {entry.message or 'the log says why'}"
    return "cancelled"


def spent(entry: Entry) -> float | None:
    """Return the seconds from its last start to its end."""
    if entry.started is None or entry.ended is None:
        return None
    return max(0.0, entry.ended - entry.started)


def share(entry: Entry) -> float | None:
    """Return how much of the work is done, 0 to 1; None when that means nothing."""
    if entry.state == "done":
        return 1.0
    if entry.total <= 0 or (entry.state == "queued" and not entry.done):
        return None
    return min(1.0, entry.done / entry.total)


def left(entry: Entry) -> str:
    """Return the time left and the classes that can be looked at, in words."""
    parts = []
    if entry.state == "running" and entry.seconds_left is not None and not entry.cancelling:
        parts.append(f"{duration(entry.seconds_left)} left")
    if entry.state != "done" and entry.finished_classes and entry.n_classes > 1:
        parts.append(f"{entry.finished_classes:,} of {entry.n_classes:,} classes")
    return ", ".join(parts)
