"""Runs with what the state folder tells of them: names of classes, labels that came later."""

from collections.abc import Sequence

import xarray as xr

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.runs.added_labels import AddedLabelsStore
from deepresolve_dash.runs.class_table import ClassRow, from_names
from deepresolve_dash.runs.models import ID_LENGTH, ModelNotFound, ModelStore
from deepresolve_dash.runs.store import Run


def named_run(run: Run, models: ModelStore, labels: AddedLabelsStore) -> Run:
    """Return a run with the labels it was given, its classes called as those of its model."""
    labelled = labels.with_labels(run)
    run = run if labelled is None else changed_run(run, labelled)
    try:
        classes = models.open(model_id(run)).classes
    except ModelNotFound:
        return run
    return with_names(run, [row.name for row in classes])


def with_names(run: Run, names: Sequence[str]) -> Run:
    """Return a run with names for the classes of its first output; other outputs keep theirs."""
    targets = run.summary.target.values
    if run.info["spec"].get("output") or targets.max() >= len(names):
        return run
    called = [names[target] for target in targets]
    if called == run.summary.target_name.values.tolist():
        return run
    return changed_run(run, run.summary.assign_coords(target_name=("target", called)))


class _Changed(Run):
    """A run with another summary; its ensemble is read when it is asked for, and once."""

    @property
    def ensemble(self) -> xr.Dataset:  # type: ignore[override]
        """Raw results of the ascent."""
        return self.__dict__["original"].ensemble


def changed_run(run: Run, summary: xr.Dataset) -> Run:
    """Return a run with another summary."""
    changed = _Changed(run.folder, run.info)
    changed.__dict__.update(original=run, summary=summary)
    return changed


def rows_of(run: Run, models: ModelStore) -> list[ClassRow]:
    """Return what is told of each class, in the order of a run; at least what its name tells."""
    targets, rows = run.summary.target.values.tolist(), ()
    if not run.info["spec"].get("output"):
        try:
            rows = models.open(model_id(run)).classes
        except DeepResolveError:
            rows = ()
    if rows and max(targets) < len(rows):
        return [rows[target] for target in targets]
    return list(from_names([str(name) for name in run.summary.target_name.values]))


def model_id(run: Run) -> str:
    """Return the id that the network of a run has as a model."""
    return str(run.info["spec"].get("network", ""))[:ID_LENGTH]
