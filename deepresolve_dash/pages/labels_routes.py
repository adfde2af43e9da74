"""Labels for a finished run: a file is sent, and what became of it is said."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from flask import Blueprint, request

from deepresolve_dash.errors import DeepResolveError, SettingsError
from deepresolve_dash.pages.answers import action
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.quota import bring_anew, room_for
from deepresolve_dash.people.owners import LABELS
from deepresolve_dash.runs.added_labels import AddedLabels
from deepresolve_dash.runs.inputs import MOST_LABELS
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.measures import count

routes = Blueprint("labels", __name__, url_prefix="/act/runs/<run_id>/labels")
_NAMED = 6  # classes or columns that are named; the others are counted
_LONGEST = 60  # characters of a name
_PIECE = 2**20
NONE = (
    "No labels yet: add a file to see which classes share labels only. Text set apart by tabs with "
    "a line of class names, or npz or h5 with 'labels' (sequences x classes) and 'classes'."
)


@routes.post("/add")
@action
def add(run_id: str) -> dict:
    """Keep the correlation of the labels in a file."""
    run = open_run(run_id)
    if run.info.get("partial"):
        raise SettingsError("This run still computes.", "Add labels when it is done.")
    name = Path(request.args.get("name", "")).name[:_LONGEST] or "labels"
    labels = context().labels
    make_private(labels.folder)
    coming = min(request.content_length or MOST_LABELS, MOST_LABELS)
    with (
        room_for(coming),
        tempfile.TemporaryDirectory(prefix=".given-", dir=labels.folder) as folder,
    ):
        path = Path(folder) / "file"
        _receive(path, name)
        told = labels.add(run, path, name)
        bring_anew(LABELS, run.id, labels.size(run.id))
        return {"says": words(run, told)}


@routes.post("/remove")
@action
def remove(run_id: str) -> dict:
    """Forget the labels that a run was given."""
    context().labels.remove(open_run(run_id).id)
    return {}


def _receive(path: Path, name: str) -> None:
    """Write the body of the request to a file."""
    left = MOST_LABELS
    with path.open("xb") as file:
        while piece := request.stream.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise SettingsError(
                    f"{name} is larger than {MOST_LABELS >> 20} MB.",
                    "Take fewer sequences, or only the columns of the classes of this run.",
                )
            file.write(piece)


def said(run: Run) -> dict:
    """Return what is known of the labels of a run: words, and whether they can be taken away."""
    told = context().labels.of(run)
    if told is not None:
        return {"says": words(run, told), "added": True}
    if "label_correlation" not in run.summary:
        return {"says": NONE, "added": False}
    return {"says": f"Labels of the run: {_own(run)}.", "added": False}


def _own(run: Run) -> str:
    """Return name and size of the labels that a run was started with."""
    try:
        stored = context().inputs.open(str(run.info["spec"].get("labels")))
    except DeepResolveError:
        return "the file that it was started with"
    return f"{stored.name}, {count(stored.n, 'sequence')}, a column for each class"


def words(run: Run, told: AddedLabels) -> str:
    """Return how many classes a file has labels for, and which not."""
    names = dict(
        zip(run.summary.target.values.tolist(), run.summary.target_name.values, strict=True)
    )
    n = len(told.targets)
    parts = [
        f"Labels of {told.file}: {count(told.n, 'sequence')}; {n - len(told.missing)} of "
        f"{count(n, 'class', 'classes')} found, {told.by_name} by name and {told.by_index} by index"
    ]
    for what, targets in (("Without a column", told.missing), ("Never changing", told.constant)):
        if targets:
            parts.append(f"{what}: {_listed([f'{one} {names[one]}' for one in targets])}")
    if told.unused:
        parts.append(f"Columns of no class here: {_listed(told.unused)}")
    return ". ".join(parts) + "."


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(str(name)[:_LONGEST] for name in names[:_NAMED])
    return shown + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
