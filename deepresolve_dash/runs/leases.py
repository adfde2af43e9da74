"""What workers and the runner write: who has a run, how far it is, how it ended.

Every write of a worker names its owner and attempt and changes nothing once another has the run.
"""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deepresolve_dash.errors import LostLease, RunCancelled
from deepresolve_dash.runs.entry import Claim, PartClaim
from deepresolve_dash.runs.limits import Limits
from deepresolve_dash.runs.line import queue_of
from deepresolve_dash.runs.order import fair_order
from deepresolve_dash.runs.parts import MINE, Parts, end_parts, free_parts
from deepresolve_dash.runs.requests import read_request_json
from deepresolve_dash.runs.schema import next_seq
from deepresolve_dash.runs.slots import QUICK

MOST_DEATHS = 3  # of a run's own worker, without a new unit of work in between


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    phase : str
    done, total : int
        Row-steps.
    units : int or None
        Units of work on disk; None while they are not looked for yet.
    finished_classes : int
    seconds_left : float or None
    """

    phase: str = "loading"
    done: int = 0
    total: int = 0
    units: int | None = None
    finished_classes: int = 0
    seconds_left: float | None = None


@dataclass(frozen=True)
class Held:
    """A running run and who has it, or a part of it and who helps.

    Attributes
    ----------
    id, owner, slot : str
    lease, moved : float
        When the lease ends, and when the run last moved, epoch seconds.
    cancel : float or None
        When it was cancelled.
    """

    id: str
    owner: str
    slot: str
    lease: float
    moved: float
    cancel: float | None


class Leases(Parts):
    """The side of the ledger that computes; `limits` are what one user may have."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.time,
        limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    ) -> None:
        """Use the file at `path`; it is made at the first use. `clock` gives epoch seconds."""
        super().__init__(path, clock)
        self.limits = limits

    def claim(self, owner: str, slot: str) -> Claim | None:
        """Take up the run whose turn it is, None when nothing waits or the queue is paused."""
        if not self._anything_waits() or self.number("mode"):
            return None
        with self.write() as connection:
            if self.number("mode"):
                return None
            waiting, shares = queue_of(connection, self.limits.running)
            mine = [
                one
                for one in waiting
                if (one.quick or slot != QUICK.name) and not shares.holds_back(one)
            ]
            chosen = next(fair_order(mine, shares), None)
            if chosen is None:
                return None
            seq, now = next_seq(connection), self.clock()
            row = connection.execute(
                "UPDATE runs SET state = 'running', owner = ?, slot = ?, attempt = attempt + 1,"
                " lease = ?, moved = ?, started = coalesce(started, ?), phase = 'loading',"
                " seconds_left = NULL, seq = ? WHERE id = ? RETURNING request, attempt",
                (owner, slot, now + self.lease_s, now, now, seq, chosen.id),
            ).fetchone()
            connection.executemany(
                "INSERT OR REPLACE INTO users VALUES (?, ?)",
                [(user, seq) for user in chosen.users if not chosen.quick],
            )
        return Claim(read_request_json(row["request"]), row["attempt"], owner)

    def tick(self, claim: Claim, progress: Progress, *, spoken: bool = False) -> int:
        """Say how far a run is and keep it for another lease; of a part, how far that is.

        A run moves when something changes or, though nothing does, the computation has `spoken`.

        Returns
        -------
        int
            Row-steps that are done, those of helpers included.

        Raises
        ------
        LostLease
            When somebody else has it, or it is over.
        RunCancelled
            When nobody wants it any more.
        """
        if isinstance(claim, PartClaim):
            self.tick_part(claim, progress.done, spoken=spoken)
            return progress.done
        now = self.clock()
        with self.write() as connection:
            others = connection.execute(
                "SELECT coalesce(sum(done), 0) FROM parts WHERE run_id = ?", (claim.request.id,)
            ).fetchone()[0]
            done = min(progress.done + others, max(progress.total, progress.done))
            row = connection.execute(
                "UPDATE runs SET moved = CASE WHEN done = :done AND phase = :phase"
                " AND units = coalesce(:units, units) AND NOT :spoken THEN moved ELSE :now END,"
                " phase = :phase, done = :done, total = max(total, :total),"
                " units = coalesce(:units, units),"
                " finished_classes = :finished, seconds_left = :left, lease = :lease, seq = :seq"
                f" WHERE {MINE} RETURNING cancel",
                _fence(claim)
                | {"now": now, "lease": now + self.lease_s, "phase": progress.phase,
                   "seq": next_seq(connection, queue=False), "done": done,
                   "total": progress.total, "units": progress.units, "spoken": spoken,
                   "finished": progress.finished_classes, "left": progress.seconds_left},
            ).fetchone()  # fmt: skip
        if row is None:
            raise LostLease("Another worker has this run.")
        if row["cancel"] is not None:
            raise RunCancelled("This run was cancelled.")
        return done

    def finish(self, claim: Claim, state: str, message: str = "") -> None:
        """End a run as done, failed or cancelled.

        A cancelled run that somebody wants again by now is queued again. A full disk does not keep
        an end from being written.

        Raises
        ------
        LostLease
            When somebody else has it, or it is over.
        """

        def change() -> None:
            with self.write() as connection:
                row = connection.execute(
                    f"SELECT cancel, n_classes FROM runs WHERE {MINE}", _fence(claim)
                ).fetchone()
                if row is None:
                    raise LostLease("Another worker has this run.")
                again = state == "cancelled" and row["cancel"] is None
                _end(connection, claim.request.id, "queued" if again else state, message,
                     now=self.clock())  # fmt: skip

        self.insist(change)

    def orphan(self, run_id: str, owner: str, *, blame: bool, reason: str = "") -> str | None:
        """Take a run, or a part of one, from a worker that is dead.

        Parameters
        ----------
        run_id, owner : str
        blame : bool
            Whether the run may have killed its worker. One that does so three times without a new
            unit of work in between has failed.
        reason : str
            How the worker died, in words.

        Returns
        -------
        str or None
            The state that the run has now; None when the worker no longer had it.
        """
        after: str | None = None

        def change() -> None:
            nonlocal after
            with self.write() as connection:
                free_parts(connection, run_id, owner)
                row = connection.execute(
                    "SELECT * FROM runs WHERE id = ? AND owner = ? AND state = 'running'",
                    (run_id, owner),
                ).fetchone()
                if row is None:
                    return
                deaths = _deaths(row, blame)
                if blame:
                    connection.execute(
                        "UPDATE runs SET deaths = ?, units_at_death = units WHERE id = ?",
                        (deaths, run_id),
                    )
                if row["cancel"] is not None:
                    after, message = "cancelled", ""
                elif deaths >= MOST_DEATHS:
                    after = "failed"
                    message = f"Its worker was ended {deaths} times at the same place{reason}."
                else:
                    after, message = "queued", ""
                _end(connection, run_id, after, message, now=self.clock())

        self.insist(change)
        return after

    def fail(self, run_id: str, owner: str | None, message: str) -> None:
        """End a run from outside: a running one of this owner, or a queued one for None."""

        def change() -> None:
            with self.write() as connection:
                found = connection.execute(
                    "SELECT 1 FROM runs WHERE id = ? AND owner IS ? AND state IN"
                    " ('running', 'queued')",
                    (run_id, owner),
                ).fetchone()
                if found:
                    _end(connection, run_id, "failed", message, now=self.clock())

        self.insist(change)

    def held(self) -> list[Held]:
        """Return the running runs, and parts of runs with their helpers."""
        rows = self.connection().execute(
            "SELECT id, owner, slot, lease, moved, cancel FROM runs WHERE state = 'running'"
            " UNION ALL SELECT id, parts.owner, parts.slot, parts.lease, parts.moved,"
            " CASE WHEN runs.state IN ('running', 'queued') THEN cancel ELSE ended END"
            " FROM parts JOIN runs ON id = run_id WHERE parts.state = 'running'"
        )
        return [Held(**row) for row in rows]

    def waiting(self) -> list[str]:
        """Return the ids of the queued runs."""
        rows = self.connection().execute("SELECT id FROM runs WHERE state = 'queued'")
        return [row["id"] for row in rows]

    def extend(self) -> None:
        """Give every running run a new lease: this machine slept, its workers are not to blame."""
        now = self.clock()
        with self.write() as connection:
            for table in ("runs", "parts"):
                connection.execute(
                    f"UPDATE {table} SET lease = max(lease, ?), moved = ? WHERE state = 'running'",
                    (now + self.lease_s, now),
                )

    def _anything_waits(self) -> bool:
        query = "SELECT 1 FROM runs WHERE state = 'queued' LIMIT 1"
        return self.connection().execute(query).fetchone() is not None


