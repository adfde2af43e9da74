"""The queue and history of runs, the one place that knows how each of them stands."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deepresolve_dash.errors import RunRefused
from deepresolve_dash.runs.control import Control, Mode, existing, n_waiting, users_of
from deepresolve_dash.runs.entry import ANONYMOUS, Entry, make_entry
from deepresolve_dash.runs.line import queue_of
from deepresolve_dash.runs.order import positions
from deepresolve_dash.runs.probe_request import PROBE
from deepresolve_dash.runs.requests import Request
from deepresolve_dash.runs.schema import next_seq
from deepresolve_dash.runs.taking import take, will_wait

LEDGER = "runs.db"  # in the state folder
_OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Feed:
    """What has changed since a number, the number to ask with next, how the queue is."""

    seq: int
    entries: tuple[Entry, ...]
    mode: Mode = "open"


class Ledger(Control):
    """The side of the ledger that wants runs and looks at them."""

    def submit(
        self, request: Request, user: str = ANONYMOUS, *, results: bool | None = None
    ) -> Entry:
        """Queue a run, or join the one that has the same spec.

        *Choice:* a run that is queued, running or done is joined; one that failed or was cancelled
        is queued again, and goes on from what is on disk.

        Parameters
        ----------
        request : RunRequest, InteractionRequest, MotifRequest or ProbeRequest
        user : str
        results : bool, optional
            Whether its results are known to be there, so that nothing is to be computed, or known
            to be gone.

        Raises
        ------
        RunRefused
            When it would wait, and the user has as many that wait as one may have.
        """
        return self.submit_all([(request, results)], user)[0]

    def submit_all(
        self, wanted: Sequence[tuple[Request, bool | None]], user: str = ANONYMOUS
    ) -> list[Entry]:
        """Queue several runs as `submit` does, all of them or none.

        Parameters
        ----------
        wanted : sequence of (request, results)
        user : str

        Raises
        ------
        RunRefused
            When the user would have more that wait than one may have.
        """
        with self.write() as connection:
            more = sum(will_wait(connection, one, user, results=there) for one, there in wanted)
            if more:
                self.limits.check_queued(n_waiting(connection, user), more)
            for request, results in wanted:
                take(connection, request, user, results=results, now=self.clock())
        return [self.get(request.id) for request, _ in wanted]

    def cancel(self, run_id: str, user: str = ANONYMOUS) -> Entry:
        """Leave a run; when nobody else wants it, it stops.

        Raises
        ------
        RunNotFound
            When there is no such run.
        RunRefused
            When it is over, or the user has no part in it.
        """
        with self.write() as connection:
            row = existing(connection, run_id)
            if row["state"] in _OVER:
                raise RunRefused(f"This run is {row['state']} already.")
            users = users_of(connection, run_id)
            if user not in users:
                raise RunRefused("This run was started by somebody else.")
            seq, now = next_seq(connection), self.clock()
            if len(users) > 1:
                connection.execute("DELETE FROM subs WHERE run_id = ? AND user = ?", (run_id, user))
                change = "seq = :seq"
            elif row["state"] == "queued":
                change = "state = 'cancelled', phase = 'cancelled', ended = :now, seq = :seq"
            else:
                change = "cancel = coalesce(cancel, :now), seq = :seq"
            connection.execute(
                f"UPDATE runs SET {change} WHERE id = :id", {"id": run_id, "seq": seq, "now": now}
            )
        return self.get(run_id)

    def delete(self, run_id: str) -> Entry:
        """Take a run that is over out of the lists.

        Raises
        ------
        RunNotFound
            When there is no such run.
        RunRefused
            When it is queued or running.
        """
        with self.write() as connection:
            if existing(connection, run_id)["state"] not in _OVER:
                raise RunRefused("This run is not over.", "Cancel it first.")
            self._mark(connection, run_id, self.clock())
        return self.get(run_id)

    def restore(self, run_id: str) -> Entry:
        """Put a deleted run back into the lists.

        Raises
        ------
        RunNotFound
            When there is no such run.
        """
        with self.write() as connection:
            existing(connection, run_id)
            self._mark(connection, run_id, None)
        return self.get(run_id)

    def get(self, run_id: str) -> Entry:
        """Return one run.

        Raises
        ------
        RunNotFound
            When there is no such run.
        """
        connection = self.connection()
        return self._entry(connection, existing(connection, run_id))

    def entries(self) -> list[Entry]:
        """Return all runs that are not deleted, the newest first."""
        connection = self.connection()
        rows = connection.execute(
            "SELECT * FROM runs WHERE deleted IS NULL ORDER BY created DESC, id"
        ).fetchall()
        return self._entries(connection, rows)

    def feed(self, since: int = 0) -> Feed:
        """Return what changed after the change of this number.

        Queued runs come along when places in the queue may have moved; deleted runs when they were
        deleted since.
        """
        connection = self.connection()
        seq, queue = self.seq(), self.number("queue")
        if seq == since:
            return Feed(seq, (), self.mode())
        since = since if since < seq else 0  # the number is of another ledger
        rows = connection.execute(
            "SELECT * FROM runs WHERE (seq > :since OR (state = 'queued' AND :since < :queue))"
            " AND (:since > 0 OR deleted IS NULL) ORDER BY created DESC, id",
            {"since": since, "queue": queue},
        ).fetchall()
        return Feed(seq, tuple(self._entries(connection, rows)), self.mode())

    def seq(self) -> int:
        """Return the number of the last change."""
        return self.number("seq")

    def deleted_before(self, moment: float) -> list[str]:
        """Return the ids of runs that were deleted before a time, epoch seconds."""
        query = "SELECT id FROM runs WHERE deleted < ?"
        return [row["id"] for row in self.connection().execute(query, (moment,))]

    def quick_waits(self) -> bool:
        """Tell whether somebody looks at a page and waits for something quick."""
        return any(one.quick for one in queue_of(self.connection())[0])

    def forget_quick(self, moment: float) -> list[str]:
        """Take what was quick and over before a time, epoch seconds, out of the file: its ids."""
        over = f"state IN {_OVER} AND ended < ? AND json_extract(request, '$.kind') = ?"
        found = [
            row["id"]
            for row in self.connection().execute(
                f"SELECT id FROM runs WHERE {over}", (moment, PROBE)
            )
        ]
        if found:
            with self.write() as connection:
                for table, column in (("subs", "run_id"), ("runs", "id")):
                    connection.executemany(
                        f"DELETE FROM {table} WHERE {column} = ?", [(one,) for one in found]
                    )
        return found

    def is_busy(self) -> bool:
        """Tell whether there is work; what waits is none while the queue is drained."""
        queued = "" if self.mode() == "drained" else "'queued', "
        query = f"SELECT 1 FROM runs WHERE state IN ({queued}'running') LIMIT 1"
        return self.connection().execute(query).fetchone() is not None

    def _mark(self, connection: sqlite3.Connection, run_id: str, deleted: float | None) -> None:
        connection.execute(
            "UPDATE runs SET deleted = ?, kept = ?, seq = ? WHERE id = ?",
            (deleted, self.clock(), next_seq(connection, queue=False), run_id),
        )

    def _entry(self, connection: sqlite3.Connection, row: sqlite3.Row) -> Entry:
        return self._entries(connection, [row])[0]

    def _entries(self, connection: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[Entry]:
        places, back = {}, set()
        if any(row["state"] == "queued" for row in rows):
            waiting, shares = queue_of(connection, self.limits.running)
            places = positions(waiting, shares)
            back = {one.id for one in waiting if shares.holds_back(one)}
        users = _all_users(connection) if len(rows) > 1 else {}
        entries = [
            make_entry(
                row,
                users.get(row["id"], ()) if users else users_of(connection, row["id"]),
                places.get(row["id"]),
            )
            for row in rows
        ]
        said = self.limits.held_back()
        return [replace(one, message=said) if one.id in back else one for one in entries]


def _all_users(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    users: dict[str, tuple[str, ...]] = {}
    for row in connection.execute("SELECT run_id, user FROM subs ORDER BY since, user"):
        users[row["run_id"]] = (*users.get(row["run_id"], ()), row["user"])
    return users
