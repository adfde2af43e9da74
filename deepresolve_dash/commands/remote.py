"""The command of a worker on another machine than the queue."""

import os
import signal
import tempfile
from pathlib import Path

import typer

from deepresolve_dash.errors import RunRefused
from deepresolve_dash.runs.locks import FileLock, name_process
from deepresolve_dash.runs.remote.elsewhere import read_token
from deepresolve_dash.runs.slots import Slot, find_slots
from deepresolve_dash.settings import Settings, read_settings

TOKEN = "DRD_WORKER_TOKEN"  # noqa: S105 - the name of a variable


def work(
    coordinator: str,
    *,
    token_file: Path | None,
    scratch: Path | None,
    until_empty: bool,
    engine: str,
    ticket: str,
    parent: int | None,
) -> int:
    """Compute runs of a coordinator in the foreground until stopped."""
    from deepresolve_dash.runs.remote import worker
    from deepresolve_dash.runs.worker import NO_CUDA, die_with

    if parent is not None:  # it may be killed; what is computed is handed back
        die_with(parent, signal.SIGTERM)
    token = read_token(token_file) if token_file else os.environ.get(TOKEN, "").strip()
    if not token:
        raise RunRefused(
            "A worker of another machine shows a token.",
            "Copy worker.token from the coordinator's state folder and name it with --token-file.",
        )
    settings = read_settings()
    slot = _slot(settings, engine)
    typer.echo(f"Working on {slot.name} for {coordinator} (Ctrl-C ends it).", err=True)
    try:
        code = worker.work(
            coordinator, token, slot, engine=engine, ticket=ticket, until_empty=until_empty,
            cpu_workers=settings.cpu_workers, scratch=scratch,
        )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo("Stopped; a run that was begun goes on with another worker.", err=True)
        return 130
    if code == NO_CUDA:
        raise RunRefused("This installation of torch sees no GPU.", "Set DRD_GPUS=none.")
    return code


def _slot(settings: Settings, engine: str) -> Slot:
    """Return a place to compute: the first that an engine gives, else the first that is free."""
    slots = find_slots(settings.gpus, settings.cpu_workers)
    if engine:
        return slots[0]
    folder = Path(tempfile.gettempdir()) / f"deepresolve-{os.getuid()}"
    for slot in slots:
        lock = FileLock(folder / f"{slot.name}.lock")
        if lock.take(name_process("worker")):
            return slot
    raise RunRefused(
        "Other workers of yours have all places of this machine.",
        "DRD_CPU_WORKERS makes more of them; DRD_GPUS names GPUs.",
    )
