"""Seconds and size of everything that a run is taken away as.

    python -m bench.exports [--targets 919] [--channels 480] [--trials 10] [--figures] [--json]

A generated run of DeepSEA's size, each export made once, in this process, after a first figure (the
first one loads matplotlib). The baseline in the same run is a copy of the run's folder. With
`--figures` every panel instead, as SVG, PDF, PNG and rows, of the first class.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from bench.make_run import Size, make_run
from deepresolve_dash.commands.export import Wanted, export
from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.exports.bundle import View, bundle_bytes
from deepresolve_dash.exports.figures.registry import PANELS, figure_bytes, height_of, rows_text
from deepresolve_dash.exports.figures.style import FORMATS
from deepresolve_dash.exports.figures.style import Size as Measures
from deepresolve_dash.exports.known import known_from_state
from deepresolve_dash.exports.newick import newick
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.selection import Selection

_WIDTH_MM = 174
_WHOLE = ("h5ad", "tables", "html")


def whole(run: Run, known: Run, state: Path, folder: Path) -> dict[str, Callable[[], object]]:
    """Return what takes a whole run away, by name; each writes below `folder` or returns bytes."""
    one = Selection(run.id, int(run.summary.target.values[0]))
    view = View(PANELS["ofiv"], known, one, {}, Measures(_WIDTH_MM, 100))

    def command(what: str) -> Callable[[], None]:
        def act() -> None:
            with redirect_stdout(StringIO()):
                export(run, what, None, folder / what, Wanted())

        return act

    return {
        "copy of the folder": lambda: shutil.copytree(run.folder, folder / "copy of the folder"),
        "newick": lambda: newick(known, one).encode(),
        "bundle of a view": lambda: bundle_bytes(view, state),
        **{what: command(what) for what in _WHOLE},  # the slowest last
    }


def pictures(known: Run) -> dict[str, Callable[[], bytes]]:
    """Return what takes the panels of a run away, by name and format."""
    one = Selection(known.id, int(known.summary.target.values[0]))
    found: dict[str, Callable[[], bytes]] = {}
    for name, panel in PANELS.items():
        for kind in FORMATS:
            found[f"{name} {kind}"] = lambda panel=panel, kind=kind: figure_bytes(
                panel,
                known,
                one,
                {},
                kind,
                Measures(_WIDTH_MM, height_of(panel, _WIDTH_MM, known, one, {})),
            )
        found[f"{name} tsv"] = lambda panel=panel: rows_text(panel, known, one, {}).encode()
    return found


def measure(name: str, make: Callable[[], object], folder: Path) -> dict:
    """Make one export; return its seconds and bytes, or why there is none."""
    begun = time.perf_counter()
    try:
        made = make()
    except DeepResolveError as error:
        return {"export": name, "why_not": str(error)}
    seconds = time.perf_counter() - begun
    size = len(made) if isinstance(made, bytes) else size_of(folder / name)
    return {"export": name, "seconds": round(seconds, 2), "mb": round(size / 1e6, 3)}


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of those in a folder."""
    paths = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in paths if one.is_file())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--targets", type=int, default=919)
    parser.add_argument("--channels", type=int, default=480)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder, state = Path(made) / "out", Path(made) / "state"
        folder.mkdir()
        run = make_run(state / "runs", Size(given.targets, given.channels, given.trials))
        known = known_from_state(run, state)
        pictures(known)["ofiv svg"]()
        todo = pictures(known) if given.figures else whole(run, known, state, folder)
        rows = []
        for name, make in todo.items():
            rows.append(measure(name, make, folder))
            told = (
                rows[-1].get("why_not") or f"{rows[-1]['seconds']:8.2f} s {rows[-1]['mb']:10.3f} MB"
            )
            print(f"{name:24} {told}", flush=True)
    if given.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
