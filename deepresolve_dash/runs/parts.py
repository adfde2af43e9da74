"""Parts of runs: classes of a running run that workers with nothing else to do compute.

The worker that has a run, its owner, goes through all parts and makes the results; helpers only put
finished units of work on disk, which the owner then finds. So a part is the same to the bit whoever
computes it, and whatever dies costs one part at most.
"""

import sqlite3
from collections.abc import Sequence
from typing import Literal, NamedTuple

from deepresolve_dash.errors import LostLease, RunCancelled
from deepresolve_dash.runs.entry import Claim, PartClaim
from deepresolve_dash.runs.locks import holder
from deepresolve_dash.runs.machines import Machines, is_remote
from deepresolve_dash.runs.requests import read_request_json
from deepresolve_dash.runs.schema import next_seq
from deepresolve_dash.runs.slots import QUICK

LEASE_S = 10.0
MOST_HELPS = 3  # of a part; then it is left to the owner, whose deaths are counted
PartState = Literal["waiting", "owner", "running", "done", "merged"]
MINE = "id = :id AND owner = :owner AND attempt = :attempt AND state = 'running'"
_THEIRS = (
    "run_id = :id AND part = :part AND owner = :owner AND attempt = :attempt AND state = 'running'"
)


class Part(NamedTuple):
    """A part of a run.

    `state` is `waiting`; `owner`, when the owner of the run computes it; `running`, when a helper
    does; `done`, when its units are on disk; `merged`, when the owner has them.
    """

    part: int
    first: int
    n: int
    state: PartState


class Parts(Machines):
    """The side of the ledger that shares runs among workers."""

    lease_s = LEASE_S
    beat_s = 0.2  # between two ticks of a run while something changes
    most_workers = 0  # that may come to help, though they are not there yet

    def count_workers(self, slot: str) -> int:
        """Return how many workers there are, or will be, whose device is of the kind of a slot."""
        kind = slot[:3]
        locks = self.path.parent.glob(f"slot-{kind}*.lock")
        here = sum(holder(path) is not None for path in locks if QUICK.name not in path.name)
        there = sum(one.slot.startswith(kind) for one in self.machines())
        return max(here + there, self.most_workers if is_remote(slot) else 0)

    def split(self, claim: Claim, pieces: Sequence[tuple[int, int]]) -> list[Part]:
        """Split a run into pieces (first class, classes); one that was split stays as it was.

        Raises
        ------
        LostLease
            When somebody else has the run, or it is over.
        """
        with self.write() as connection:
            _check(connection, claim)
            parts = _parts(connection, claim)
            if not parts:
                connection.executemany(
                    "INSERT INTO parts (run_id, part, first, n) VALUES (?, ?, ?, ?)",
                    [(claim.request.id, i, *piece) for i, piece in enumerate(pieces)],
                )
            connection.execute(
                "UPDATE parts SET state = CASE state WHEN 'owner' THEN 'waiting' ELSE 'done' END,"
                " done = 0 WHERE run_id = ? AND state IN ('owner', 'merged')",
                (claim.request.id,),
            )
            return _parts(connection, claim)

    def slot_of(self, claim: Claim) -> str:
        """Return the place where a run is computed, empty when it is not any more."""
        query = f"SELECT slot FROM runs WHERE {MINE}"
        row = self.connection().execute(query, _fence(claim)).fetchone()
        return row["slot"] if row else ""

    def take_part(self, claim: Claim) -> Part | None:
        """Return a part that its owner is to go through now: one that waits, else one that is done.

        None when helpers compute all that is left. A helper whose lease has ended has lost its
        part, also where nobody looks after dead workers; a part that the owner took and has not
        merged is given again, since it may not have heard of it.

        Raises
        ------
        LostLease
            When somebody else has the run, or it is over.
        """
        with self.write() as connection:
            _check(connection, claim)
            connection.execute(
                "UPDATE parts SET state = 'waiting', owner = NULL, slot = NULL, done = 0"
                " WHERE run_id = ? AND (state = 'owner' OR (state = 'running' AND lease < ?))",
                (claim.request.id, self.clock()),
            )
            parts = _parts(connection, claim)
            for wanted in ("waiting", "done"):
                found = next((one for one in parts if one.state == wanted), None)
                if found is not None:
                    if wanted == "waiting":
                        _set(connection, claim, found.part, "owner")
                    return found
        return None

    def merge_part(self, claim: Claim, part: int) -> None:
        """Note that the owner has the results of a part, and so counts it.

        Raises
        ------
        LostLease
            When somebody else has the run, or it is over.
        """
        with self.write() as connection:
            _check(connection, claim)
            _set(connection, claim, part, "merged")

    def claim_part(self, owner: str, slot: str) -> PartClaim | None:
        """Take up a part of a run that another worker of the same kind of device has, or None.

        *Choice:* the last one, since the owner begins with the first.
        """
        query = "SELECT 1 FROM parts WHERE state = 'waiting' LIMIT 1"
        if self.connection().execute(query).fetchone() is None or self.number("mode"):
            return None
        with self.write() as connection:
            found = connection.execute(
                "SELECT run_id, part, first, n, request FROM parts JOIN runs ON id = run_id"
                " WHERE parts.state = 'waiting' AND runs.state = 'running' AND cancel IS NULL"
                " AND parts.attempt < ? AND substr(runs.slot, 1, 3) = substr(?, 1, 3)"
                " ORDER BY started, id, part DESC LIMIT 1",
                (MOST_HELPS, slot),
            ).fetchone()
            if found is None:
                return None
            now = self.clock()
            row = connection.execute(
                "UPDATE parts SET state = 'running', owner = ?, slot = ?, attempt = attempt + 1,"
                " lease = ?, moved = ?, done = 0 WHERE run_id = ? AND part = ? RETURNING attempt",
                (owner, slot, now + self.lease_s, now, found["run_id"], found["part"]),
            ).fetchone()
            next_seq(connection, queue=False)
        request = read_request_json(found["request"])
        numbers = (found[name] for name in ("part", "first", "n"))
        return PartClaim(request, row["attempt"], owner, *numbers)

    def tick_part(self, claim: PartClaim, done: int, *, spoken: bool) -> None:
        """Say how far a part is and keep it for another lease.

        Raises
        ------
        LostLease
            When somebody else has it.
        RunCancelled
            When the run is cancelled or over.
        """
        now = self.clock()
        with self.write() as connection:
            row = connection.execute(
                "UPDATE parts SET moved = CASE WHEN done = :done AND NOT :spoken THEN moved"
                f" ELSE :now END, done = :done, lease = :lease WHERE {_THEIRS} RETURNING"
                " (SELECT cancel IS NULL AND state IN ('running', 'queued') FROM runs"
                " WHERE id = run_id) AS wanted",
                _fence(claim)
                | {"done": done, "spoken": spoken, "now": now, "lease": now + self.lease_s},
            ).fetchone()
        if row is None:
            raise LostLease("Another worker has this part.")
        if not row["wanted"]:
            raise RunCancelled("This run was cancelled, or is over.")

    def finish_part(self, claim: PartClaim, *, done: bool) -> None:
        """End the work on a part: its units are on disk, or somebody else is to do it."""
        with self.write() as connection:
            change = "state = 'done'" if done else "state = 'waiting', done = 0"
            connection.execute(
                f"UPDATE parts SET {change}, owner = NULL, slot = NULL WHERE {_THEIRS}",
                _fence(claim),
            )
            forget_parts(connection)


