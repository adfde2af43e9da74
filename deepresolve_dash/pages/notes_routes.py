"""Routes of notes and stars: those of a run, as JSON and TSV, and what can be done with them."""

from flask import Blueprint, Response

from deepresolve_dash.errors import DeepResolveError, SettingsError
from deepresolve_dash.exports.notes import notes_table
from deepresolve_dash.exports.tables import tsv_text
from deepresolve_dash.pages.answers import action, answer, body
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.gate import may
from deepresolve_dash.pages.who import me
from deepresolve_dash.people.roles import Need
from deepresolve_dash.runs.note import Note, Thing, checked_address, read_thing
from deepresolve_dash.runs.notes import NoteRefused
from deepresolve_dash.runs.store import Run

routes = Blueprint("notes", __name__)
ADD = "/act/runs/<run_id>/notes/add"


@routes.get("/data/<run_id>/notes.json")
def listed(run_id: str) -> Response:
    """Return the notes and stars of a run, and whether whoever asks may write some."""
    try:
        run = open_run(run_id)
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    return answer(told(run))


@routes.get("/data/<run_id>/notes.tsv")
def table(run_id: str) -> Response:
    """Return the notes and stars of a run as a table."""
    try:
        run = open_run(run_id)
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    text = tsv_text(notes_table(context().notes, run.id, run))
    made = Response(text, mimetype="text/tab-separated-values")
    made.headers["Content-Disposition"] = f'attachment; filename="{run.id}-notes.tsv"'
    made.headers["Cache-Control"] = "no-store"
    return made


@routes.post(ADD)
@action
def add(run_id: str) -> dict:
    """Keep a note."""
    run, given = open_run(run_id), body()
    thing = _thing(run, given)
    text = str(given.get("text") or "")
    note = context().notes.add(run.id, thing, text, me().name, _address(run, given))
    return told(run) | {"id": note.id}


@routes.post("/act/runs/<run_id>/notes/star")
@action
def star(run_id: str) -> dict:
    """Set the star of whoever asks on a thing, or take it off."""
    run, given = open_run(run_id), body()
    thing, on = _thing(run, given), given.get("on") is True
    context().notes.star(run.id, thing, me().name, on=on, address=_address(run, given))
    return told(run)


@routes.post("/act/runs/<run_id>/notes/<note_id>/edit")
@action
def edit(run_id: str, note_id: str) -> dict:
    """Put another text in the place of that of a revision."""
    run, given = open_run(run_id), body()
    _own(run, note_id)
    revision = given.get("revision")
    if not isinstance(revision, int):
        raise SettingsError("It is not told which revision was changed.", "Load the page again.")
    context().notes.edit(run.id, note_id, revision, str(given.get("text") or ""))
    return told(run)


@routes.post("/act/runs/<run_id>/notes/<note_id>/delete")
@action
def delete(run_id: str, note_id: str) -> dict:
    """Take a note or a star away."""
    run = open_run(run_id)
    _own(run, note_id)
    context().notes.delete(run.id, note_id)
    return told(run)


@routes.post("/act/runs/<run_id>/notes/<note_id>/restore")
@action
def restore(run_id: str, note_id: str) -> dict:
    """Put a deleted note back."""
    run = open_run(run_id)
    _own(run, note_id, deleted=True)
    context().notes.restore(run.id, note_id)
    return told(run)


def told(run: Run) -> dict:
    """Return the notes and stars of a run for the browser."""
    notes = [line(note) for note in context().notes.of(run.id)]
    may_write = may(ADD.replace("<run_id>", run.id))
    return {"notes": notes, "may": may_write, "me": me().name}


def line(note: Note) -> dict:
    """Return what the browser shows of a note."""
    return {
        "id": note.id,
        "kind": note.thing.kind,
        "thing": note.thing.name,
        "star": note.is_star,
        "text": note.text,
        "writer": note.writer,
        "written": note.written,
        "changed": note.changed if note.revision > 1 else None,
        "revision": note.revision,
        "address": note.address,
        "own": is_own(note),
    }


def is_own(note: Note) -> bool:
    """Tell whether whoever asks may change a note: its writer and admins."""
    found = me()
    return found.may(Need.ADMINISTER) or (found.may(Need.CHANGE) and found.name == note.writer)


def _own(run: Run, note_id: str, *, deleted: bool = False) -> None:
    """Refuse to change the note of somebody else.

    Raises
    ------
    NoteNotFound, NoteRefused
    """
    if not is_own(context().notes.get(run.id, note_id, deleted=deleted)):
        raise NoteRefused("This note is somebody else's; they or an admin can change it.")


def _thing(run: Run, given: dict) -> Thing:
    """Return what a note is about; it must be in the run.

    Raises
    ------
    SettingsError
        When it is not.
    """
    thing = read_thing(run.id, given.get("kind"), given.get("thing", ""))
    about_channel = thing.kind == "channel"
    known = (run.summary.channel if about_channel else run.summary.target).values.tolist()
    unknown = [one for one in thing.numbers if one not in known]
    if unknown:
        what = "channel" if about_channel else "class"
        raise SettingsError(f"This run has no {what} {unknown[0]}.", "Load the page again.")
    return thing


def _address(run: Run, given: dict) -> str:
    """Return the view in which a note was written; none is no mistake."""
    address = str(given.get("address") or "")
    return checked_address(run.id, address) if address else ""
