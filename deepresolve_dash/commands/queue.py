"""Commands on the queue of runs: the same ledger that the screens use, without torch."""

import os
import sys
import time
from functools import partial
from pathlib import Path

import typer

from deepresolve_dash.commands.acting_as import actor
from deepresolve_dash.commands.options import ModelFiles
from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.core.settings import AscentSettings
from deepresolve_dash.errors import DeepResolveError, RunRefused
from deepresolve_dash.runs.control import Mode
from deepresolve_dash.runs.entry import Entry
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.locks import holder, slot_lock
from deepresolve_dash.runs.offer import offer_of_card
from deepresolve_dash.runs.reaper import Reaper
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.slots import Slot, find_slots
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.settings import Settings, read_settings

_LOOK_S = 0.2
_REAP_S = 2.0
_INTERRUPTED = 130  # exit code


def submit(
    files: ModelFiles,
    *,
    settings: AscentSettings,
    sequences: Path | None,
    genome: Path | None,
    labels: Path | None,
    wait: bool,
    user: str | None = None,
    **choice,
) -> int:
    """Take the model in, queue the run for a user, print its id; with `wait`, see it through."""
    asked = read_settings()
    acts, service = actor(asked, user), Service(asked)
    service.prepare()
    title = files.model.resolve().stem
    model = service.models.add(
        files.weights or files.model,
        title,
        architecture=files.model if files.weights else files.architecture,
    )
    reads = None
    if sequences:
        length = model.card["input"]["length"]
        reads = service.inputs.add_given(sequences, genome=genome, at_least=length)
    make = partial(make_request, model, settings=settings, sequences=reads, **choice)
    request = make()
    if labels:
        names = offer_of_card(model.card, request.spec.output).class_names
        table = service.inputs.add_labels(labels, labels.name, names, request.spec.classes)
        request = make(labels=table)
    entry = service.submit(request, acts.name)
    acts.write("start run", run=entry.id, title=entry.name)
    typer.echo(entry.id)
    if not wait:
        return 0
    try:
        return _see_through(service, entry)
    except KeyboardInterrupt:
        typer.echo(f"The run goes on in the background; `cancel {entry.id}` stops it.", err=True)
        return _INTERRUPTED


def list_runs(*, as_json: bool) -> None:
    """Print the queue and its history, the newest first."""
    entries = [one for one in Service(read_settings()).feed().entries if not one.hidden]
    if as_json:
        typer.echo(to_json([vars(entry) for entry in entries]))
        return
    for entry in entries:
        typer.echo(f"{entry.id}  {entry.state:<9}  {_how_far(entry):<34}  {entry.name}")


def cancel(run_id: str, user: str | None = None) -> None:
    """Take a user out of a run; when nobody else wants it, wait until it has stopped."""
    asked = read_settings()
    acts, service = actor(asked, user), Service(asked)
    users = service.ledger.get(run_id).users
    if users and acts.name not in users:
        raise RunRefused(
            f"This run is wanted by {', '.join(users)}, and not by {acts.name}.",
            f"Say `--as {users[0]}` to cancel it in that name.",
        )
    entry = service.cancel(run_id, acts.name)
    acts.write("runs cancel", run_id=run_id)
    while entry.cancelling:
        time.sleep(_LOOK_S)
        service.feed()
        entry = service.ledger.get(run_id)
    left = f" and goes on for {', '.join(entry.users)}" if acts.name not in entry.users else ""
    typer.echo(f"Run {run_id} is {entry.state}{left}.", err=True)


def steer(mode: Mode, *, hand_back: bool = False) -> None:
    """Open, pause or drain the queue, and say what goes on."""
    service = Service(read_settings())
    service.set_mode(mode, hand_back=hand_back)
    n = len(service.ledger.held())
    still = f"{n} {'run is' if n == 1 else 'runs are'} still computed" if n else "none is computed"
    said = {"open": "Runs are taken up.", "paused": f"No run is taken up; {still}."}
    typer.echo(said.get(mode, f"No run is taken up, and workers end; {still}."), err=True)


def work() -> int:
    """Compute runs in the foreground until stopped."""
    from deepresolve_dash.runs import worker

    settings = read_settings()
    state = settings.state.absolute()
    reaper = Reaper(state, Ledger(state / LEDGER), stall_s=settings.stall_s)
    slot = _free_slot(settings, state)
    looked_at = 0.0

    def reap() -> None:
        nonlocal looked_at
        if time.monotonic() - looked_at > _REAP_S:
            looked_at = time.monotonic()
            reaper.go_round()

    def begin_again() -> None:
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606

    typer.echo(f"Working on {slot.name}, state in {state} (Ctrl-C ends it).", err=True)
    try:
        code = worker.work(settings, slot, goes_on=lambda: True, give_up=begin_again, idle=reap)
    except KeyboardInterrupt:
        typer.echo("Stopped; a run that was begun goes on with the next worker.", err=True)
        return _INTERRUPTED
    if code == worker.NO_CUDA:
        raise RunRefused("This installation of torch sees no GPU.", "Set DRD_GPUS=none.")
    return code


def _free_slot(settings: Settings, state: Path) -> Slot:
    """Return a place to compute that nobody has."""
    for slot in find_slots(settings.gpus, settings.cpu_workers):
        if holder(slot_lock(state, slot.name)) is None:
            return slot
    raise RunRefused(
        "Another worker computes for this state folder already.",
        "`make stop` ends those that run in the background.",
    )


def _see_through(service: Service, entry: Entry) -> int:
    """Show the progress of a run until it is over."""
    with progress_bar(entry.name) as show:
        while entry.state in ("queued", "running"):
            show(entry.done, entry.total)
            time.sleep(_LOOK_S)
            service.feed()
            entry = service.ledger.get(entry.id)
    if entry.state != "done":
        raise DeepResolveError(entry.message or f"Run {entry.id} was {entry.state}.")
    typer.echo(f"Run {entry.id} is done.", err=True)
    return 0


def _how_far(entry: Entry) -> str:
    """Say where a run stands."""
    if entry.state == "queued":
        return f"number {entry.position} in the queue"
    if entry.state == "running":
        share = 100 * entry.done // max(1, entry.total)
        left = f", {entry.seconds_left:.0f} s left" if entry.seconds_left is not None else ""
        return f"{entry.phase} {share}%{left}"
    return entry.message
