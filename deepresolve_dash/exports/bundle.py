"""A view as a zip that can be cited: its figure, its rows, and all that is needed to check them.

====================================  ==============================================================
file                                  contents
====================================  ==============================================================
`view.json`                           what the view is, versions, SHA-256 of model, run and files
`figure.svg`, `figure.pdf`            the figure
`rows.tsv`                            the numbers behind it
`METHODS.md`, `references.bib`        a paragraph for a paper, and what it refers to
`run.json`, `ensemble.nc`,            the run as it is on disk, up to 50 MB
`summary.nc`
`known.json`, `faces.nc`,             what the view shows of classes and channels beside the run's
`matches.nc`, `labels.npy`            own numbers
====================================  ==============================================================
"""

import hashlib
import io
import json
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import xarray as xr

from deepresolve_dash import __version__
from deepresolve_dash.core.settings import METHOD_VERSION
from deepresolve_dash.demos.provide import shipped_network
from deepresolve_dash.errors import RunNotFound, RunRefused
from deepresolve_dash.exports.figures.fonts import families
from deepresolve_dash.exports.figures.panel import Asked, Panel
from deepresolve_dash.exports.figures.registry import figure_bytes, height_of, rows_text
from deepresolve_dash.exports.figures.style import Size
from deepresolve_dash.exports.known import Known, known_of, with_known
from deepresolve_dash.exports.methods import methods_text, packages, references
from deepresolve_dash.exports.sealed import pack
from deepresolve_dash.runs.datasets import write_dataset
from deepresolve_dash.runs.models import ID_LENGTH
from deepresolve_dash.runs.store import ENSEMBLE, RUN, SUMMARY, Run, open_run
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.views.selection import IMPORTANCE, Selection, address, of_class

BUNDLE_FORMAT = 1  # raised when an older program could not verify a newer bundle
VIEW, ROWS, KNOWN, LABELS = "view.json", "rows.tsv", "known.json", "labels.npy"
FACES, MATCHES = "faces.nc", "matches.nc"
RUN_FILES = (RUN, ENSEMBLE, SUMMARY)
LARGEST_RUN = 50 * 2**20  # bytes of a run that travels along
_MODEL_FILES = ("net.json", "net.safetensors")
_PACKAGES = ("numpy", "scipy", "scikit-learn", "xarray", "pandas", "matplotlib")


@dataclass(frozen=True)
class View:
    """What is cited.

    Attributes
    ----------
    panel : Panel
    run : Run
        With what is known of it.
    selection : Selection
    asked : Asked
        What the address of the page asks for.
    size : Size
        Of the figure; a height of 0 is the one that suits it.
    site : str
        Address of the dashboard, with a slash at its end; empty without one.
    """

    panel: Panel
    run: Run
    selection: Selection
    asked: Asked = field(default_factory=dict)
    size: Size = field(default_factory=lambda: Size(174, 0))
    site: str = ""


@dataclass
class _Heard:
    """What a view wanted to know beside the run's own numbers."""

    looked: tuple[xr.Dataset | None, xr.Dataset | None] | None = None
    answers: list = field(default_factory=list)


def bundle_bytes(view: View, state: Path) -> bytes:
    """Return the bundle of a view; the same view gives the same bytes.

    Raises
    ------
    RunRefused
        When the run is still being computed, so that its numbers will change.
    DeepResolveError
        When the view cannot be drawn.
    """
    if view.run.info.get("partial"):
        raise RunRefused("This run is still being computed.", "Cite it when it is done.")
    if view.panel.page == "compare":
        raise RunRefused("A comparison of runs cannot be cited as one.", "Cite a view of each run.")
    heard = _Heard()
    run = _heard_run(view.run, heard)
    files: dict[str, bytes] = {}
    for kind in ("svg", "pdf"):
        high = view.size.height or height_of(
            view.panel, view.size.width, run, view.selection, view.asked
        )
        size = view.size._replace(height=high)
        files[f"figure.{kind}"] = figure_bytes(
            view.panel, run, view.selection, view.asked, kind, size
        )
    if view.panel.rows is not None:
        files[ROWS] = rows_text(view.panel, run, view.selection, view.asked).encode()
    link, title = link_of(view), title_of(view)
    files["METHODS.md"] = methods_text(view.run, title=title, link=link).encode()
    files["references.bib"] = references(view.run).encode()
    files |= _known_files(run, heard)
    whole = {name: (run.folder / name).read_bytes() for name in RUN_FILES}
    travels = sum(map(len, whole.values())) <= LARGEST_RUN
    if travels:
        files |= whole
    told = {
        "format": BUNDLE_FORMAT,
        "made_by": f"DeepResolve Dash {__version__}",
        "method_version": METHOD_VERSION,
        "link": link,
        "panel": view.panel.name,
        "title": title,
        "selection": asdict(view.selection),
        "asked": dict(view.asked),
        "run": {
            "id": run.id,
            "name": str(run.info.get("name", run.id)),
            "code_version": str(run.info.get("code_version", "")),
            "included": travels,
            "spec": run.info["spec"],
            "sha256": {name: digest(content) for name, content in whole.items()},
        },
        "model": model_hashes(str(run.info["spec"]["network"]), state),
        "font": families("pdf")[0],
        "versions": {"python": platform.python_version(), **packages(_PACKAGES)},
        "sha256": {name: digest(content) for name, content in files.items()},
    }
    return pack({VIEW: (to_json(told) + "\n").encode(), **files})


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def link_of(view: View) -> str:
    """Return the address of the page that shows a view."""
    one, asked = view.selection, dict(view.asked)
    base = f"/runs/{one.run}"
    if view.panel.page == "class":
        path = address(one.run, one.target, class_name(view))
    elif view.panel.page == "channel":
        path = f"{base}/channel/{asked.pop('channel', '0')}"
    else:
        path = f"{base}/{view.panel.page}"
    if one.regime:
        asked["regime"] = one.regime
    if one.pair:
        asked["pair"] = f"{one.pair[0]},{one.pair[1]}"
    query = f"?{urlencode(sorted(asked.items()), safe=',')}" if asked else ""
    return view.site.rstrip("/") + path + query


