"""What channels are called on every page: the known motif that each resembles well enough."""

import orjson
from flask import has_app_context

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.motifs.channel_names import channel_names
from deepresolve_dash.motifs.databases import jaspar_database
from deepresolve_dash.pages.context import context, derived
from deepresolve_dash.runs.motif_question import ask_motifs, match_id
from deepresolve_dash.runs.store import Run


def called(run: Run) -> dict[str, str]:
    """Return the names of the channels of a run by number; none before a look at them.

    *Choice:* names come from the run's own sequences, else random ones, against the usual part of
    JASPAR, whatever the table of channels shows.
    """
    return orjson.loads(called_bytes(run))


def called_bytes(run: Run) -> bytes:
    """Return the same as JSON, read once."""
    key = called_key(run)
    return derived(run, "called", key, make=lambda: _named(run)) if key else b"{}"


def called_key(run: Run) -> str:
    """Return what the names depend on; empty when there are none."""
    if not has_app_context():  # a page that is made for no server
        return ""
    try:
        question, database = ask_motifs(run), jaspar_database()
    except (DeepResolveError, KeyError):  # a run of another make
        return ""
    there = context().service.motifs.has(question, database)
    return match_id(question, database) if there else ""


def _named(run: Run) -> bytes:
    matches = context().service.motifs.matches(ask_motifs(run), jaspar_database())
    mine = set(run.summary.channel.values.tolist())
    found = channel_names(matches)
    return orjson.dumps({str(k): name for k, name in found.items() if k in mine})
