"""A whole run as files: its own, its tables, a matrix for scanpy."""

from collections.abc import Iterable, Iterator
from threading import Lock

from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound
from deepresolve_dash.exports.h5ad import h5ad_bytes
from deepresolve_dash.exports.stream import tables_zip
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.known import known_run
from deepresolve_dash.runs.store import ENSEMBLE, RUN, SUMMARY, Run

routes = Blueprint("away", __name__)
TABLES, H5AD = "tables.zip", "matrix.h5ad"
_TYPES = {
    TABLES: "application/zip",
    H5AD: "application/x-hdf5",
    ENSEMBLE: "application/x-netcdf",
    SUMMARY: "application/x-netcdf",
    RUN: "application/json",
}
_PIECE = 2**20  # bytes
_ONE = Lock()  # tables of a large run take minutes of a processor
_BUSY = "Other tables are being made. Try again in a minute."


@routes.get("/data/<run_id>/away/<name>")
def whole_run(run_id: str, name: str) -> Response:
    """Return one of the files that a whole run is taken away as, piece by piece."""
    try:
        run = open_run(run_id)
        pieces = _pieces(run, name)
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    if name == TABLES and _ONE.locked():
        return Response(_BUSY, status=429, mimetype="text/plain")
    made = Response(pieces, mimetype=_TYPES[name])
    made.headers["Content-Disposition"] = f'attachment; filename="{run_id}-{name}"'
    made.headers["Cache-Control"] = "no-store"
    return made


def _pieces(run: Run, name: str) -> Iterable[bytes]:
    """Return a file in pieces.

    Raises
    ------
    RunNotFound
        When there is no such file.
    """
    if name not in _TYPES:
        raise RunNotFound(
            f"A run is not taken away as '{name[:40]}'.", f"There are {', '.join(_TYPES)}."
        )
    if name == TABLES:
        return _alone(tables_zip(run, context().notes))
    if name == H5AD:
        return [h5ad_bytes(known_run(run, request.args))]
    file = (run.folder / name).open("rb")
    return _read(file)


def _alone(pieces: Iterable[bytes]) -> Iterator[bytes]:
    with _ONE:
        yield from pieces


def _read(file) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
