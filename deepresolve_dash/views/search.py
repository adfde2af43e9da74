"""What the classes and channels of a run are found by."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from deepresolve_dash.motifs.filters import filter_pwm, information_bits
from deepresolve_dash.runs.store import Run

BASES, UNCLEAR = "ACGT", "n"
CLEAR_BITS = 0.5  # information from which a position names its base


def data(
    run: Run, described: Sequence[Sequence[str]], called: Mapping[str, str] | None = None
) -> dict:
    """Return classes as (index, name, other words) and channels as (index, words).

    The words of a channel are the known motif that it is called after, and its pattern.

    Parameters
    ----------
    described : sequence (target,) of sequences of str
        What is told of each class; what its name says already is left out.
    called : mapping of str to str, optional
        Names of channels by number.
    """
    names = [str(name) for name in run.summary.target_name.values]
    classes = [
        [int(target), name, ", ".join(dict.fromkeys(w for w in words if w not in name))]
        for target, name, words in zip(run.summary.target.values, names, described, strict=True)
    ]
    channels = run.ensemble.channel.values.tolist()
    kernels = run.ensemble["filter"].values if "filter" in run.ensemble else None
    patterns = [""] * len(channels) if kernels is None else [pattern(kernel) for kernel in kernels]
    return {
        "classes": classes,
        "channels": [
            [channel, " ".join(filter(None, ((called or {}).get(str(channel), ""), letters)))]
            for channel, letters in zip(channels, patterns, strict=True)
        ],
    }


def pattern(kernel: ArrayLike) -> str:
    """Return the bases that a filter (offset, base) likes, `n` where it does not say; no ends of n.

    *Choice:* a position names its base from half a bit of information on.
    """
    pwm = filter_pwm(np.asarray(kernel, np.float64))
    clear = information_bits(pwm) >= CLEAR_BITS
    letters = [
        BASES[base] if told else UNCLEAR for base, told in zip(pwm.argmax(-1), clear, strict=True)
    ]
    return "".join(letters).strip(UNCLEAR)
