"""Time and memory of a run, told from a model's card before it is started."""

from dataclasses import dataclass

from deepresolve_dash.core.budget import chunk_rows, row_steps
from deepresolve_dash.core.settings import N_CALIBRATION_ROWS
from deepresolve_dash.runs.spec import RunSpec

_RATE = {"cpu": 4e10, "cuda": 4e12}  # operations per second of the assumed machine
_STEP_S = 3e-3  # of a step whatever its size, on the assumed machine
_PER_VALUE = 100  # operations per number that a tail makes or a map holds
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
    n_known : int
        Trials that are there already, and are taken over.
    """

    seconds: float
    memory_bytes: int
    row_steps: int
    measured: bool
    n_known: int = 0


def estimate(
    card: dict, spec: RunSpec, speed: float | None, device: str = "cpu", n_known: int = 0
) -> Estimate:
    """Estimate time and memory.

    *Choice:* the time of the ascent on an assumed machine, see `ascent_seconds`, divided by how
    much faster this machine was in the runs before.

    Parameters
    ----------
    card : dict
        A model's card.
    spec : RunSpec
    speed : float or None
        Speed of this machine in units of the assumed one; None when nothing was measured.
    device : {"cpu", "cuda"}
    n_known : int
        Trials that are taken over from a shorter run.
    """
    n_regimes, n_classes = len(spec.settings.regimes), len(spec.classes)
    seconds = ascent_seconds(card, spec, device, n_known) / (speed or 1.0)
    return Estimate(
        seconds + _START_S + n_regimes * n_classes * _PER_CLASS_S,
        _memory(card, spec, device),
        row_steps(n_classes, spec.settings, n_known),
        speed is not None,
        n_known,
    )


def ascent_seconds(card: dict, spec: RunSpec, device: str = "cpu", n_known: int = 0) -> float:
    """Return how long the ascent takes on the assumed machine, but for trials that are known.

    *Choice:* a step of a chunk costs three passes through the tail's multiply-adds (forward, and
    twice as much backward), some operations per number that is moved, and a fixed time; chunks are
    computed with their padding.
    """
    layer, settings = _layer(card, spec), spec.settings
    shape = layer["channels"], layer["width"]
    rows = chunk_rows(shape, device)
    numbers = layer["tail_values"] + shape[0] * shape[1]
    work = rows * (3 * layer["tail_macs"] + _PER_VALUE * numbers)
    n_trials = settings.n_trials - n_known
    climb = len(settings.regimes) * n_trials * settings.steps * len(spec.classes)
    calibration = row_steps(len(spec.classes), settings, n_known) - climb
    used = min(rows, n_trials * len(spec.classes))  # rows that belong to somebody
    used_to_calibrate = min(rows, N_CALIBRATION_ROWS * len(spec.classes))
    chunk_steps = climb / used + calibration / used_to_calibrate
    return chunk_steps * (_STEP_S + work / _RATE[device])


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
