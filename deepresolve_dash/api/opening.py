"""Find runs, open them, compute them again with something changed."""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepresolve_dash.core.settings import AscentSettings
from deepresolve_dash.errors import RunNotFound, SettingsError
from deepresolve_dash.exports.known import known_from_state
from deepresolve_dash.runs.store import Run, RunStore, find_run, write_run
from deepresolve_dash.settings import read_settings
from deepresolve_dash.views.selection import Selection

Class = int | str
"""A class: its output index, or its name."""


def runs() -> pd.DataFrame:
    """List the finished runs and the demos that come with the program, the newest first.

    Returns
    -------
    DataFrame
        Indexed by id: `name`, `network`, `layer`, `classes`, `trials`, `preset`, `started`, where
        its `folder` is.
    """
    found = RunStore(read_settings().run_roots).runs()
    rows = [
        {
            "id": run.id,
            "name": run.info.get("name", run.id),
            "network": run.info.get("network", {}).get("name", ""),
            "layer": run.info["spec"]["layer"],
            "classes": len(run.info["spec"]["classes"]),
            "trials": run.info["spec"]["settings"]["n_trials"],
            "preset": run.info["spec"]["preset"],
            "started": run.info.get("timing", {}).get("started", ""),
            "folder": str(run.folder),
        }
        for run in found
    ]
    return pd.DataFrame(rows).set_index("id")


def open_run(run: str | Path) -> Run:
    """Open a run by its id or its folder.

    Returns
    -------
    Run
        `info`, and the datasets `ensemble` (raw results) and `summary` (what is derived from them),
        each an xarray.Dataset with units and long names; classes and channels bear the names that
        the dashboard knows.

    Raises
    ------
    RunNotFound
        When there is none.
    """
    return known_from_state(find_run(str(run)), read_settings().state)


def again(
    run: Run,
    folder: str | Path,
    *,
    classes: Sequence[Class] | None = None,
    layer: str | None = None,
    device: str = "auto",
    **settings: Any,
) -> Run:
    """Compute a run again with something changed, such as another seed.

    Parameters
    ----------
    run : Run
        Its network, sequences and labels are found by their hash, as `recompute` finds them.
    folder : path
        Folder of the new run.
    classes : sequence of int or str, optional
        Some of its classes.
    layer : str, optional
    device : {"auto", "cpu", "cuda"}
    **settings
        Of the ascent: `seed`, `n_trials`, `l2`, `steps` and so on.

    Raises
    ------
    DeepResolveError
        When what it was made from is gone, or a choice does not fit.
    """
    from deepresolve_dash.commands.recompute import stored_job  # torch, only where it is needed
    from deepresolve_dash.runs.execute import execute

    if Path(folder).is_dir() and any(Path(folder).iterdir()):
        raise SettingsError(f"The folder {folder} is not empty.", "Name a new one.")
    job = stored_job(run)
    known = {one.name for one in fields(AscentSettings)}
    if unknown := sorted(set(settings) - known):
        raise SettingsError(f"The ascent has no '{unknown[0]}'.", f"It has {', '.join(known)}.")
    spec = replace(job.spec, settings=replace(job.spec.settings, **settings))
    chosen = [selection(run, one).target for one in classes or ()]
    if chosen:
        spec = replace(spec, classes=tuple(chosen))
    if layer:
        spec = replace(spec, layer=layer)
    table = job.labels
    if table is not None and chosen:
        table = table[:, [job.spec.classes.index(target) for target in chosen]]
    results = execute(replace(job, spec=spec, labels=table), device=device)
    write_run(Path(folder), info=results.info, ensemble=results.ensemble, summary=results.summary)
    return open_run(folder)


def selection(run: Run, target: Class) -> Selection:
    """Return the choice of one class of a run.

    Raises
    ------
    RunNotFound
        When it has no such class, or several of this name.
    """
    indices = run.summary.target.values
    if isinstance(target, str):
        found = indices[np.flatnonzero(run.summary.target_name.values.astype(str) == target)]
    else:
        found = indices[indices == target]
    if len(found) != 1:
        many = "several classes" if len(found) else "no class"
        raise RunNotFound(f"This run has {many} '{target}'.", "`classes(run)` lists them.")
    return Selection(run.id, int(found[0]))