def title_of(view: View) -> str:
    """Return what a view is called: panel, class or channel, run."""
    page, parts = view.panel.page, [view.panel.title]
    if page == "class":
        parts.append(class_name(view))
    if page == "channel":
        parts.append(f"channel {view.asked.get('channel', '0')}")
    return ", ".join([*parts, str(view.run.info.get("name", view.run.id))])


def class_name(view: View) -> str:
    """Return the name of the class of a view.

    Raises
    ------
    RunNotFound
        When the run has no such class.
    """
    summary, target = view.run.summary, view.selection.target
    return str(of_class(summary, Selection(view.run.id, target), IMPORTANCE).target_name.values)


def model_hashes(wanted: str, state: Path) -> dict[str, str]:
    """Return the hash of a network as data, and of its files where they are known."""
    folder = shipped_network(wanted) or state / "models" / wanted[:ID_LENGTH]
    hashes = {"network": wanted}
    for name in _MODEL_FILES:
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def _heard_run(run: Run, heard: _Heard) -> Run:
    """Return the run with an ear on what is asked of what is known of it."""
    known = known_of(run)

    def look() -> tuple[xr.Dataset | None, xr.Dataset | None]:
        heard.looked = known.looked
        return known.looked

    def answer(target: int, tested: str) -> dict | None:
        found = known.answer(target, tested)
        if [target, tested, found] not in heard.answers:
            heard.answers.append([target, tested, found])
        return found

    return with_known(run, Known(known.classes, known.called, look, answer))


def _known_files(run: Run, heard: _Heard) -> dict[str, bytes]:
    """Return what the view shows beside the numbers of the run's own files."""
    known, files = known_of(run), {}
    told = {
        "names": [str(name) for name in run.summary.target_name.values],
        "classes": [asdict(row) for row in known.classes],
        "called": {str(channel): name for channel, name in known.called.items()},
        "answers": heard.answers,
    }
    files[KNOWN] = json.dumps(told, indent=1).encode("utf-8", "replace") + b"\n"
    for name, dataset in zip((FACES, MATCHES), heard.looked or (None, None), strict=True):
        if dataset is not None:
            files[name] = _dataset_bytes(dataset)
    labels = run.summary.get("label_correlation")
    own = _own_labels(run)
    if labels is not None and (own is None or not np.array_equal(labels, own, equal_nan=True)):
        made = io.BytesIO()
        np.save(made, labels.values)
        files[LABELS] = made.getvalue()
    return files


def _own_labels(run: Run) -> xr.DataArray | None:
    """Return the correlation of labels that the run's own file holds."""
    try:
        return open_run(run.folder).summary.get("label_correlation")
    except RunNotFound:
        return None


def _dataset_bytes(dataset: xr.Dataset) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dataset.nc"
        write_dataset(dataset, path)
        return path.read_bytes()


def bundle_name(name: str, contents: bytes) -> str:
    """Return the name of a bundle, `name` with the beginning of its own hash at its end."""
    return f"{name.removesuffix('.zip')}-{digest(contents)[:12]}.zip"


def known_from(told: Mapping, looked: tuple[xr.Dataset | None, xr.Dataset | None]) -> Known:
    """Return what `known.json` tells.

    Raises
    ------
    KeyError, TypeError, ValueError
        When it tells something else.
    """
    from deepresolve_dash.runs.class_table import ClassRow

    answers = {(int(target), str(tested)): found for target, tested, found in told["answers"]}
    return Known(
        [ClassRow(**row) for row in told["classes"]],
        {int(channel): str(name) for channel, name in told["called"].items()},
        lambda: looked,
        lambda target, tested: answers.get((target, tested)),
    )
