"""What the server knows of a run beside its numbers, for what is made of it without a browser."""

from collections.abc import Mapping

import xarray as xr

from deepresolve_dash.exports.known import Known, with_known
from deepresolve_dash.pages.called import called
from deepresolve_dash.pages.context import class_rows
from deepresolve_dash.pages.motif_routes import look_up
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

    names = {int(channel): name for channel, name in called(run).items()}
    return with_known(run, Known(class_rows(run), names, look))
