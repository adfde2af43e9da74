"""The experiments by name."""

from collections.abc import Callable
from pathlib import Path

from deepresolve_dash.demos.reproduction.faces import panel_faces_text
from deepresolve_dash.demos.reproduction.panel import panel_text
from deepresolve_dash.demos.reproduction.panel_seeds import panel_seeds_text
from deepresolve_dash.demos.reproduction.planted import planted_text
from deepresolve_dash.demos.reproduction.published import published_text
from deepresolve_dash.demos.reproduction.synthetic import synthetic_text
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.settings import read_settings

Progress = Callable[[int, int], None]  # (units done, units in all)

SEEDS = "0-2"  # of the planted benchmark
_MOST_SEEDS = 100


def reproduce(
    name: str,
    models: Path | None,
    *,
    seeds: str | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
) -> str:
    """Repeat an experiment of the paper, or a benchmark of our own.

    Parameters
    ----------
    name : {"published", "synthetic-1", "synthetic-2", "panel", "panel-faces", "planted"}
    models : Path or None
        Folder of the published models, which `published` needs; for a synthetic one, the folder of
        another network that `train-demo` wrote.
    seeds : str, optional
        Training seeds of `planted`, such as `0-2` or `3,5`; `0-2` without it. With seeds, `panel`
        looks for its hidden pair on networks of these seeds instead of the shipped run.
    out : Path, optional
        Folder that trained networks are kept in; in the state folder, under the name, without it.
    progress : function, optional
        Told (units done, units in all).

    Returns
    -------
    str
        Tables in Markdown.

    Raises
    ------
    DeepResolveError
        When the experiment needs models that are not there, or does not take an option.
    """
    if name == "planted":
        folder = out or read_settings().state / "planted"
        return planted_text(read_seeds(seeds or SEEDS), folder, progress)
    if name == "panel" and seeds is not None:
        return panel_seeds_text(read_seeds(seeds), out or read_settings().state / "panel", progress)
    if seeds is not None or out is not None:
        raise SettingsError(
            f"The experiment '{name}' takes neither --seeds nor --out.",
            "They belong to the experiments 'planted' and 'panel'; for 'panel' give --seeds.",
        )
    if name == "published":
        if models is None:
            raise SettingsError(
                "The experiment 'published' needs the published models.",
                "Give their folder with --models.",
            )
        return published_text(models, progress)
    if name == "panel":
        return panel_text()
    if name == "panel-faces":
        return panel_faces_text(progress)
    return synthetic_text(name, models, progress)


def read_seeds(text: str) -> list[int]:
    """Read seeds such as `0-2` or `3,5`.

    Raises
    ------
    SettingsError
        When it is not such a text, or names none, one twice, or more than a hundred.
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        numbers = (first, last if dash else first)
        if not all(number.isascii() and number.isdigit() for number in numbers):
            raise SettingsError(f"--seeds is '{text}'.", "Give seeds such as 0-2 or 3,5.")
        low, high = map(int, numbers)
        seeds += range(low, min(high, low + _MOST_SEEDS) + 1)
    if not seeds or len(set(seeds)) < len(seeds) or len(seeds) > _MOST_SEEDS:
        raise SettingsError(
            f"--seeds is '{text}'.", f"Give 1 to {_MOST_SEEDS} seeds, each once, such as 0-2."
        )
    return seeds
