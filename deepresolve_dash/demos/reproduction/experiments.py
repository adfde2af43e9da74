"""The experiments by name."""

from collections.abc import Callable
from pathlib import Path

from deepresolve_dash.demos.reproduction.panel import panel_text
from deepresolve_dash.demos.reproduction.published import published_text
from deepresolve_dash.demos.reproduction.synthetic import synthetic_text
from deepresolve_dash.errors import SettingsError

Progress = Callable[[int, int], None]  # (units done, units in all)


def reproduce(name: str, models: Path | None, *, progress: Progress | None = None) -> str:
    """Repeat an experiment of the paper.

    Parameters
    ----------
    name : {"published", "synthetic-1", "synthetic-2", "panel"}
    models : Path or None
        Folder of the published models, which `published` needs; for a synthetic one, the folder of
        another network that `train-demo` wrote.
    progress : function, optional
        Told (units done, units in all).

    Returns
    -------
    str
        Tables in Markdown.

    Raises
    ------
    DeepResolveError
        When the experiment needs models that are not there.
    """
    if name == "published":
        if models is None:
            raise SettingsError(
                "The experiment 'published' needs the published models.",
                "Give their folder with --models.",
            )
        return published_text(models, progress)
    if name == "panel":
        return panel_text()
    return synthetic_text(name, models, progress)
