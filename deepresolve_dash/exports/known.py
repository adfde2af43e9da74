"""What is known of a run beside its own numbers, carried along to what is made of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import xarray as xr

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.motifs.channel_names import channel_names
from deepresolve_dash.motifs.databases import jaspar_database
from deepresolve_dash.runs.added_labels import AddedLabelsStore
from deepresolve_dash.runs.answers import AnswerStore
from deepresolve_dash.runs.class_table import ClassRow, from_names
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.motif_question import ask_motifs
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.named import named_run, rows_of
from deepresolve_dash.runs.question import ask
from deepresolve_dash.runs.store import Run

Look = Callable[[], tuple[xr.Dataset | None, xr.Dataset | None]]
Answer = Callable[[int, str], dict | None]


def _nothing() -> tuple[None, None]:
    """Return what is known of channels that nobody looked at."""
    return None, None


def _untested(target: int, tested: str) -> None:
    """Return what is known of interactions that nobody tested."""


@dataclass(frozen=True)
class Known:
    """What pages know of a run from elsewhere: tables of its model, a look at its channels.

    Attributes
    ----------
    classes : sequence of ClassRow
        What is told of each class, in the order of the run.
    called : dict
        Channel -> the known motif that it is called after on every page.
    look : function
        Returns faces and matches as `motifs.faces` and `motifs.names` describe them, None for what
        is not known; called when they are needed, since to read them takes time.
    answer : function (target, tested)
        Returns what the verifier found for a class and the pairs of channels `3,7,4,9` that were
        asked for; None where nothing was tested.
    """

    classes: Sequence[ClassRow]
    called: dict[int, str] = field(default_factory=dict)
    look: Look = _nothing
    answer: Answer = _untested

    @cached_property
    def looked(self) -> tuple[xr.Dataset | None, xr.Dataset | None]:
        """Faces and matches, read once."""
        return self.look()

    def channel_name(self, channel: int) -> str:
        """Return what a channel is called in a figure: its number, and its motif where known."""
        name = self.called.get(int(channel))
        return f"ch {channel} {name}" if name else f"ch {channel}"


class _KnownRun(Run):
    """A run that carries what is known of it; its datasets are those of the original."""

    @property
    def ensemble(self) -> xr.Dataset:  # type: ignore[override]
        """Raw results of the ascent."""
        return self.__dict__["original"].ensemble

    @property
    def summary(self) -> xr.Dataset:  # type: ignore[override]
        """Numbers derived from the ensemble."""
        return self.__dict__["original"].summary

    @property
    def offsets(self) -> int:
        """Positions of a filter, 0 without filters."""
        return self.__dict__["original"].offsets


def with_known(run: Run, known: Known) -> Run:
    """Return the run with what is known of it."""
    made = _KnownRun(run.folder, run.info)
    made.__dict__.update(original=run, known=known)
    return made


def known_of(run: Run) -> Known:
    """Return what a run carries; for any other run what the names of its classes tell."""
    known = run.__dict__
    if "known" not in known:
        names = [str(name) for name in run.summary.target_name.values]
        known["known"] = Known(tuple(from_names(names)))
    return known["known"]


def known_from_state(run: Run, state: Path) -> Run:
    """Return a run that carries what a state folder tells of it, for a program without a server.

    *Choice:* channels are named as on every page: seen in the run's own sequences, else in random
    ones, and matched against the usual part of JASPAR.
    """
    models = ModelStore(state / "models")
    labels = AddedLabelsStore(state / "class-labels")
    named = named_run(run, models, labels)
    faces = matches = None
    try:
        question, database = ask_motifs(named), jaspar_database()
    except (DeepResolveError, KeyError):  # a run of another make
        pass
    else:
        motifs = MotifStore(state)
        faces, matches = motifs.faces(question), motifs.matches(question, database)

    def answer(target: int, tested: str) -> dict | None:
        numbers = [int(one) for one in tested.split(",") if one.isdecimal()]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        try:
            return AnswerStore(state).read(ask(named, target, pairs=pairs).id)
        except (DeepResolveError, KeyError, IndexError):  # it cannot be tested
            return None

    called = channel_names(matches)
    known = Known(rows_of(named, models), called, lambda: (faces, matches), answer)
    return with_known(named, known)
