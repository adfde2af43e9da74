"""Names for the channels of a question, and progress over all phases; without torch."""

from collections.abc import Callable, Mapping

import xarray as xr

from deepresolve_dash.motifs.databases import Database
from deepresolve_dash.motifs.faces import all_faces
from deepresolve_dash.motifs.jaspar import Motif
from deepresolve_dash.motifs.names import match_faces
from deepresolve_dash.runs.motif_question import MotifQuestion

Progress = Callable[[int, int], None]
_PARTS = 1000  # of the whole work, that progress is told in
_SHARES = {"sequences": 0.1, "ascent": 0.6, "background": 0.02, "families": 0.0, "matching": 0.28}
"""About how long each phase takes, so that progress never goes back."""


class Stages:
    """Progress over phases of different length as one."""

    def __init__(self, progress: Progress, on_phase: Callable[[str], None]) -> None:
        """Tell both what happens."""
        self._progress, self._on_phase = progress, on_phase
        self._before = self._now = 0.0
        self._at = ""

    def phase(self, name: str) -> None:
        """Say what is going on."""
        if name != self._at:
            self._before, self._now = self._before + self._now, _SHARES.get(name, 0.0)
            self._at = name
        self._on_phase(name)

    def progress(self, done: int, total: int) -> None:
        """Say how far the phase is."""
        share = self._before + self._now * done / max(1, total)
        self._progress(round(_PARTS * share), _PARTS)


def name_channels(
    faces: xr.Dataset,
    question: MotifQuestion,
    database: Database,
    targets: Mapping[str, Motif],
    *,
    stages: Stages,
) -> xr.Dataset:
    """Match all faces of the channels of a question against a database."""
    stages.phase("matching")
    return match_faces(
        all_faces(faces),
        targets,
        title=database.title,
        database_id=database.id,
        seed=question.settings.seed,
        progress=stages.progress,
    )
