"""Users, links and the record as the page of people shows them."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from deepresolve_dash.people.users import User
from deepresolve_dash.runs.entry import ANONYMOUS
from deepresolve_dash.runs.usage import Usage
from deepresolve_dash.tsv import plain_text
from deepresolve_dash.views.measures import size

_NOTHING = Usage(0, 0, 0)
_KNOWN = ("time", "what", "user", "address")
_HEADS = ("time", "user", "what", "about", "address")


def users(
    known: Collection[User],
    removed: Collection[str],
    used: Mapping[str, Usage],
    kept: Mapping[str, int],
    *,
    me: str,
    signed_on: str,
) -> list[dict]:
    """Who may log in and what they may do, with their runs and what these and their files take.

    Results of a shared run count for each of its users, so that the column sums to more than the
    disk holds; the last log-in is not the last visit, since a session lasts for 30 days.

    Parameters
    ----------
    known : collection of User
    removed : collection of str
        Names that were removed.
    used : mapping of str to Usage
    kept : mapping of str to int
        Bytes of the files that each has brought.
    me : str
        Whoever asks.
    signed_on : str
        Role of the names that a single sign-on tells and that are not listed; empty without one.

    Returns
    -------
    list of dict
        Users by name, then names that have left something here and are no users.
    """
    listed = {user.name for user in known}
    rows = [
        {"name": user.name, "role": user.role, "kind": "user", "seen": user.seen} for user in known
    ]
    for name in sorted({*removed, *used, *kept} - listed):
        kind = "removed" if name in removed else "nobody" if name == ANONYMOUS else "other"
        if kind == "other" and signed_on:
            kind = "signed on"
        role = {"signed on": signed_on, "removed": "removed"}.get(kind, "no user")
        rows.append({"name": name, "role": role, "kind": kind, "seen": None})
    return [row | _takes(row["name"], used, kept) | {"me": row["name"] == me} for row in rows]


def _takes(name: str, used: Mapping[str, Usage], kept: Mapping[str, int]) -> dict:
    """Return what somebody has here."""
    runs, n_bytes = used.get(name, _NOTHING), kept.get(name, 0)
    return {
        "runs": runs.runs,
        "active": runs.active,
        "results": size(runs.results_bytes) if runs.results_bytes else "",
        "files": size(n_bytes) if n_bytes else "",
    }


def links(rows: Iterable[dict]) -> list[dict]:
    """Read-only links that live: whoever has one sees a run or a story without logging in.

    A link says when it was opened last and not by whom; it shows its run to everybody it was
    passed on to, until it ends or is revoked.
    """
    return [dict(row) for row in rows]


def record(lines: Iterable[dict]) -> Iterator[dict]:
    """Show what was done and by whom: log-ins, starts, cancels, uploads, deletions, links, users.

    Files are of bounded size, so that the oldest lines go; a name in a failed log-in is what
    somebody typed, and need not be anybody's.
    """
    for line in lines:
        told = {name: str(line.get(name, "")) for name in _KNOWN}
        yield told | {"about": ", ".join(_about(line))}


def _about(line: dict) -> Iterator[str]:
    """Say what else a line tells."""
    for key, value in line.items():
        if key in _KNOWN:
            continue
        if key == "right":
            yield "let in" if value else "turned away"
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield f"{key.removesuffix('_id')} {text}"


def record_table(lines: Iterable[dict]) -> Iterator[str]:
    """Return the record as lines of a table in TSV.

    What strangers typed stands in it: nothing in a cell can end it, or be taken for a formula.
    """
    yield "\t".join(_HEADS) + "\n"
    for line in record(lines):
        yield "\t".join(_cell(line[name]) for name in _HEADS) + "\n"


def _cell(text: str) -> str:
    return plain_text("".join(letter if letter.isprintable() else " " for letter in text))
