"""A run as the ledger knows it."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Literal

from deepresolve_dash.runs.probe_request import PROBE
from deepresolve_dash.runs.requests import Request

ANONYMOUS = "anonymous"
State = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Entry:
    """A run in the queue or in its history.

    Attributes
    ----------
    id, name, model : str
        Id of the run, its title, id of its model.
    state : {"queued", "running", "done", "failed", "cancelled"}
    users : tuple of str
        Who wants it.
    request : dict
        `to_dict` of what was asked for; with a `kind` when that is no run.
    created, started, ended : float or None
        Epoch seconds.
    attempt : int
        How often it was taken up.
    done, total : int
        Row-steps.
    phase : str
        What is going on, in a word.
    seconds_left : float or None
        From the rate of this attempt; None while it is not known.
    finished_classes, n_classes : int
        Classes that can be looked at, and all.
    position : int or None
        Place in the queue, 1 is next.
    message : str
        A failure or a note, in words.
    cancelling : bool
        Cancelled, and not yet stopped.
    deleted : bool
    seq : int
        Number of the last change; grows.
    priority : int
        1 goes before the other runs of its users, -1 after them.
    pinned : bool
        It never expires.
    kept : float
        When it was last asked for, pinned, let go or taken back, epoch seconds.
    queued : float
        When it was last submitted so that it had to wait, epoch seconds.
    """

    id: str
    name: str
    model: str
    state: State
    users: tuple[str, ...]
    request: dict
    created: float
    started: float | None
    ended: float | None
    attempt: int
    done: int
    total: int
    phase: str
    seconds_left: float | None
    finished_classes: int
    n_classes: int
    position: int | None
    message: str
    cancelling: bool
    deleted: bool
    seq: int
    priority: int = 0
    pinned: bool = False
    kept: float = 0.0
    queued: float = 0.0

    def expires(self, keep_days: int) -> float | None:
        """Return when a finished run goes to the bin, epoch seconds; None when it never does."""
        lasting = self.pinned or self.state != "done" or "kind" in self.request
        if not keep_days or lasting or self.ended is None:
            return None
        return max(self.ended, self.kept) + keep_days * 86400

    @property
    def hidden(self) -> bool:
        """Whether no list shows it: it is deleted, or a question that a page has an answer to."""
        passing = self.request.get("kind") == PROBE and self.state not in ("queued", "running")
        return self.deleted or passing


@dataclass(frozen=True)
class Claim:
    """A run that a worker has taken up.

    Attributes
    ----------
    request : RunRequest, InteractionRequest, MotifRequest or ProbeRequest
    attempt : int
        Counts from 1.
    owner : str
        Who may write about it, until the lease is lost.
    """

    request: Request
    attempt: int
    owner: str


@dataclass(frozen=True)
class PartClaim(Claim):
    """A part of a run of another worker, which this one helps with.

    Attributes
    ----------
    part : int
        Number of the part.
    first, n : int
        Its classes: so many of the spec's, from the `first` on.
    """

    part: int
    first: int
    n: int


_SAME = (
    "id", "name", "model", "state", "created", "started", "ended", "attempt", "done", "total",
    "phase", "seconds_left", "finished_classes", "n_classes", "message", "seq",
    "priority", "kept", "queued",
)  # fmt: skip


def make_entry(row: sqlite3.Row, users: tuple[str, ...], position: int | None) -> Entry:
    """Turn a row of the table `runs` into an entry."""
    return Entry(
        users=users,
        request=json.loads(row["request"]),
        position=position,
        cancelling=row["state"] == "running" and row["cancel"] is not None,
        deleted=row["deleted"] is not None,
        pinned=bool(row["pinned"]),
        **{name: row[name] for name in _SAME},
    )
