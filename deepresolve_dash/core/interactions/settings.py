"""How the verifier is run and read: every threshold in one place, without torch."""

from dataclasses import dataclass

from deepresolve_dash.errors import SettingsError

VERIFIER_VERSION = 2  # raised when the same question would get other numbers


@dataclass(frozen=True)
class InteractionSettings:
    """Everything that decides a verdict, apart from the network, the maps and the class.

    *Choice:* all of these are ours; they were set on planted networks and hold on others
    (docs/INTERACTIONS.md).

    Parameters
    ----------
    cut : float
        Channels whose maxima correlate above this, on average, are one group; 0.7 where motifs
        occur together.
    n_top : int
        Groups tested against each other: those with the largest mean absolute swing.
    least_swing : float
        Logits that a group's mean absolute swing must exceed to be tested.
    n_backgrounds : int
        Background maps under each square.
    donor_share : float
        Share of the real maps, at either end, that low and high rows are taken from.
    least_interaction, least_share : float
        An interaction is called when |I| exceeds so many logits and so much of the largest effect.
    flip_least, flip_share : float
        Logits, and share of the largest effect, of which the larger one is the margin of the
        sign-flip rule.
    n_null : int
        Pairs of random groups behind the null quantiles.
    n_resamples : int
        Bootstrap resamples of the backgrounds.
    n_fragments, n_insertions : int
        Fragments per group, and shuffled sequences that each pair of fragments is put into.
    most_in_background : float
        Share of the shuffled maps in which a group may be as high as in half of its high maps, to
        be rare there; 2.5% is what sequences without motifs give.
    seed : int

    Raises
    ------
    SettingsError
        When a value is out of its range.
    """

    cut: float = 0.5
    n_top: int = 8
    least_swing: float = 0.3
    n_backgrounds: int = 60
    donor_share: float = 0.05
    least_interaction: float = 1.0
    least_share: float = 0.25
    flip_least: float = 0.5
    flip_share: float = 0.15
    n_null: int = 150
    n_resamples: int = 1000
    n_fragments: int = 12
    n_insertions: int = 30
    most_in_background: float = 0.005
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.cut <= 1:
            raise SettingsError(f"The cut is {self.cut:g}.", "It must be between 0 and 1.")
        for name in ("n_top", "n_backgrounds", "n_null", "n_resamples", "n_fragments"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}.", "It must be at least 1.")
