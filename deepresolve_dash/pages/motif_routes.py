"""What the channels of a run see: what is known of it, the button that asks, files to take away."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import orjson
import xarray as xr
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound, SettingsError
from deepresolve_dash.exports.motif_tables import FORMATS, file_text
from deepresolve_dash.motifs.databases import Database, jaspar_database
from deepresolve_dash.motifs.faces import FACES
from deepresolve_dash.motifs.jaspar import COLLECTIONS, TAX_GROUPS
from deepresolve_dash.pages.answers import action, body
from deepresolve_dash.pages.asking import submit
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.quota import bring
from deepresolve_dash.pages.under_way import entry_of, how_far
from deepresolve_dash.pages.uploads import MOTIFS, arriving
from deepresolve_dash.people.owners import INPUT
from deepresolve_dash.runs.inputs import SEQUENCES, InputNotFound
from deepresolve_dash.runs.motif_question import MotifQuestion, ask_motifs, match_id
from deepresolve_dash.runs.motif_request import make_motif_request
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.queue import ACTIVE

routes = Blueprint("motifs", __name__)
OWN, RANDOM = "own", "random"
_SHOWN = 80  # characters of what is not understood
_ENDINGS = {"tomtom": "tsv", "jaspar": "jaspar.txt", "transfac": "transfac.txt"}


class Looked(NamedTuple):
    """What is known of the channels of a run.

    Attributes
    ----------
    question : MotifQuestion
    database : Database
    faces, matches : xarray.Dataset or None
        As `motifs.faces` and `motifs.names` describe them; None when they are not known.
    """

    question: MotifQuestion
    database: Database
    faces: xr.Dataset | None
    matches: xr.Dataset | None

    @property
    def key(self) -> str:
        """What changes with what is known."""
        return _key(self.question, self.database, self.faces is not None, self.matches is not None)


def look_up(run: Run, values: Mapping) -> Looked:
    """Return what is known of the channels of a run, from the sequences and against the database.

    Raises
    ------
    RunNotFound
        When there is no such choice of sequences or database.
    """
    question, database = asked(run, values)
    store = context().service.motifs
    return Looked(question, database, store.faces(question), store.matches(question, database))


def look_key(run: Run, values: Mapping) -> str:
    """Return the key of what is known, without reading it."""
    question, database = asked(run, values)
    store = context().service.motifs
    return _key(question, database, store.has_faces(question), store.has(question, database))


def asked(run: Run, values: Mapping) -> tuple[MotifQuestion, Database]:
    """Return which channels are meant, seen on which sequences, matched against what.

    Raises
    ------
    RunNotFound
        When there is no such choice of sequences or database.
    """
    source, database = str(values.get("source") or OWN), str(values.get("database") or "")
    return ask_of(run, source), read_database(database)


def ask_of(run: Run, source: str) -> MotifQuestion:
    """Return the question about channels on the run's own sequences, random or stored ones.

    Raises
    ------
    RunNotFound
        When there are no such sequences.
    """
    if source == OWN:
        return ask_motifs(run)
    if source == RANDOM:
        return replace(ask_motifs(run), sequences=None, labels=None, classes=())
    try:
        stored = context().inputs.open(source)
    except InputNotFound:
        stored = None
    if stored is None or stored.kind != SEQUENCES:
        raise RunNotFound(
            f"There are no sequences '{source[:_SHOWN]}' here.",
            "Choose others from the list, or add them on the page of a new run.",
        )
    return ask_motifs(run, sequences=stored.hash)


def _key(question: MotifQuestion, database: Database, *known: bool) -> str:
    return "-".join([match_id(question, database), *(f"{one:d}" for one in known)])


def read_database(text: str) -> Database:
    """Return the part of JASPAR that is named as `RELEASE,COLLECTION,GROUP`; without, the usual.

    The hash of a motif file that was added names that file.

    Raises
    ------
    RunNotFound
        When it is no such name.
    """
    added = context().service.motifs.added_as(text) if text.isalnum() else None
    if added:
        return added.database
    parts = text.split(",") if text else list(jaspar_parts())
    if len(parts) != 3 or parts[1] not in COLLECTIONS or parts[2] not in TAX_GROUPS:
        raise RunNotFound(f"There is no database '{text[:_SHOWN]}'.", "Choose one from the list.")
    return jaspar_database(*parts)


def database_label(file_hash: str) -> str:
    """Return how a motif file that was added is offered."""
    added = context().service.motifs.added_as(file_hash)
    return f"{added.database.title} · {count(added.n, 'motif')}" if added else file_hash


def jaspar_parts() -> tuple[str, str, str]:
    """Return release, collection and group that channels are matched against unless asked."""
    usual = Database()
    return usual.release, usual.collection, usual.tax_group


@routes.get("/data/<run_id>/motifs.json")
def motifs_data(run_id: str) -> Response:
    """Return whether the channels have been looked at, or how far the look is."""
    try:
        told = stage(open_run(run_id), request.args)
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    made = Response(orjson.dumps(told), mimetype="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


@routes.post("/act/runs/<run_id>/motifs")
@action
def look(run_id: str) -> dict:
    """Queue a look at the channels of a run."""
    values, run = body(), open_run(run_id)
    looked = look_up(run, values)
    asked = make_motif_request(
        looked.question,
        looked.database,
        title=f"{run.info.get('name', run.id)}: what channels see",
        run=run.id,
        models=context().models,
        inputs=context().inputs,
    )
    return {"id": submit(asked).id}


@routes.post("/upload/motifs")
@action
def add_database() -> dict:
    """Keep a motif file that channels can be matched against."""
    with arriving(context().settings, MOTIFS) as (received, *_):
        name = Path(received.name).name[:_SHOWN] or "motifs"
        added = context().service.motifs.add_database(received.path, name=name)
        bring(INPUT, str(added.file_hash), received.bytes)
    return {"database": added.file_hash, "label": database_label(added.file_hash)}


@routes.get("/data/<run_id>/motifs/<file_format>")
def motif_file(run_id: str, file_format: str) -> Response:
    """Return what channels see as a file for another program."""
    try:
        run = open_run(run_id)
        looked = look_up(run, request.args)
        text = _file(looked, file_format, str(request.args.get("face") or ""))
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    answer = Response(text, mimetype="text/plain")
    name = f"{run.id}-channels.{_ENDINGS.get(file_format, file_format)}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _file(looked: Looked, file_format: str, face: str) -> str:
    if looked.faces is None or looked.matches is None:
        raise SettingsError("The channels have not been looked at yet.", "Start the look first.")
    if file_format not in FORMATS or face not in ("", "all", *FACES):
        raise SettingsError(f"There is no file '{file_format[:80]}'.", "Choose one of the list.")
    names = FACES if face == "all" else (face,) if face else None
    layer = looked.question.layer
    return file_text(looked.faces, looked.matches, file_format, layer=layer, names=names)


def stage(run: Run, values: Mapping) -> dict:
    """Return how far a look at the channels is.

    Returns
    -------
    dict
        `stage`: `empty`, `busy` or `done`; with `key` of what is known, `seen` when only names
        are missing, `why` nothing is known, and `id`, `says`, `share`, `left` of a look under way.
    """
    looked = look_up(run, values)
    told = {"key": looked.key, "why": "", "seen": looked.faces is not None}
    if looked.faces is not None and looked.matches is not None:
        return told | {"stage": "done"}
    entry = entry_of(match_id(looked.question, looked.database))
    if entry is None or entry.state in ("done", "cancelled"):  # what was seen is gone
        return told | {"stage": "empty"}
    if entry.state == "failed":
        return told | {"stage": "empty", "why": f"The look failed: {entry.message}"}
    return told | {"stage": "busy" if entry.state in ACTIVE else "empty"} | how_far(entry)
