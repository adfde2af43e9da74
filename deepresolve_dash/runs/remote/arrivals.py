"""What becomes of the files and lines that a worker elsewhere has sent, once all are here."""

import os
import re
import shutil
from pathlib import Path

from deepresolve_dash.errors import RunNotFound, RunRefused
from deepresolve_dash.runs.entry import Claim
from deepresolve_dash.runs.remote.wire import SO_FAR
from deepresolve_dash.runs.store import open_run
from deepresolve_dash.runs.tidy import throw_away
from deepresolve_dash.runs.whole_file import flush
from deepresolve_dash.runs.work import log_path, show_partial, write_log

_MOST_LOG = 2**16  # characters at once
_LONGEST_LOG = 2**23  # bytes of a run's log
_STAMP = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ")


def staged(state: Path, claim: Claim) -> Path:
    """Return the folder in which the results of a run are put together, where none is found."""
    return state / "runs" / f".{claim.request.id}-elsewhere-{claim.attempt}" / "run"


def publish(state: Path, claim: Claim) -> None:
    """Let the results of a run appear; a second time nothing happens.

    Raises
    ------
    RunRefused
        When they are not those of this run, or not all of them are here.
    """
    run_id = claim.request.id
    half, folder = staged(state, claim), state / "runs" / run_id
    there = _is_run(folder, run_id)
    if there and not half.is_dir():
        return
    try:
        if open_run(half).id != run_id:
            raise RunRefused("These are the results of another run.")
    except RunNotFound as error:
        raise RunRefused(f"The results did not come whole: {error.message}") from error
    if not there:
        if folder.is_dir():
            throw_away(state, folder, run_id)
        os.replace(half, folder)
        flush(folder.parent)
    shutil.rmtree(half.parent)


def show_so_far(state: Path, claim: Claim, folder: str) -> None:
    """Let results so far be looked at.

    Raises
    ------
    RunRefused
        When the folder, a path below the state folder, is none of this run's.
    RunNotFound
        When not all of them are here.
    """
    named = SO_FAR.fullmatch(f"{folder}/run.json")
    if not named or named["run"] != claim.request.id:
        raise RunRefused(f"'{folder}' holds no results so far of this run.")
    open_run(state / folder)
    show_partial(state, claim.request.id, state / folder)


def add_to_log(state: Path, claim: Claim, text: str) -> None:
    """Add lines to the log of a run, with the name of the machine; one that is too long ends."""
    path = log_path(state, claim.request.id)
    if path.is_file() and path.stat().st_size > _LONGEST_LOG:
        return
    host = claim.owner.rsplit(":", 2)[0]
    for line in text[:_MOST_LOG].splitlines():
        write_log(state, claim.request.id, f"{host}: {_STAMP.sub('', line)}")


def _is_run(folder: Path, run_id: str) -> bool:
    """Tell whether a folder holds a whole run."""
    try:
        return open_run(folder).id == run_id
    except RunNotFound:
        return False
