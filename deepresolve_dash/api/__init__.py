"""Runs in a notebook: open them, their numbers as tables, their figures, and files to take away.

    from deepresolve_dash import api

    run = api.open_run("d4672e7cf88995e3")
    api.channels(run, "CTCF").head()
    api.figure(run, "ofiv", "CTCF", width=85).save("ofiv.pdf")

Whatever a page shows is told here by the same functions. A class is named by its output index or by
its name. Runs, models and what was found out about channels are those of the state folder that
`DRD_STATE` names.
"""

from deepresolve_dash.api.figures import Figure, figure, panels, rows
from deepresolve_dash.api.files import newick, write_h5ad, write_tables
from deepresolve_dash.api.numbers import channels, classes, compare, ensemble, similarity
from deepresolve_dash.api.opening import again, open_run, runs

__all__ = [
    "Figure", "again", "channels", "classes", "compare", "ensemble", "figure", "newick",
    "open_run", "panels", "rows", "runs", "similarity", "write_h5ad", "write_tables",
]  # fmt: skip
