"""How far a preview in bfloat16 is from float32."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.core.ascent.ascend import ascend, join
from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.objective import Tail
from deepresolve_dash.core.settings import AscentSettings

N_CLASSES = 4  # whose ascents are run twice


def precision_agreement(
    tail: Tail, targets: Sequence[int], base: Base, settings: AscentSettings
) -> NDArray[np.float32] | None:
    """Measure how the FIVs of a bfloat16 ascent agree with those of float32.

    *Choice:* the first four classes are run both ways; the correlation is over all channels of
    their mean FIVs.

    Returns
    -------
    float32 array (regime,), or None for a float32 ascent
    """
    if settings.precision == "float32":
        return None
    both = [
        join([block for _, block in ascend(tail, targets[:N_CLASSES], base=base, settings=one)])
        for one in (settings, replace(settings, precision="float32"))
    ]
    agreement = [
        np.corrcoef(*(np.nanmean(run[regime.name].fiv, axis=1).ravel() for run in both))[0, 1]
        for regime in settings.regimes
    ]
    return np.array(agreement, np.float32)
