"""A square of four logits: its interaction, and what it is called: AND, OR, XOR, veto ..."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepresolve_dash.core.interactions.settings import InteractionSettings
from deepresolve_dash.core.interactions.verdict import Interval, Square

ADDITIVE, ONE_ONLY, NO_EFFECT = "additive", "one-only", "no effect"
SYNERGY, REDUNDANCY = "synergy", "redundancy"
XOR, XNOR = "XOR-like", "XNOR-like"

_LOGIC = (
    ("AND-like", "", (0, 0, 0, 1)),
    ("OR-like", "", (0, 1, 1, 1)),
    (XOR, "", (0, 1, 1, 0)),
    ("veto", "b", (0, 1, 0, 0)),
    ("veto", "a", (0, 0, 1, 0)),
    ("NAND-like", "", (1, 1, 1, 0)),
    ("NOR-like", "", (1, 0, 0, 0)),
    (XNOR, "", (1, 0, 0, 1)),
    ("rescue", "b", (1, 0, 1, 1)),
    ("rescue", "a", (1, 1, 0, 1)),
)  # name, the group that vetoes or rescues, (f00, f10, f01, f11)
_SUMS = (
    *((ADDITIVE, "", (0, a, b, a + b)) for a in (1, -1) for b in (1, -1)),
    *((ONE_ONLY, "a", (0, a, 0, a)) for a in (1, -1)),
    *((ONE_ONLY, "b", (0, 0, b, b)) for b in (1, -1)),
)


@dataclass(frozen=True)
class Reading:
    """What a square says.

    Attributes
    ----------
    interaction : float
        I = f11 - f10 - f01 + f00, logits.
    effect : float
        Largest difference between two of the four, logits.
    called : bool
        Whether I is large enough to speak of an interaction.
    name : str
    acting : {"", "a", "b"}
        The group that vetoes, rescues, or alone has an effect.
    """

    interaction: float
    effect: float
    called: bool
    name: str
    acting: str


def interaction(square: ArrayLike) -> NDArray[np.float64]:
    """Return I = f11 - f10 - f01 + f00 of squares (..., 4) in the order f00, f10, f01, f11."""
    f = np.asarray(square, np.float64)
    return f[..., 3] - f[..., 2] - f[..., 1] + f[..., 0]


def bootstrap(values: NDArray[np.float64], draws: NDArray[np.int64]) -> Interval:
    """Return the 95% interval of a mean: values (n,), resampled places (resample, n)."""
    low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def as_square(values: NDArray[np.float64]) -> Square:
    """Return four numbers as a tuple."""
    f00, f10, f01, f11 = (float(value) for value in values)
    return f00, f10, f01, f11


def read_square(square: ArrayLike, settings: InteractionSettings) -> Reading:
    """Call an interaction or not, and name what the square looks like.

    *Choice:* an interaction is called when |I| exceeds 1 logit and a quarter of the largest effect.
    It has the name of the shape that correlates best with the square; but what each group does
    alone and undoes beside the other is XOR-like whatever the correlation. A shape that adds up
    although I is large is synergy or redundancy. What is not called adds up, or only one of the
    groups has an effect.

    Parameters
    ----------
    square : float array (4,)
        f00, f10, f01, f11: logit with both groups low, a high, b high, both high.
    """
    f = np.asarray(square, np.float64)
    strength, effect = float(interaction(f)), float(f.max() - f.min())
    called = abs(strength) > max(settings.least_interaction, settings.least_share * effect)
    if not called:
        name, acting = (NO_EFFECT, "") if effect <= settings.least_swing else _closest(f, _SUMS)
        return Reading(strength, effect, False, name, acting)
    name, acting = _flips(f, settings, effect) or _closest(f, _LOGIC + _SUMS)
    if name in (ADDITIVE, ONE_ONLY):
        name, acting = (SYNERGY if strength > 0 else REDUNDANCY), ""
    return Reading(strength, effect, True, name, acting)


def decision(square: ArrayLike) -> str:
    """Return the logic of yes and no: which corners have a logit above 0; empty for all or none.

    What adds up on the logit can still be an AND or an OR once the logit is held against a
    threshold: two halves of what it takes.
    """
    positive = tuple(int(value > 0) for value in np.asarray(square, np.float64))
    names = {tuple(shape): name for name, _, shape in _LOGIC}
    only = {(0, 1, 0, 1), (0, 0, 1, 1), (1, 0, 1, 0), (1, 1, 0, 0)}
    return ONE_ONLY if positive in only else names.get(positive, "").removesuffix("-like")


def _flips(
    f: NDArray[np.float64], settings: InteractionSettings, effect: float
) -> tuple[str, str] | None:
    """Return XOR or XNOR when the effect of each group turns its sign beside the other."""
    margin = max(settings.flip_least, settings.flip_share * effect)
    alone = np.array([f[1] - f[0], f[2] - f[0]])
    beside = np.array([f[3] - f[2], f[3] - f[1]])
    for name, sign in ((XOR, 1), (XNOR, -1)):
        if (sign * alone > margin).all() and (sign * beside < -margin).all():
            return name, ""
    return None


def _closest(f: NDArray[np.float64], shapes: tuple) -> tuple[str, str]:
    """Return name and acting group of the shape with the highest correlation."""
    templates = np.array([shape for *_, shape in shapes], float)
    templates -= templates.mean(axis=1, keepdims=True)
    fit = templates @ (f - f.mean()) / np.linalg.norm(templates, axis=1)
    name, acting, _ = shapes[int(fit.argmax())]
    return name, acting
