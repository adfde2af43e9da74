"""The machines that compute for a queue beside this one, as they were last heard of."""

from dataclasses import dataclass

from deepresolve_dash.runs.entry import Claim, PartClaim
from deepresolve_dash.runs.requests import read_request_json
from deepresolve_dash.runs.schema import Database, next_seq

GONE_S = 90.0  # without a word, after which a machine is not shown any more


@dataclass(frozen=True)
class Machine:
    """A worker on another machine.

    Attributes
    ----------
    owner : str
        Who it is in the queue.
    host, device : str
        Name of its machine; what it computes with, in words.
    slot : str
        Its place to compute, `KIND...@HOST`.
    engine : str
        Who started it: `slurm`, `celery` or, by hand, empty.
    since, seen : float
        When it came, and when it was last heard of, epoch seconds.
    draining : bool
        It is to take nothing more and end.
    run, name : str or None
        What it computes: id and title.
    """

    owner: str
    host: str
    device: str
    slot: str
    engine: str
    since: float
    seen: float
    draining: bool
    run: str | None = None
    name: str | None = None


class Machines(Database):
    """The side of the ledger that knows workers on other machines."""

    def greet(self, owner: str, host: str, device: str, slot: str, engine: str = "") -> bool:
        """Note that a worker is there; return whether it is to end."""
        now = self.clock()
        with self.write() as connection:
            row = connection.execute(
                "INSERT INTO machines (owner, host, device, slot, engine, since, seen)"
                " VALUES (:owner, :host, :device, :slot, :engine, :now, :now)"
                " ON CONFLICT (owner) DO UPDATE SET seen = :now RETURNING draining, since",
                {"owner": owner, "host": host, "device": device, "slot": slot,
                 "engine": engine, "now": now},
            ).fetchone()  # fmt: skip
            if row["since"] == now:
                next_seq(connection, queue=False)
        return bool(row["draining"])

    def hear(self, owner: str) -> None:
        """Note that a worker has said something."""
        with self.write() as connection:
            connection.execute(
                "UPDATE machines SET seen = ? WHERE owner = ?", (self.clock(), owner)
            )

    def part_with(self, owner: str) -> None:
        """Forget a worker that ends."""
        with self.write() as connection:
            connection.execute("DELETE FROM machines WHERE owner = ?", (owner,))
            next_seq(connection, queue=False)

    def drain_machine(self, owner: str, *, draining: bool = True) -> None:
        """Let a worker end when it has done what it computes, or take that back."""
        with self.write() as connection:
            connection.execute(
                "UPDATE machines SET draining = ? WHERE owner = ?", (draining, owner)
            )
            next_seq(connection, queue=False)

    def machines(self) -> list[Machine]:
        """Return the workers that were heard of lately, by host and place."""
        rows = self.connection().execute(
            "SELECT machines.*, held.id AS run, held.name FROM machines LEFT JOIN ("
            " SELECT id, name, owner FROM runs WHERE state = 'running' UNION ALL"
            " SELECT id, name, parts.owner FROM parts JOIN runs ON id = run_id"
            " WHERE parts.state = 'running') AS held ON held.owner = machines.owner"
            " WHERE seen > ? GROUP BY machines.owner ORDER BY host, machines.slot, since",
            (self.clock() - GONE_S,),
        )
        return [Machine(**{**row, "draining": bool(row["draining"])}) for row in map(dict, rows)]

    def claim_of(self, owner: str) -> Claim | None:
        """Return what a worker has taken up, a run or a part of one; None when it has nothing."""
        query = "SELECT request, attempt FROM runs WHERE owner = ? AND state = 'running'"
        row = self.connection().execute(query, (owner,)).fetchone()
        if row is not None:
            return Claim(read_request_json(row["request"]), row["attempt"], owner)
        query = (
            "SELECT request, parts.attempt, part, first, n FROM parts JOIN runs ON id = run_id"
            " WHERE parts.owner = ? AND parts.state = 'running'"
        )
        row = self.connection().execute(query, (owner,)).fetchone()
        if row is None:
            return None
        numbers = (row[name] for name in ("part", "first", "n"))
        return PartClaim(read_request_json(row["request"]), row["attempt"], owner, *numbers)

    def prolong(self, owner: str, seconds: float) -> None:
        """Let what a worker has taken up be its own for so long from now on."""
        lease = self.clock() + seconds
        with self.write() as connection:
            for table in ("runs", "parts"):
                connection.execute(
                    f"UPDATE {table} SET lease = ? WHERE owner = ? AND state = 'running'",
                    (lease, owner),
                )

    def n_to_take(self) -> int:
        """Return how many runs, and parts of runs, a worker could take up now."""
        query = (
            "SELECT (SELECT count(*) FROM runs WHERE state = 'queued') + (SELECT count(*) FROM"
            " parts JOIN runs ON id = run_id WHERE parts.state = 'waiting'"
            " AND runs.state = 'running' AND cancel IS NULL)"
        )
        return self.connection().execute(query).fetchone()[0]

    def forget_machines(self) -> None:
        """Forget the workers that were not heard of for long."""
        with self.write() as connection:
            connection.execute("DELETE FROM machines WHERE seen <= ?", (self.clock() - GONE_S,))


def is_remote(slot: str) -> bool:
    """Tell whether a place to compute is on another machine."""
    return "@" in slot
