"""The command that checks a bundle."""

from pathlib import Path

import typer

from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.agreement import Difference, worst
from deepresolve_dash.exports.verify import TOLERANCE, Verified
from deepresolve_dash.exports.verify import verify as check
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.settings import read_settings


def verify(bundle: Path, *, as_json: bool) -> int:
    """Print whether a bundle is as it was made and its numbers come out again; 1 when not.

    Raises
    ------
    DeepResolveError
        When it is no bundle that can be checked.
    """
    if not bundle.is_file():
        raise SettingsError(f"There is no file {bundle}.", "Name a bundle that was saved.")
    settings = read_settings()
    with progress_bar("Summary") as progress:
        found = check(bundle, RunStore(settings.run_roots), settings.state, tell=progress)
    typer.echo(to_json(to_dict(found)) if as_json else to_text(found))
    return 0 if found.agrees else 1


def to_dict(found: Verified) -> dict:
    """Return what became of it, for JSON."""
    return {
        "agrees": found.agrees,
        "id": found.id,
        "tolerance": TOLERANCE,
        "damages": [{"file": one.file, "wrong": one.wrong} for one in found.damages],
        "summary": _dicts(found.summary),
        "rows": _dicts(found.rows),
        "notes": found.notes,
        "view": {
            key: found.view.get(key) for key in ("title", "link", "panel", "made_by", "versions")
        },
    }


def _dicts(differences: list[Difference] | None) -> list[dict] | None:
    return None if differences is None else [one.to_dict() for one in differences]


def to_text(found: Verified) -> str:
    """Return the same as lines to read."""
    lines = [f"{found.view.get('title')}", f"{found.view.get('link')}", f"id {found.id}"]
    lines += [f"{one.file}: {one.wrong}" for one in found.damages]
    if not found.damages:
        lines.append(f"files: all {found.n_files} are as they were made")
    told = ("the summary, from the ensemble", found.summary), ("the rows, from that", found.rows)
    for words, differences in told:
        furthest = worst(differences or [])
        if furthest is None:
            continue
        others = [one for one in differences or () if one.n_different]
        lines += [f"{words}: {one.sentence()}" for one in others]
        if not others:
            lines.append(f"{words}: the same to the last digit")
    lines += found.notes
    lines.append(
        f"It agrees, to {TOLERANCE:g} of the largest number of a kind."
        if found.agrees
        else "It does not agree."
    )
    return "\n".join("".join(a if a.isprintable() else " " for a in line) for line in lines)
