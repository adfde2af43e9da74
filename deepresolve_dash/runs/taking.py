"""How what is asked for gets into the database of runs."""

import json
import sqlite3

from deepresolve_dash.runs.control import users_of
from deepresolve_dash.runs.probe_request import ProbeRequest
from deepresolve_dash.runs.requests import Request
from deepresolve_dash.runs.schema import next_seq


def will_wait(
    connection: sqlite3.Connection, request: Request, user: str, *, results: bool | None
) -> bool:
    """Tell whether a user who asks for something has one run more that waits."""
    if results or isinstance(request, ProbeRequest):
        return False
    row = _row(connection, request.id)
    if row is None or row["state"] in ("failed", "cancelled"):
        return True
    if row["state"] == "done":
        return results is False
    return row["state"] == "queued" and user not in users_of(connection, row["id"])


def take(
    connection: sqlite3.Connection,
    request: Request,
    user: str,
    *,
    results: bool | None,
    now: float,
) -> None:
    """Queue what is asked for, or join what is the same.

    Parameters
    ----------
    connection : Connection
        Inside a transaction.
    request : RunRequest, InteractionRequest, MotifRequest or ProbeRequest
    user : str
    results : bool or None
        Whether its results are known to be there, or known to be gone.
    now : float
        Epoch seconds.
    """
    seq, row = next_seq(connection), _row(connection, request.id)
    if row is None:
        _insert(connection, request, seq, now)
    elif row["state"] in ("failed", "cancelled") or (row["state"] == "done" and results is False):
        _forget_users(connection, request.id)
        connection.execute(
            "UPDATE runs SET name = ?, request = ?, state = 'queued', queued = ?,"
            " deaths = 0, units_at_death = -1, message = '', ended = NULL, started = NULL,"
            " phase = 'waiting', resume = 0 WHERE id = ?",
            (request.name, json.dumps(request.to_dict()), now, request.id),
        )
        if row["state"] == "done":  # its results and its units are gone
            connection.execute(
                "UPDATE runs SET done = 0, units = 0, finished_classes = 0 WHERE id = ?",
                (request.id,),
            )
    elif row["cancel"] is not None:  # it has not stopped yet; nobody wanted it any more
        _forget_users(connection, request.id)
    connection.execute(
        "UPDATE runs SET cancel = NULL, deleted = NULL, kept = ?, seq = ? WHERE id = ?",
        (now, seq, request.id),
    )
    if results:
        connection.execute(
            "UPDATE runs SET state = 'done', phase = 'done', done = total,"
            " finished_classes = n_classes, ended = coalesce(ended, ?)"
            " WHERE id = ? AND state = 'queued'",
            (now, request.id),
        )
    connection.execute("INSERT OR IGNORE INTO subs VALUES (?, ?, ?)", (request.id, user, now))


def _insert(connection: sqlite3.Connection, request: Request, seq: int, now: float) -> None:
    """Write a run that was not there."""
    connection.execute(
        "INSERT INTO runs (id, name, model, request, state, created, queued, total, n_classes,"
        " seq) VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
        (request.id, request.name, request.model, json.dumps(request.to_dict()), now, now,
         request.total, request.n_classes, seq),
    )  # fmt: skip


def _row(connection: sqlite3.Connection, run_id: str) -> sqlite3.Row | None:
    return connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()


def _forget_users(connection: sqlite3.Connection, run_id: str) -> None:
    connection.execute("DELETE FROM subs WHERE run_id = ?", (run_id,))
