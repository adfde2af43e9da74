"""What somebody has brought: whose it is, and how much more of the disk they may fill."""

from collections.abc import Iterator
from contextlib import contextmanager

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.who import door, me
from deepresolve_dash.people.owners import INPUT, LABELS, MODEL
from deepresolve_dash.runs.entry import ANONYMOUS
from deepresolve_dash.views.measures import size


class QuotaError(DeepResolveError):
    """Somebody keeps as much here as one may."""


def bring(kind: str, thing: str, n_bytes: int = 0) -> None:
    """Remember that a thing is of whoever sends this request, if they have a name."""
    if me().name != ANONYMOUS:
        door().people.owners.add(kind, thing, me().name, n_bytes)


def bring_anew(kind: str, thing: str, n_bytes: int) -> None:
    """Remember that what a thing is now is of whoever sends this request, if they have a name."""
    if me().name != ANONYMOUS:
        door().people.owners.replace(kind, thing, me().name, n_bytes)


def used() -> int:
    """Return the bytes of the files that whoever sends this request keeps here."""
    if me().name == ANONYMOUS:
        return 0
    return door().people.owners.used(me().name, _is_there)


def all_used() -> dict[str, int]:
    """Return the bytes of the files that each user keeps here, by name."""
    return door().people.owners.all_used(_is_there)


@contextmanager
def room_for(n_bytes: int) -> Iterator[None]:
    """Keep room for files of this size while they come in; `bring` counts them before it is over.

    What the same user sends meanwhile, to whichever process of the server, finds less room.

    Raises
    ------
    QuotaError
        With what there is already, when they would be more than one may keep.
    """
    if me().name == ANONYMOUS:
        yield
        return
    most = door().settings.quota_mb * 2**20

    def check(coming: int) -> None:
        kept = used()
        if kept + coming + n_bytes > most:
            more = f", {size(coming)} more are on their way" if coming else ""
            raise QuotaError(
                f"You keep {size(kept)} here{more}, and {size(most)} is the most for one user.",
                "Delete models first, or ask for a larger DRD_QUOTA_MB.",
            )

    with door().people.rooms.kept(me().name, n_bytes, check):
        yield


def in_words() -> str:
    """Return how much of their room somebody has filled; empty for those without a name."""
    if me().name == ANONYMOUS or me().is_guest:
        return ""
    return f"You keep {size(used())} of {size(door().settings.quota_mb * 2**20)} here."


def _is_there(kind: str, thing: str) -> bool:
    here = context()
    if kind == LABELS:
        return bool(here.labels.stamp(thing))
    if kind == MODEL:
        return (here.models.folder / thing).is_dir()
    if kind != INPUT:
        return False
    try:
        here.inputs.open(thing)
    except DeepResolveError:
        return here.service.motifs.added_as(thing) is not None
    return True