def free_parts(connection: sqlite3.Connection, run_id: str, helper: str) -> None:
    """Give back the parts of a helper that is dead."""
    connection.execute(
        "UPDATE parts SET state = 'waiting', owner = NULL, slot = NULL, done = 0"
        " WHERE run_id = ? AND owner = ? AND state = 'running'",
        (run_id, helper),
    )
    forget_parts(connection)


def end_parts(connection: sqlite3.Connection, run_id: str) -> None:
    """Let the owner of a run go; what helpers do is theirs until they hear of it."""
    connection.execute(
        "UPDATE parts SET state = 'waiting' WHERE run_id = ? AND state = 'owner'", (run_id,)
    )
    forget_parts(connection)


def forget_parts(connection: sqlite3.Connection) -> None:
    """Remove the parts of runs that are done, but for those that somebody still computes."""
    connection.execute(
        "DELETE FROM parts WHERE state != 'running' AND run_id IN"
        " (SELECT id FROM runs WHERE runs.state = 'done')"
    )


def _check(connection: sqlite3.Connection, claim: Claim) -> None:
    found = connection.execute(f"SELECT 1 FROM runs WHERE {MINE}", _fence(claim)).fetchone()
    if found is None:
        raise LostLease("Another worker has this run.")


def _parts(connection: sqlite3.Connection, claim: Claim) -> list[Part]:
    query = "SELECT part, first, n, state FROM parts WHERE run_id = ? ORDER BY part"
    return [Part(*row) for row in connection.execute(query, (claim.request.id,))]


def _set(connection: sqlite3.Connection, claim: Claim, part: int, state: PartState) -> None:
    connection.execute(
        "UPDATE parts SET state = ?, done = 0, owner = NULL WHERE run_id = ? AND part = ?",
        (state, claim.request.id, part),
    )


def _fence(claim: Claim) -> dict:
    fence = {"id": claim.request.id, "owner": claim.owner, "attempt": claim.attempt}
    return fence | ({"part": claim.part} if isinstance(claim, PartClaim) else {})
