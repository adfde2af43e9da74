"""What the server knows of a run beside its numbers, for what is made of it without a browser."""

from collections.abc import Mapping

import xarray as xr

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.exports.known import Known, with_known
from deepresolve_dash.pages.called import called
from deepresolve_dash.pages.context import class_rows, context
from deepresolve_dash.pages.interactions_routes import read_pairs
from deepresolve_dash.pages.motif_routes import look_up
from deepresolve_dash.runs.question import ask
from deepresolve_dash.runs.store import Run


def known_run(run: Run, values: Mapping) -> Run:
    """Return a run that carries its classes, the names of its channels and the look at them.

    Parameters
    ----------
    values : mapping
        Query of the address: `source` and `database` choose the look.
    """

    def look() -> tuple[xr.Dataset | None, xr.Dataset | None]:
        looked = look_up(run, values)
        return looked.faces, looked.matches

    def answer(target: int, tested: str) -> dict | None:
        return context().service.answers.read(_question_id(run, target, tested))

    names = {int(channel): name for channel, name in called(run).items()}
    return with_known(run, Known(class_rows(run), names, look, answer))


def tested_key(run: Run, values: Mapping) -> str:
    """Return what figures of interactions depend on; empty where nothing was tested."""
    target = str(values.get("target", ""))
    asked = (
        _question_id(run, int(target), str(values.get("tested", ""))) if target.isdecimal() else ""
    )
    return asked if asked and context().service.answers.has(asked) else ""


def _question_id(run: Run, target: int, tested: str) -> str:
    """Return the id of the test of a class; empty where it cannot be tested."""
    try:
        return ask(run, target, pairs=read_pairs(tested)).id
    except (DeepResolveError, KeyError, IndexError):
        return ""
