"""What the screens of one app share: its runs and its cache of derived bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import diskcache
from flask import Flask, current_app

from deepresolve_dash.runs.store import SUMMARY, Run, RunStore
from deepresolve_dash.settings import Settings

NAME = "deepresolve"


@dataclass(frozen=True)
class Context:
    """Runs that can be opened, and bytes that were derived from them."""

    store: RunStore
    cache: diskcache.Cache


def attach(server: Flask, store: RunStore, settings: Settings) -> None:
    """Give a server its runs and its cache."""
    folder = settings.state / "derived"
    cache = diskcache.Cache(
        str(folder), size_limit=settings.cache_mb * 2**20, eviction_policy="least-recently-used"
    )
    server.extensions[NAME] = Context(store, cache)


def context() -> Context:
    """Return the context of the app that answers this request."""
    return current_app.extensions[NAME]


def stamp(run: Run) -> str:
    """Return what changes when a run is derived again."""
    return f"{run.id}-{(run.folder / SUMMARY).stat().st_mtime_ns}"


def tag(run: Run, *parts: object) -> str:
    """Return the key of something derived from a run with these parameters."""
    return sha256(repr((stamp(run), *parts)).encode()).hexdigest()[:32]


def derived(run: Run, *parts: object, make: Callable[[], bytes]) -> bytes:
    """Return bytes derived from a run, made once per run and parameters."""
    cache, key = context().cache, tag(run, *parts)
    known = cache.get(key)
    if not isinstance(known, bytes):
        known = make()
        cache.set(key, known)
    return known
