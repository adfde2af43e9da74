"""The runs that a comparison is of: opened, lined up, and answers kept by all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import orjson
from flask import Response, request
from numpy.typing import NDArray

from deepresolve_dash.errors import DeepResolveError, RunNotFound, SettingsError
from deepresolve_dash.motifs.pairing import Rows
from deepresolve_dash.pages import who
from deepresolve_dash.pages.called import called, called_key
from deepresolve_dash.pages.context import context, derived, open_run, tag
from deepresolve_dash.pages.data import JSON
from deepresolve_dash.runs.motif_question import ask_motifs
from deepresolve_dash.runs.question import usual_question
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import compare, compare_rows
from deepresolve_dash.views.compare_class import TOPS
from deepresolve_dash.views.compare_rows import INDEX, MOTIF, Lined

_SHOWN = 80  # characters of what is not understood


@dataclass(frozen=True)
class Asked:
    """What an address asks of several runs.

    Attributes
    ----------
    runs : tuple of Run
    by : str
        `index`, `motif`, or empty for what fits.
    regime : str or None
    targets : tuple of int or None
        Output index of the class in each run.
    two : (int, int)
        Places of the runs that are held against each other.
    top : int or None
        Channels that count as found; None for the important ones.
    """

    runs: tuple[Run, ...]
    by: str
    regime: str | None
    targets: tuple[int | None, ...]
    two: tuple[int, int]
    top: int | None

    @cached_property
    def motifs(self) -> list[NDArray | None]:
        """What the channels of each run see, where it is known."""
        return [compare_rows.motifs_of(run, _faces(run)) for run in self.runs]

    @cached_property
    def answers(self) -> list[dict | None]:
        """What the verifier said of the class in each run; None where it was not asked."""
        return [answer_of(*each) for each in zip(self.runs, self.targets, strict=True)]

    @cached_property
    def lined(self) -> Lined:
        """The channels in rows, kept on disk where they were paired by motif."""
        if self.by != MOTIF and compare.alike(self.runs):
            return compare_rows.line_up(self.runs, [], INDEX)
        return _read(self.kept("compare-rows", make=self._line_up))

    def kept(self, *parts: object, make: Callable[[], bytes]) -> bytes:
        """Return bytes derived from all runs, made once."""
        return derived(self.runs[0], *self.key(*parts), make=make)

    def key(self, *parts: object) -> tuple[object, ...]:
        """Return what an answer depends on beside the first run."""
        known = [(tag(run), called_key(run), _has_faces(run)) for run in self.runs]
        return (*parts, self.by, known)

    def _line_up(self) -> bytes:
        lined = compare_rows.line_up(self.runs, self.motifs, self.by)
        told = {"how": lined.how, "seen": lined.seen, **lined.rows._asdict()}
        return orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY)


def read() -> Asked:
    """Return what the address of this request asks for.

    Raises
    ------
    DeepResolveError
        When it names too few runs or too many, or runs that are not there or not finished.
    """
    runs = [_open(run_id) for run_id in compare.read_ids(request.args.get("runs", ""))]
    by = request.args.get("by", "")
    if by not in ("", INDEX, MOTIF):
        raise SettingsError(f"Channels cannot be paired by '{by[:_SHOWN]}'.", "Load the page anew.")
    return Asked(
        tuple(runs),
        by,
        request.args.get("regime") or None,
        _targets(runs, request.args.get("class", "")),
        _two(len(runs), request.args.get("two", "0,1")),
        _top(request.args.get("found", "")),
    )


def compared(
    what: str,
    make: Callable[[Asked], object],
    kind: str = JSON,
    *,
    more: Callable[[Asked], object] = lambda asked: None,
) -> Response:
    """Return a kept answer about several runs; the sentence that says why where there is none.

    `more` returns what it depends on beside the runs and what the address asks for.
    """
    try:
        asked = read()
        key = asked.key(what, asked.regime, asked.targets, asked.two, asked.top, more(asked))
        etag = tag(asked.runs[0], *key)
        if etag in request.if_none_match:
            answer = Response(status=304)
        else:
            body = derived(asked.runs[0], *key, make=lambda: _bytes(make(asked)))
            answer = Response(body, mimetype=kind)
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def names_of(run: Run) -> dict[str, str]:
    """Return the known motifs that channels are named after."""
    return called(run)


def _open(run_id: str) -> Run:
    """Open a run that is whole.

    Raises
    ------
    RunNotFound
        When there is none, or it is still computed.
    """
    if who.me().is_guest:
        raise RunNotFound("A link shows one result, and compares it with nothing.")
    try:
        run = open_run(run_id)
    except RunNotFound:
        _explain(run_id)
        raise RunNotFound(
            f"There is no run '{run_id[:_SHOWN]}' here.", "Take it away, or choose another one."
        ) from None
    if run.info.get("partial"):
        _explain(run_id)
    return run


def _explain(run_id: str) -> None:
    """Say that a run is not finished, where the queue knows of it.

    Raises
    ------
    RunNotFound
        When it is not finished.
    """
    ledger = context().service.ledger
    entry = None
    if ledger.path.is_file():
        try:
            entry = ledger.get(run_id)
        except DeepResolveError:
            return
    if entry is not None and entry.state != "done" and not entry.deleted:
        raise RunNotFound(
            f"The run {run_id[:_SHOWN]} is {entry.state}, not finished.",
            "Compare it when it is done, or take it away.",
        )


def _targets(runs: Sequence[Run], text: str) -> tuple[int | None, ...]:
    """Read `3,3,-` as the class in each run; without such a list, the first one that most have.

    Raises
    ------
    RunNotFound
        When a run has no such class.
    """
    parts = [part if part.isdecimal() and len(part) < 9 else None for part in text.split(",")]
    wanted = [None if part is None else int(part) for part in parts]
    known = compare.classes(runs)
    if len(wanted) != len(runs) or all(one is None for one in wanted):
        whole = [one for one in known if one["targets"][0] is not None] or known
        mine = [one for one in whole if one["targets"][0] == wanted[0]] if text else []
        fullest = max(
            whole, key=lambda one: sum(t is not None for t in one["targets"]), default=None
        )
        return tuple((mine[0] if mine else fullest or {"targets": _first(runs)})["targets"])
    for run, target in zip(runs, wanted, strict=True):
        if target is not None and target not in run.summary.target.values:
            raise RunNotFound(
                f"The run {run.info.get('name') or run.id} has no class {target}.",
                "Choose a class from the list.",
            )
    return tuple(wanted)


def _first(runs: Sequence[Run]) -> list[int]:
    """Return the first class of each run, for runs without a class in common."""
    return [int(run.summary.target.values[0]) for run in runs]


def _two(n: int, text: str) -> tuple[int, int]:
    """Read the places of two runs; the first two where it names none."""
    parts = text.split(",")
    if len(parts) == 2 and all(part.isdecimal() and int(part) < n for part in parts):
        return int(parts[0]), int(parts[1])
    return 0, 1


def _top(text: str) -> int | None:
    """Read how many channels count as found.

    Raises
    ------
    SettingsError
        When it is not one of the choices.
    """
    if not text or text == "important":
        return None
    if text not in map(str, TOPS):
        raise SettingsError(
            f"'{text[:_SHOWN]}' is no number of channels that is offered.",
            f"Choose {', '.join(map(str, TOPS))} or the important ones.",
        )
    return int(text)


def answer_of(run: Run, target: int | None) -> dict | None:
    """Return what the verifier said of a class of a run; None where it was not asked."""
    question = None if target is None else usual_question(run, target)
    return context().service.answers.read(question.id) if question else None


def _faces(run: Run):  # noqa: ANN202
    try:
        return context().service.motifs.faces(ask_motifs(run))
    except (DeepResolveError, KeyError):  # a run of another make
        return None


def _has_faces(run: Run) -> bool:
    try:
        return context().service.motifs.has_faces(ask_motifs(run))
    except (DeepResolveError, KeyError):
        return False


def _read(body: bytes) -> Lined:
    told = orjson.loads(body)
    place, strand = (np.array(told[name], np.int64) for name in ("place", "strand"))
    shape = len(place), len(told["seen"])
    distance = np.array(told["distance"], np.float64)
    rows = Rows(place.reshape(shape), distance.reshape(shape), strand.reshape(shape))
    return Lined(rows, told["how"], tuple(told["seen"]))


def _bytes(values: object) -> bytes:
    """Return bytes as they are, and anything else as JSON; what is not finite becomes null."""
    if isinstance(values, bytes):
        return values
    return orjson.dumps(values, default=list, option=orjson.OPT_SERIALIZE_NUMPY)
