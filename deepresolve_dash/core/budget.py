"""How much work an ascent is, told before it is run and without torch."""

from deepresolve_dash.core.settings import (
    CALIBRATION_STEPS,
    CHECK_STEPS,
    N_CALIBRATION_ROWS,
    AscentSettings,
)


def row_steps(n_targets: int, settings: AscentSettings, n_known: int = 0) -> int:
    """Return the row-steps of a whole ascent, calibration included; at most, with a patience.

    `n_known` trials are there already, and with them l2.
    """
    calibrated = 0 if n_known else sum(settings.given_l2(r) is None for r in settings.regimes)
    calibration = calibrated * (CALIBRATION_STEPS + CHECK_STEPS) * N_CALIBRATION_ROWS
    trials = settings.n_trials - n_known
    return n_targets * (calibration + len(settings.regimes) * trials * settings.steps)


def chunk_rows(shape: tuple[int, int], device: str) -> int:
    """Return the rows of a chunk: a power of two by the size (K, W) of a map alone.

    Parameters
    ----------
    shape : (K, W)
    device : {"cpu", "cuda"}
    """
    budget, most = (2**24, 4096) if device == "cuda" else (2**20, 128)  # numbers, rows
    fitting = max(budget // (shape[0] * shape[1]), 1)
    return min(most, max(8, 2 ** (fitting.bit_length() - 1)))
