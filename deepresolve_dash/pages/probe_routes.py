"""What the page of the probe asks: sequences for the worker, answers as JSON, files to keep."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from hashlib import sha256

import orjson
from flask import Blueprint, Response, request

from deepresolve_dash.errors import DeepResolveError, RunNotFound, SequenceError
from deepresolve_dash.exports import probe_tables
from deepresolve_dash.exports.figures.probe_figure import Block, height_of, track_bytes
from deepresolve_dash.exports.figures.style import FORMATS, WIDTHS
from deepresolve_dash.pages.answers import action, answer, body
from deepresolve_dash.pages.asking import submit
from deepresolve_dash.pages.called import called_key
from deepresolve_dash.pages.context import CODE, context, open_run, stamp
from deepresolve_dash.pages.figure_routes import size_of
from deepresolve_dash.pages.probe_subject import Subject, example, examples, find_subject
from deepresolve_dash.pages.under_way import entry_of, how_far
from deepresolve_dash.pages.who import me
from deepresolve_dash.people.roles import Need
from deepresolve_dash.probe.found import Bases, Reading
from deepresolve_dash.probe.pasted import edited, fitted, read_edits, read_pasted
from deepresolve_dash.runs.probe_question import ProbeQuestion
from deepresolve_dash.runs.probe_request import make_probe_request
from deepresolve_dash.views import probe as view
from deepresolve_dash.views.palette import number
from deepresolve_dash.views.queue import ACTIVE

routes = Blueprint("probe", __name__)
FIRST, SECOND, BEFORE = "first", "second", "before"
_TSV, _JSON = "text/tab-separated-values", "application/json"
_MOST_CHANNELS = 200
_NOT_ASKED = SequenceError(
    "Nobody has shown this sequence to the network yet.", "Members of this dashboard can do it."
)
_NOT_YET = "This is not known yet.", "Ask again."


@routes.post("/act/probe/ready")
@action
def get_ready() -> dict:
    """Have a worker warm before the first sequence is pasted."""
    context().service.get_ready()
    return {}


@routes.post("/act/probe")
@action
def ask() -> dict:
    """Ask about one or two pasted sequences; what is known is not computed again.

    Returns
    -------
    dict
        `first`, with edits `before` them, and `second` where there is one: each with `id`, `name`,
        `letters`, `said` and `text`, the letters that were pasted.
    """
    values, known_only = body(), not me().may(Need.CHANGE)
    subject = find_subject(values)
    target = subject.target(values.get("class"))
    told = _told(values, subject.length)
    for one in told.values():
        question = _question(subject, one["letters"], target)
        one["id"] = question.id
        if known_only:
            if not context().service.probes.has(question):
                raise _NOT_ASKED
            continue
        context().service.probes.write_question(question)
        title = f"{subject.title}: {one['name']}"
        asked = make_probe_request(question, title=title, models=context().models)
        submit(asked)
    return told


def _told(values: Mapping, length: int) -> dict[str, dict]:
    """Return what the network reads of the sequences that the page sent."""
    pasted = read_pasted(str(values.get("sequence") or ""), name=FIRST, most=2)
    second = str(values.get("second") or "")
    if second.strip():
        if len(pasted) > 1:
            raise SequenceError(
                "The first box holds two sequences, and the second box another.",
                "Empty one of them.",
            )
        pasted += read_pasted(second, name=SECOND)
    edits = read_edits(str(values.get("edits") or ""), length)
    told: dict[str, dict] = {}
    for key, one in zip((FIRST, SECOND), pasted, strict=False):
        letters, said = fitted(one.letters, length)
        told[key] = {"name": one.name, "said": said, "text": one.letters, "letters": letters}
    if edits:
        told[BEFORE] = dict(told[FIRST], name=f"{told[FIRST]['name']}, before")
        told[FIRST]["letters"] = edited(told[FIRST]["letters"], edits)
    return told


def _question(subject: Subject, letters: str, target: int) -> ProbeQuestion:
    return ProbeQuestion(
        subject.model.card["hash"], letters, target, subject.layer, subject.offer.output
    )


@routes.get("/data/probe/example.json")
def example_data() -> Response:
    """Return a sequence to begin with."""
    try:
        subject = find_subject(request.args)
        target = subject.target(request.args.get("class"))
        n = max(0, request.args.get("n", type=int, default=0))
        found = examples(subject, target)
        name, letters = example(found, request.args.get("kind", ""), n)
    except DeepResolveError as error:
        return _missing(error)
    return answer({"name": name, "letters": letters, "kinds": sorted(found)})


@routes.get("/data/probe/<probe_id>/stage.json")
def stage(probe_id: str) -> Response:
    """Return what is known of a question, or how far it is.

    `stage` is `done`, `busy` or `empty`, the last with `why`; `scores` and `bases` tell what is
    known by now.
    """
    try:
        question = _open(probe_id)
    except DeepResolveError as error:
        return _missing(error)
    entry = entry_of(probe_id)  # before the files: one that is done now has written them
    store = context().service.probes
    parts = {
        "scores": store.reading(question) is not None,
        "bases": store.bases(question) is not None,
    }
    if all(parts.values()):
        return answer({"stage": "done", **parts})
    told = how_far(entry) if entry else {}
    if entry is not None and entry.state in ACTIVE:
        return answer({"stage": "busy", **parts, **told})
    failed = entry is not None and entry.state == "failed"
    why = entry.message if entry is not None and failed else "This was cancelled."
    return answer({"stage": "empty", "why": why, "failed": failed, **parts, **told})


@routes.get("/data/probe/<probe_id>/scores.<kind>")
def scores(probe_id: str, kind: str) -> Response:
    """Return the scores of all classes; as a table beside those of `other`."""

    def make(question: ProbeQuestion, subject: Subject) -> str | bytes:
        reading = _reading(question)
        if kind == "json":
            return orjson.dumps(view.scores(reading))
        other = request.args.get("other", "")
        return probe_tables.scores(
            subject.names, reading, _reading(_open(other)) if other else None
        )

    return _made(probe_id, "scores", kind, make)


@routes.get("/data/probe/<probe_id>/bases.<kind>")
def bases(probe_id: str, kind: str) -> Response:
    """Return what the bases give the class."""

    def make(question: ProbeQuestion, _: Subject) -> str | bytes:
        found = _bases(question)
        if kind == "json":
            return orjson.dumps(view.bases(found))
        return probe_tables.bases(question.letters, found)

    return _made(probe_id, "bases", kind, make)


@routes.get("/data/probe/<probe_id>/channels.<kind>")
def channels(probe_id: str, kind: str) -> Response:
    """Return the strongest channels along the sequence and, in JSON, along `other`."""

    def make(question: ProbeQuestion, subject: Subject) -> str | bytes:
        if kind == "json":
            return orjson.dumps(_channels(question, subject))
        return probe_tables.channels(_reading(question), subject.along(question.target).called)

    return _made(probe_id, "channels", kind, make)


@routes.get("/data/probe/<probe_id>/track.<kind>")
def track(probe_id: str, kind: str) -> Response:
    """Return the picture of bases and channels for print, those of `other` below."""

    def make(question: ProbeQuestion, subject: Subject) -> bytes:
        other = request.args.get("other", "")
        asked = {"first": question} | ({"second": _open(other)} if other else {})
        blocks = [Block(name, one.letters, _bases(one)) for name, one in asked.items()]
        title = f"{subject.title}, {subject.names[question.target]}"
        if not other:
            title += f": logit {number(blocks[0].found.score)}"
        along = _channels(question, subject) if subject.layer else None
        size = size_of({"width": str(WIDTHS[-1]), **request.args})
        size = size._replace(height=size.height or height_of(blocks, along))
        return track_bytes(title, blocks, along, file_format=kind, size=size)

    return _made(probe_id, "track", kind, make)


def _channels(question: ProbeQuestion, subject: Subject) -> dict:
    other = request.args.get("other", "")
    order = request.args.get("order", view.ACTIVATION)
    if order not in view.ORDERS:
        raise RunNotFound(f"There is no order '{order[:40]}'.", "Choose one from the list.")
    n = request.args.get("n", type=int, default=view.N_CHANNELS)
    return view.channels(
        _reading(question),
        _reading(_open(other)) if other else None,
        order=order,
        along=subject.along(question.target, request.args.get("regime")),
        n=max(1, min(_MOST_CHANNELS, n)),
    )


def _made(
    probe_id: str, what: str, kind: str, make: Callable[[ProbeQuestion, Subject], str | bytes]
) -> Response:
    """Return what is made of an answer, 304 when the browser has it, 404 when there is none."""
    kinds = FORMATS if what == "track" else {"json": _JSON, "tsv": _TSV}
    try:
        if kind not in kinds:
            raise RunNotFound("There is no such file.", f"Choose {' or '.join(kinds)}.")
        subject = find_subject(request.args)
        names = (stamp(subject.run), called_key(subject.run)) if subject.run else subject.names
        told = (CODE, probe_id, what, sorted(request.args.items()), names)
        etag = sha256(repr(told).encode()).hexdigest()[:32]
        if etag in request.if_none_match:
            made = Response(status=304)
        else:
            made = Response(make(_open(probe_id), subject), mimetype=kinds[kind])
    except DeepResolveError as error:
        return _missing(error)
    made.set_etag(etag)
    made.headers["Cache-Control"] = "private, no-cache"
    if kind != "json":
        name = f"probe-{probe_id}-{what}.{kind}"
        made.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return made


def _open(probe_id: str) -> ProbeQuestion:
    question = context().service.probes.question(probe_id)
    if question is None:
        raise RunNotFound("This sequence is not known any more.", "Ask again.")
    if me().is_guest and question.network not in networks(me().runs):
        raise RunNotFound("This link does not show that sequence.")
    return question


def networks(runs: Iterable[str]) -> set[str]:
    """Return the networks of runs, those that are here."""
    found = set()
    for run in runs:
        with suppress(DeepResolveError):
            found.add(str(open_run(run).info["spec"].get("network")))
    return found


def _reading(question: ProbeQuestion) -> Reading:
    found = context().service.probes.reading(question)
    if found is None:
        raise RunNotFound(*_NOT_YET)
    return found


def _bases(question: ProbeQuestion) -> Bases:
    found = context().service.probes.bases(question)
    if found is None:
        raise RunNotFound(*_NOT_YET)
    return found


def _missing(error: DeepResolveError) -> Response:
    return Response(str(error), status=404, mimetype="text/plain")
