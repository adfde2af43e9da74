"""How an ascent is run and read: settings and the three presets, without torch."""

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

from deepresolve_dash.errors import SettingsError

METHOD_VERSION = 2  # raised when the same settings would give other numbers
MOMENTUM = 0.8  # of the heavy ball

Optimiser = Literal["heavy-ball", "adam", "paper"]
Precision = Literal["float32", "bfloat16"]
N_BACKGROUND = 1000  # sequences behind the base map
N_CALIBRATION_ROWS = 5  # rows per class whose median sets l2
CALIBRATION_STEPS = 20  # of each row, while l2 follows
CHECK_STEPS = 40  # of each row, to check l2


def _check_above_zero(value: float | None, name: str) -> None:
    """Refuse what is not a positive finite number."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise SettingsError(f"{name} is {value:g}.", "It must be above 0.")


@dataclass(frozen=True)
class Regime:
    """One pass of the ascent.

    `radius` is the norm that l2 is calibrated to, in units of the base distance: the median
    distance D of background maps from the base map, or, with base 0, the norm R of the mean map.
    """

    name: str
    radius: float


@dataclass(frozen=True)
class AscentSettings:
    """Everything that decides the numbers of an ensemble, apart from network, layer and classes.

    Parameters
    ----------
    regimes : tuple of Regime
        Passes of the ascent, each stored under its name.
    base : {"background", "zero"}
        Map that deviations start from: the mean map of background sequences, or 0.
    start : {"normal", "uniform"}
        Normal deviations, or uniform on [0, 1).
    start_scale : float or None
        Standard deviation of normal starts; None is radius x base distance / sqrt(K W).
    optimiser : {"heavy-ball", "adam", "paper"}
        `heavy-ball` and `adam` run a fixed budget of `steps` with cosine decay, their step size in
        units of 1 / (2 l2) and of the start scale; `paper` uses the paper's rule.
    steps : int
        Budget of steps per row.
    step_size : float
        First step size.
    start_decay, alpha, min_rate
        The paper's rule: `step_size * max((step - start_decay) ** -alpha, min_rate)` after
        `start_decay` steps, `step_size` before.
    patience : int or None
        Stop a row after this many steps without a better objective; None runs the whole budget.
    keep : {"best", "last"}
        Which map of a row is its result.
    l2 : float or None
        Penalty for all classes; None calibrates it per class.
    l2_regimes : tuple of str
        Regimes that a given `l2` applies to; empty is all.
    n_trials : int
        Restarts per class.
    seed : int
        Seed of starts and background sequences.
    precision : {"float32", "bfloat16"}
        Numbers that products of the tail are rounded to; `bfloat16` is a quick preview.

    Raises
    ------
    SettingsError
        When a value is out of its range.
    """

    regimes: tuple[Regime, ...]
    base: Literal["background", "zero"] = "background"
    start: Literal["normal", "uniform"] = "normal"
    start_scale: float | None = None
    optimiser: Optimiser = "heavy-ball"
    steps: int = 100
    step_size: float = 0.05
    start_decay: int = 0
    alpha: float = 0.0
    min_rate: float = 0.0
    patience: int | None = None
    keep: Literal["best", "last"] = "best"
    l2: float | None = None
    l2_regimes: tuple[str, ...] = ()
    n_trials: int = 10
    seed: int = 0
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        _check_above_zero(self.l2, "l2")
        _check_above_zero(self.step_size, "The step size")
        for value, name in ((self.n_trials, "trials"), (self.steps, "steps")):
            if value < 1:
                raise SettingsError(f"The number of {name} is {value}.", "It must be at least 1.")
        if self.precision not in get_args(Precision):
            raise SettingsError(
                f"There is no precision '{self.precision}'.",
                f"Choose {' or '.join(get_args(Precision))}.",
            )
        if self.seed < 0:
            raise SettingsError(f"The seed is {self.seed}.", "It must be 0 or more.")

    def given_l2(self, regime: Regime) -> float | None:
        """Return the user's l2 for a regime, None when it is to be calibrated."""
        applies = not self.l2_regimes or regime.name in self.l2_regimes
        return self.l2 if applies else None


@dataclass(frozen=True)
class SummarySettings:
    """How an ensemble is read.

    `guard` is the smallest sqrt(max IL) / max mean |FIV| at which the mixture is believed, None for
    no guard; with `sign_rule` False the OFIV of every channel is the plain weighted mean.
    """

    guard: float | None = 0.1
    sign_rule: bool = True


@dataclass(frozen=True)
class Preset:
    """Named settings of ascent and summary."""

    name: str
    ascent: AscentSettings
    summary: SummarySettings


