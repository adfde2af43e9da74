"""What people want of the queue beside runs: their order, and whether anything is taken up."""

import sqlite3
from typing import Literal

from deepresolve_dash.errors import RunNotFound, RunRefused
from deepresolve_dash.runs.leases import Leases
from deepresolve_dash.runs.probe_request import PROBE
from deepresolve_dash.runs.schema import next_seq

Mode = Literal["open", "paused", "drained"]
MODES: tuple[Mode, ...] = ("open", "paused", "drained")


class Control(Leases):
    """The side of the ledger that steers.

    The queue is `open`; or `paused`: what runs goes on, nothing is taken up, workers stay ready; or
    `drained`: the same, and workers end when they have nothing to do.
    """

    def mode(self) -> Mode:
        """Return how the queue is."""
        return MODES[self.number("mode")]

    def set_mode(self, mode: Mode) -> None:
        """Open, pause or drain the queue."""
        with self.write() as connection:
            query = "INSERT OR REPLACE INTO numbers VALUES ('mode', ?)"
            connection.execute(query, (MODES.index(mode),))
            next_seq(connection)

    def prioritise(self, run_id: str, user: str, priority: int) -> None:
        """Let a run that waits go before the other runs of its users (1), or after them (-1).

        Raises
        ------
        RunNotFound
            When there is no such run.
        RunRefused
            When it does not wait, or the user has no part in it.
        """
        with self.write() as connection:
            row = existing(connection, run_id)
            if row["state"] != "queued":
                raise RunRefused(f"This run is {row['state']} already.")
            if user not in users_of(connection, run_id):
                raise RunRefused("This run was started by somebody else.")
            connection.execute(
                "UPDATE runs SET priority = ?, seq = ? WHERE id = ?",
                (max(-1, min(1, priority)), next_seq(connection), run_id),
            )

    def pin(self, run_id: str, *, pinned: bool) -> None:
        """Keep a run for good, or let it expire like others.

        Raises
        ------
        RunNotFound
            When there is no such run.
        """
        with self.write() as connection:
            existing(connection, run_id)
            connection.execute(
                "UPDATE runs SET pinned = ?, kept = ?, seq = ? WHERE id = ?",
                (pinned, self.clock(), next_seq(connection, queue=False), run_id),
            )

    def expired(self, moment: float) -> list[str]:
        """Return the finished runs that nobody has pinned or asked for since a time.

        *Choice:* a run that something in the queue is about stays, and so does one whose pin was
        taken off, or that came back out of the bin, since that time.
        """
        query = (
            "SELECT id FROM runs WHERE state = 'done' AND deleted IS NULL AND NOT pinned"
            " AND json_extract(request, '$.kind') IS NULL"
            " AND max(ended, kept) < ?"
            " AND id NOT IN (SELECT coalesce(json_extract(request, '$.run'), '') FROM runs"
            " WHERE state IN ('queued', 'running')) ORDER BY ended"
        )
        return [row["id"] for row in self.connection().execute(query, (moment,))]

    def ids_of(self, user: str) -> list[str]:
        """Return the runs that a user wants or wanted, but for deleted ones."""
        query = (
            "SELECT id FROM runs JOIN subs ON run_id = id WHERE user = ? AND deleted IS NULL"
            " AND coalesce(json_extract(request, '$.kind'), '') != ?"
        )
        return [row["id"] for row in self.connection().execute(query, (user, PROBE))]

    def wanted(self) -> list[tuple[str, str, str]]:
        """Return user, id and state of each run and each who wants it, but for deleted runs."""
        query = (
            "SELECT user, id, state FROM runs JOIN subs ON run_id = id WHERE deleted IS NULL"
            " AND json_extract(request, '$.kind') IS NULL"
        )
        return [(row["user"], row["id"], row["state"]) for row in self.connection().execute(query)]

    def note_speed(self, device: str, speed: float) -> None:
        """Remember how fast a run was computed here, in units of an assumed machine."""
        known = self.speed(device)
        value = speed if known is None else 0.5 * (known + speed)
        with self.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO numbers VALUES (?, ?)", (f"pace-{device}", value)
            )

    def speed(self, device: str) -> float | None:
        """Return the speed measured on a device, in those units; None before the first run."""
        row = self.connection().execute(
            "SELECT value FROM numbers WHERE name = ?", (f"pace-{device}",)
        ).fetchone()  # fmt: skip
        return row["value"] if row else None


def existing(connection: sqlite3.Connection, run_id: str) -> sqlite3.Row:
    """Return the row of a run.

    Raises
    ------
    RunNotFound
    """
    row = connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise RunNotFound(f"There is no run '{run_id}' in the queue or its history.")
    return row


def users_of(connection: sqlite3.Connection, run_id: str) -> tuple[str, ...]:
    """Return who wants a run, the first one first."""
    query = "SELECT user FROM subs WHERE run_id = ? ORDER BY since, user"
    return tuple(row["user"] for row in connection.execute(query, (run_id,)))


def n_waiting(connection: sqlite3.Connection, user: str) -> int:
    """Return how many runs of a user wait."""
    query = (
        "SELECT count(*) FROM runs JOIN subs ON run_id = id WHERE user = ? AND state = 'queued'"
        " AND coalesce(json_extract(request, '$.kind'), '') != ?"
    )
    return connection.execute(query, (user, PROBE)).fetchone()[0]
