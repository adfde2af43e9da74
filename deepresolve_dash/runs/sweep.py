"""Several runs that are started at once: every choice of layer, l2 and seed from three lists."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.request import RunRequest

MOST_RUNS = 24
LONGEST_NAME = 120  # characters
_LARGEST = 2**53  # of a seed
_AUTO = "auto"


@dataclass(frozen=True)
class Point:
    """One run of a sweep.

    Attributes
    ----------
    run : str
        Id.
    layer : str
    l2 : str
        A number, or auto.
    seed : int
    """

    run: str
    layer: str
    l2: str
    seed: int


@dataclass(frozen=True)
class Sweep:
    """Runs that were started at once and are looked at together.

    Attributes
    ----------
    id : str
        Follows from the ids of its runs: the same sweep has the same id.
    name : str
    user : str
        Who started it first.
    made : float
        Epoch seconds.
    points : tuple of Point
    """

    id: str
    name: str
    user: str
    made: float
    points: tuple[Point, ...]

    @property
    def runs(self) -> tuple[str, ...]:
        """Ids of its runs."""
        return tuple(point.run for point in self.points)


def sweep_id(runs: Sequence[str]) -> str:
    """Return the id of a sweep of these runs, in whatever order."""
    return hashlib.sha256(",".join(sorted(runs)).encode()).hexdigest()[:16]


def point_of(request: RunRequest) -> Point:
    """Return what sets a run apart in a sweep."""
    settings = request.spec.settings
    l2 = _AUTO if settings.l2 is None else f"{settings.l2:g}"
    return Point(request.id, request.spec.layer, l2, settings.seed)


def read_seeds(text: str) -> tuple[int, ...]:
    """Return seeds from a list such as `0-4, 7`, each once, in its order.

    Raises
    ------
    SettingsError
        When it is no such list, or too long.
    """
    found: dict[int, None] = {}
    for part in _parts(text):
        range_ = re.fullmatch(r"(\d{1,16})(?:\s*[-–]\s*(\d{1,16}))?", part)
        first, last = (int(range_[1]), int(range_[2] or range_[1])) if range_ else (1, 0)
        if last < first or last > _LARGEST:
            raise SettingsError(
                f"'{part[:40]}' is no seed and no range of seeds.", "Write a list such as 0-4, 7."
            )
        if last - first >= MOST_RUNS:
            raise SettingsError(f"{first}-{last} are {last - first + 1:,} seeds.", _most())
        found |= dict.fromkeys(range(first, last + 1))
    return tuple(found)


def read_l2(text: str) -> tuple[str, ...]:
    """Return values of l2 from a list such as `auto, 0.01, 0.1`, each once, in its order.

    Raises
    ------
    SettingsError
        When one of them is neither a positive number nor auto.
    """
    found: dict[float | None, str] = {}
    for part in _parts(text):
        value = None if part.lower() == _AUTO else _positive(part)
        found.setdefault(value, _AUTO if value is None else part)
    return tuple(found.values())


def check_number(**counts: int) -> int:
    """Return how many runs lists of these lengths make.

    Raises
    ------
    SettingsError
        When they are more than may be started at once.
    """
    n, used = 1, []
    for name, count in counts.items():
        n *= max(1, count)
        used += [f"{count} {name}"] if count else []
    if n > MOST_RUNS:
        raise SettingsError(f"{' × '.join(used)} are {n:,} runs.", _most())
    return n


def title(name: str, request: RunRequest, *, layers: int, l2: int, seeds: int) -> str:
    """Return the title of a run of a sweep: its own, and what sets it apart in lists this long."""
    point = point_of(request)
    told = [
        *([point.layer[:40]] if layers > 1 else []),
        *([f"l2 {point.l2}"] if l2 > 1 else []),
        *([f"seed {point.seed}"] if seeds > 1 else []),
    ]
    end = "".join(f", {words}" for words in told)
    return name[: LONGEST_NAME - len(end)] + end


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]+", text) if part.strip()]


def _positive(part: str) -> float:
    try:
        value = float(part)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise SettingsError(
            f"'{part[:40]}' is no number above 0.", "Write a list such as auto, 0.01, 0.1."
        )
    return value


def _most() -> str:
    return f"At most {MOST_RUNS} runs are started at once."