DEFAULT = Preset(
    "default",
    AscentSettings(
        regimes=(Regime("importance", 0.1), Regime("modes", 1.0)), l2_regimes=("modes",)
    ),
    SummarySettings(),
)
PAPER = Preset(
    "paper",
    AscentSettings(
        regimes=(Regime("paper", 1.0),),
        base="zero",
        start_scale=1.0,
        optimiser="paper",
        steps=10_000,
        step_size=0.01,
        start_decay=500,
        alpha=0.2,
        min_rate=1e-6,
        patience=10,
    ),
    SummarySettings(guard=None),
)
PUBLISHED = Preset(
    "published",
    AscentSettings(
        regimes=(Regime("published", 1.0),),
        base="zero",
        start="uniform",
        optimiser="paper",
        steps=10_000,
        step_size=0.005,
        patience=10,
        keep="last",
        l2=2.8,
    ),
    SummarySettings(guard=None, sign_rule=False),
)
PRESETS = {preset.name: preset for preset in (DEFAULT, PAPER, PUBLISHED)}

_BUDGETS = {"heavy-ball": (100, 0.05), "adam": (200, 0.1), "paper": (10_000, 0.01)}


def ascent_settings(
    preset: str = "default",
    *,
    n_trials: int | None = None,
    l2: float | None = None,
    optimiser: Optimiser | None = None,
    steps: int | None = None,
    step_size: float | None = None,
    seed: int | None = None,
    precision: Precision | None = None,
) -> AscentSettings:
    """Return a preset's ascent settings with the given values in their place.

    Another optimiser than the preset's brings its own budget and step size.

    Raises
    ------
    SettingsError
        When the preset or optimiser is unknown, a value is out of range, or `step_size` is given
        for an optimiser other than `paper`.
    """
    settings = find_preset(preset).ascent
    if optimiser is not None and optimiser != settings.optimiser:
        settings = _with_optimiser(settings, optimiser)
    if step_size is not None and settings.optimiser != "paper":
        raise SettingsError(
            f"The optimiser {settings.optimiser} has no step size to set.",
            "Use --optimiser paper, or leave the step size out.",
        )
    given = {
        "n_trials": n_trials,
        "l2": l2,
        "steps": steps,
        "step_size": step_size,
        "seed": seed,
        "precision": precision,
    }
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def find_preset(name: str) -> Preset:
    """Return the preset of this name.

    Raises
    ------
    SettingsError
        When there is none.
    """
    if name not in PRESETS:
        raise SettingsError(f"There is no preset '{name}'.", f"Choose {', '.join(PRESETS)}.")
    return PRESETS[name]


def _with_optimiser(settings: AscentSettings, optimiser: Optimiser) -> AscentSettings:
    """Change the optimiser together with what belongs to it."""
    if optimiser not in _BUDGETS:
        raise SettingsError(
            f"There is no optimiser '{optimiser}'.", f"Choose {', '.join(_BUDGETS)}."
        )
    steps, step_size = _BUDGETS[optimiser]
    rule = PAPER.ascent if optimiser == "paper" else DEFAULT.ascent
    return replace(
        settings,
        optimiser=optimiser,
        steps=steps,
        step_size=step_size,
        start_decay=rule.start_decay,
        alpha=rule.alpha,
        min_rate=rule.min_rate,
        patience=rule.patience,
    )


def step_rates(settings: AscentSettings) -> list[float]:
    """Return the step size of each step.

    *Source:* the paper's step rule for the optimiser `paper`; cosine decay for the others.
    """
    if settings.optimiser == "paper":
        return [_paper_rate(settings, step) for step in range(settings.steps)]
    return [
        settings.step_size * 0.5 * (1 + math.cos(math.pi * step / settings.steps))
        for step in range(settings.steps)
    ]


def _paper_rate(settings: AscentSettings, step: int) -> float:
    """Return `lr0 * max((step - start_decay)^-alpha, min_rate)`, lr0 until the decay starts."""
    late = step - settings.start_decay
    decay = 1.0 if late < 1 else max(late**-settings.alpha, settings.min_rate)
    return settings.step_size * decay


def start_scale(
    settings: AscentSettings, regime: Regime, distance: float, shape: tuple[int, int]
) -> float:
    """Return the standard deviation of the starts, feature-map units.

    *Choice:* normal starts have the norm that the regime asks for, radius x base distance, spread
    over the K W values of a map of `shape`.
    """
    if settings.start == "uniform":
        return math.sqrt(1 / 12)
    if settings.start_scale is not None:
        return settings.start_scale
    return regime.radius * distance / math.sqrt(shape[0] * shape[1])
