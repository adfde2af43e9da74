"""Which files of the state folder a request needs where it is computed, by their paths in it."""

from collections.abc import Iterator
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.runs.answers import ANSWERS
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.interaction_request import InteractionRequest
from deepresolve_dash.runs.motif_request import MotifRequest
from deepresolve_dash.runs.motif_store import DATABASES, FACES, MATCHES, MOTIFS
from deepresolve_dash.runs.probe_request import ProbeRequest
from deepresolve_dash.runs.probe_store import PROBES
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.requests import Request
from deepresolve_dash.runs.store import PRODUCTS
from deepresolve_dash.runs.work import work_folder

_MODEL_FILES = ("net.json", "net.safetensors", "card.json", "about.json", "metadata.tsv")


def needed(request: Request, state: Path) -> list[str]:
    """Return the paths, below the state folder, of the files that are there and of use.

    Units of work that are on disk are among them, and whatever part of an answer is known.
    """
    found = [path for path in _paths(request, state) if path.is_file() and not path.is_symlink()]
    return [path.relative_to(state).as_posix() for path in found]


def units_of(request: Request, state: Path) -> list[str]:
    """Return the paths of the units of work of a run that are on disk."""
    found = work_folder(state, request.id).glob("c*/[!.]*.npz")
    return sorted(path.relative_to(state).as_posix() for path in found)


def results_of(request: Request) -> list[str]:
    """Return the paths of all files that the results of a request may consist of."""
    if isinstance(request, RunRequest):
        return [f"runs/{request.id}/{name}" for name in PRODUCTS]
    if isinstance(request, InteractionRequest):
        return [f"{ANSWERS}/{request.id}.json"]
    if isinstance(request, MotifRequest):
        folder = f"{MOTIFS}/{request.question.id}"
        return [f"{folder}/{FACES}", f"{folder}/{MATCHES.format(request.id)}"]
    return [f"{PROBES}/{part}.npz" for part in _probe_parts(request)]


def _probe_parts(request: ProbeRequest) -> tuple[str, str, str]:
    asked = request.question
    return asked.reading_id, asked.bases_id, asked.mutations_id


def _paths(request: Request, state: Path) -> Iterator[Path]:
    model = state / "models" / request.model
    yield from (model / name for name in _MODEL_FILES)
    yield from _inputs(request, state)
    yield from (state / path for path in units_of(request, state))
    if isinstance(request, MotifRequest):
        yield state / MOTIFS / request.question.id / FACES
        base = state / MOTIFS / DATABASES / (request.database.file_hash or "none")
        yield from (base.with_suffix(suffix) for suffix in (".meme", ".json"))
    if isinstance(request, ProbeRequest):
        yield from (state / PROBES / f"{part}.npz" for part in _probe_parts(request))


def _inputs(request: Request, state: Path) -> Iterator[Path]:
    """Return the sequences and labels of a request, each with what is known of it."""
    about = request.question if isinstance(request, InteractionRequest | MotifRequest) else None
    spec = about or getattr(request, "spec", None)
    store = InputStore(state)
    for wanted in (getattr(spec, "sequences", None), getattr(spec, "labels", None)):
        if not wanted:
            continue
        try:
            stored = store.open(wanted)
        except DeepResolveError:  # the worker meets it, and says so of the run
            continue
        path = store.path(stored)
        yield path
        yield path.with_name(f"{stored.hash}.json")
