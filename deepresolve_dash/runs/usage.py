"""How many runs each user has, and what their results take of the disk."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.place import size_of


@dataclass(frozen=True)
class Usage:
    """Runs of one user.

    Attributes
    ----------
    runs : int
        Those that are not deleted, in whatever state.
    active : int
        Those of them that wait or are computed.
    results_bytes : int
        What the results take; those of a shared run count for each of its users.
    """

    runs: int
    active: int
    results_bytes: int


def usage(ledger: Ledger, runs: Path) -> dict[str, Usage]:
    """Return the runs of all users by name.

    Parameters
    ----------
    ledger : Ledger
    runs : Path
        Folder of the results.
    """
    if not ledger.path.is_file():
        return {}
    wanted: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for user, run_id, state in ledger.wanted():
        wanted[user].append((run_id, state))
    return {
        user: Usage(
            len(found),
            sum(state in ("queued", "running") for _, state in found),
            sum(_size(runs / run_id) for run_id, _ in found),
        )
        for user, found in wanted.items()
    }


def _size(folder: Path) -> int:
    try:
        return _size_then(folder, folder.stat().st_mtime_ns)
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=10_000)
def _size_then(folder: Path, changed: int) -> int:  # noqa: ARG001 - another time, another size
    return size_of(folder)