def _fence(claim: Claim) -> dict:
    return {"id": claim.request.id, "owner": claim.owner, "attempt": claim.attempt}


def _deaths(row: sqlite3.Row, blame: bool) -> int:
    """Return the deaths in a row without a new unit of work."""
    if not blame:
        return row["deaths"]
    return 1 + (row["deaths"] if row["units"] == row["units_at_death"] else 0)


def _end(
    connection: sqlite3.Connection, run_id: str, state: str, message: str, *, now: float
) -> None:
    """Take a run from its worker; `queued` gives it back with the right to go first."""
    queued = state == "queued"
    connection.execute(
        "UPDATE runs SET state = :state, message = :message, owner = NULL, slot = NULL,"
        " lease = NULL, cancel = NULL, seconds_left = NULL, resume = :queued, seq = :seq,"
        " phase = CASE WHEN :queued THEN 'waiting' ELSE :state END,"
        " ended = CASE WHEN :queued THEN NULL ELSE :now END,"
        " done = CASE WHEN :state = 'done' THEN total ELSE done END,"
        " finished_classes = CASE WHEN :state = 'done' THEN n_classes ELSE finished_classes END"
        " WHERE id = :id",
        {"state": state, "message": message, "queued": queued, "now": now, "id": run_id,
         "seq": next_seq(connection)},
    )  # fmt: skip
    end_parts(connection, run_id)
