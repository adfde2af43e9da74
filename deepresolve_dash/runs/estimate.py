"""Time and memory of a run, told from a model's card before it is started."""

from dataclasses import dataclass

from deepresolve_dash.core.budget import chunk_rows, row_steps
from deepresolve_dash.runs.spec import RunSpec

UNMEASURED = {"cpu": 3e9, "cuda": 3e11}  # operations per second, where none was measured yet
_STEP = 1.5e6  # operations' worth of fixed costs of a step
_PER_VALUE = 8  # operations per number that a tail makes or a map holds
_START_S = 2.0  # loading, background, summary
_PER_CLASS_S = 0.1  # summary of a class in a regime
_PROGRAM = 500 * 2**20  # bytes of a worker without a run
_COPIES = 10  # of a map and of a tail's numbers, that a step holds


@dataclass(frozen=True)
class Estimate:
    """What a run will need.

    Attributes
    ----------
    seconds : float
        Time to compute, waiting left out; an upper bound for presets that may stop early.
    memory_bytes : int
    row_steps : int
        Rows times steps, calibration included.
    measured : bool
        Whether the speed was measured here, or assumed.
    """

    seconds: float
    memory_bytes: int
    row_steps: int
    measured: bool


def estimate(card: dict, spec: RunSpec, speed: float | None, device: str = "cpu") -> Estimate:
    """Estimate time and memory.

    *Choice:* a step of a chunk costs three passes through the tail's multiply-adds (forward, and
    twice as much backward), some operations per number that is moved, and a fixed amount; the
    speed is what runs on this machine reached by the same count.

    Parameters
    ----------
    card : dict
        A model's card.
    spec : RunSpec
    speed : float or None
        Operations per second as measured, see `operations`.
    device : {"cpu", "cuda"}
    """
    pace = speed or UNMEASURED[device]
    n_regimes, n_classes = len(spec.settings.regimes), len(spec.classes)
    seconds = operations(card, spec, device) / pace
    return Estimate(
        seconds + _START_S + n_regimes * n_classes * _PER_CLASS_S,
        _memory(card, spec, device),
        row_steps(n_classes, spec.settings),
        speed is not None,
    )


def operations(card: dict, spec: RunSpec, device: str = "cpu") -> float:
    """Return how many operations the ascent of a run takes, the padding of its chunks included."""
    layer = _layer(card, spec)
    shape = layer["channels"], layer["width"]
    rows = chunk_rows(shape, device)
    n_trials, n_classes = spec.settings.n_trials, len(spec.classes)
    used = min(rows, n_trials * n_classes)  # rows of a chunk that belong to somebody
    numbers = layer["tail_values"] + shape[0] * shape[1]
    chunk_step = rows * (3 * layer["tail_macs"] + _PER_VALUE * numbers) + _STEP
    return row_steps(n_classes, spec.settings) / used * chunk_step


def _memory(card: dict, spec: RunSpec, device: str) -> int:
    """Return the bytes that the worker needs at its peak."""
    layer = _layer(card, spec)
    numbers = layer["channels"] * layer["width"]
    step = chunk_rows((layer["channels"], layer["width"]), device) * (
        numbers + layer["tail_values"]
    )
    n_rows = len(spec.classes) * spec.settings.n_trials * len(spec.settings.regimes)
    kept = n_rows * (numbers if spec.keep_fim else layer["channels"])
    return int(_PROGRAM + 4 * (_COPIES * step + 3 * kept))


def _layer(card: dict, spec: RunSpec) -> dict:
    return next(one for one in card["layers"] if one["name"] == spec.layer)
