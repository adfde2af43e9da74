"""What the screens of one app share: its runs, its models and its cache of derived bytes."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

import diskcache
from flask import Flask, current_app, has_request_context

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.pages import who
from deepresolve_dash.runs.added_labels import AddedLabelsStore
from deepresolve_dash.runs.blobs import open_blobs
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.models import METADATA, ModelStore
from deepresolve_dash.runs.named import model_id, named_run, rows_of
from deepresolve_dash.runs.notes import NoteStore
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.store import SUMMARY, Run, RunStore
from deepresolve_dash.runs.stories import StoryStore
from deepresolve_dash.runs.sweeps import SweepStore
from deepresolve_dash.settings import Settings

_SHIPPED = Path(__file__).parents[1] / "demos" / "stories"
NAME = "deepresolve"
CODE = max(path.stat().st_mtime_ns for path in Path(__file__).parents[1].rglob("*.py"))


@dataclass(frozen=True)
class Context:
    """Runs, models, files and stories of the state folder, bytes derived from runs, settings."""

    service: Service
    cache: diskcache.Cache
    settings: Settings
    stories: StoryStore

    @property
    def store(self) -> RunStore:
        """Runs that can be opened."""
        return self.service.store

    @property
    def models(self) -> ModelStore:
        """Networks that were taken in."""
        return self.service.models

    @property
    def labels(self) -> AddedLabelsStore:
        """Labels that runs were given after they were computed."""
        return AddedLabelsStore(self.settings.state / "class-labels")

    @property
    def notes(self) -> NoteStore:
        """Notes and stars on what is seen in runs."""
        return NoteStore(self.settings.state)

    @property
    def sweeps(self) -> SweepStore:
        """Runs that were started at once."""
        return SweepStore(self.settings.state)

    @property
    def inputs(self) -> InputStore:
        """Sequence sets and label files."""
        return self.service.inputs


def attach(server: Flask, service: Service, settings: Settings) -> None:
    """Give a server its runs, models, stories and cache."""
    cache = open_blobs(settings.state / "derived", settings.cache_mb)
    demos = service.store.roots[0]
    stories = StoryStore(settings.state / "stories", shipped=_SHIPPED, runs=demos)
    server.extensions[NAME] = Context(service, cache, settings, stories)


def context() -> Context:
    """Return the context of the app that answers this request."""
    return current_app.extensions[NAME]


def open_run(run_id: str) -> Run:
    """Return a run with the labels it was given, its classes called as those of its model.

    Raises
    ------
    RunNotFound
        When there is none of this id, or whoever asks came by a link to something else.
    """
    if has_request_context() and not who.sees(run_id):
        raise RunNotFound("This link does not show that run.")
    return named_run(context().store.open(run_id), context().models, context().labels)


def class_rows(run: Run) -> list[ClassRow]:
    """Return what is told of each class, in the order of a run; at least what its name tells."""
    return rows_of(run, context().models)


def stamp(run: Run) -> str:
    """Return what changes with the summary of a run, its labels, the names of classes, or us."""
    told = context().models.folder / model_id(run) / METADATA
    named = told.stat().st_mtime_ns if told.is_file() else 0
    labelled = context().labels.stamp(run.id)
    return f"{CODE}-{run.id}-{(run.folder / SUMMARY).stat().st_mtime_ns}-{named}-{labelled}"


def tag(run: Run, *parts: object) -> str:
    """Return the key of something derived from a run with these parameters."""
    return sha256(repr((stamp(run), *parts)).encode()).hexdigest()[:32]


def derived(run: Run, *parts: object, make: Callable[[], bytes]) -> bytes:
    """Return bytes derived from a run, made once per run and parameters."""
    cache, key = context().cache, tag(run, *parts)
    known = cache.get(key)
    if isinstance(known, bytes):
        return known
    with _alone(key):
        known = cache.get(key)
        if not isinstance(known, bytes):
            known = make()
            cache.set(key, known)
        return known


_GUARD = Lock()
_MAKING: Counter[str] = Counter()
_LOCKS: dict[str, Lock] = {}


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Let one request make something while the others that want it wait."""
    with _GUARD:
        _MAKING[key] += 1
        mine = _LOCKS.setdefault(key, Lock())
    try:
        with mine:
            yield
    finally:
        with _GUARD:
            _MAKING[key] -= 1
            if not _MAKING[key]:
                del _MAKING[key], _LOCKS[key]
