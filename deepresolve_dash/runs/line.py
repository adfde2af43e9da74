"""The runs that wait, as the database has them, ready to be put in order."""

import sqlite3

from deepresolve_dash.runs.order import Shares, Waiting
from deepresolve_dash.runs.probe_request import PROBE


def queue_of(
    connection: sqlite3.Connection, most_running: int = 0
) -> tuple[tuple[Waiting, ...], Shares]:
    """Return the runs that wait, and what each user has and may have."""
    users: dict[str, list[str]] = {}
    query = (
        "SELECT run_id, user FROM subs JOIN runs ON runs.id = run_id"
        " WHERE state IN ('queued', 'running') ORDER BY user"
    )
    for row in connection.execute(query):
        users.setdefault(row["run_id"], []).append(row["user"])
    query = (
        "SELECT id, resume, queued, priority, json_extract(request, '$.kind') AS kind FROM runs"
        " WHERE state = 'queued'"
    )
    waiting = tuple(
        Waiting(
            row["id"],
            tuple(users.get(row["id"], ())),
            bool(row["resume"]),
            row["queued"],
            row["kind"] == PROBE,
            row["priority"],
        )
        for row in connection.execute(query)
    )
    started = connection.execute("SELECT id FROM runs WHERE state = 'running' ORDER BY started, id")
    running = tuple(tuple(users.get(row["id"], ())) for row in started)
    served = tuple(tuple(row) for row in connection.execute("SELECT * FROM users ORDER BY user"))
    return waiting, Shares(running, served, most_running)
