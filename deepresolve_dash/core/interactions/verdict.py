"""What the verifier answers: groups, squares, the null beside them; without torch."""

from dataclasses import asdict, dataclass

from deepresolve_dash.core.interactions.groups import Group

Square = tuple[float, float, float, float]
Interval = tuple[float, float]


@dataclass(frozen=True)
class RankedGroup:
    """A group of channels and what it is worth for the class.

    Attributes
    ----------
    channels : tuple of int
    swing : float
        Mean change of the logit from low to high.
    absolute_swing : float
        Mean of its absolute value: what alternates is not lost.
    in_background : float
        Share of the background maps in which the group is on as in the high maps.
    top : bool
        Whether it is tested against the others.
    """

    channels: Group
    swing: float
    absolute_swing: float
    in_background: float
    top: bool


@dataclass(frozen=True)
class Context:
    """The square of a pair while a third group is held low or high.

    Attributes
    ----------
    group : tuple of int
    level : {"low", "high"}
    f, interaction, called, name, acting
        As of a pair.
    """

    group: Group
    level: str
    f: Square
    interaction: float
    called: bool
    name: str
    acting: str


@dataclass(frozen=True)
class SequenceSquare:
    """The square of a pair in sequences: fragments put into shuffled sequences.

    Attributes
    ----------
    f, interaction, interval, called, name, acting
        As of a pair, from the logit of the whole network.
    n_fragments, n_sequences : int
        Fragments of each group, and shuffled sequences they were put into.
    fragment_bp : (int, int)
        Mean length of the fragments of a and of b.
    agrees : bool
        Whether sign and call are those of the feature maps.
    """

    f: Square
    interaction: float
    interval: Interval
    called: bool
    name: str
    acting: str
    n_fragments: int
    n_sequences: int
    fragment_bp: tuple[int, int]
    agrees: bool


@dataclass(frozen=True)
class Pair:
    """Two groups and what they do together.

    Attributes
    ----------
    a, b : tuple of int
        Channels.
    f : tuple of float
        f00, f10, f01, f11: mean logit with both low, a high, b high, both high.
    interaction : float
        f11 - f10 - f01 + f00, logits.
    interval : (float, float)
        95% of the bootstrap over backgrounds.
    effect : float
        Largest difference between two of the four.
    called : bool
    name : str
    acting : {"", "a", "b"}
        The group that vetoes, rescues, or alone has an effect.
    decision : str
        The logic of yes and no, by the signs of the four logits; for sigmoid outputs only.
    requested : bool
        Tested because it was asked for.
    context : tuple of Context
        The square beside each other top group, low and high.
    depends_on : tuple of groups
        Groups that change I by as much as would be called an interaction.
    sequences : SequenceSquare or None
    no_sequences : str
        Why there is no square in sequences.
    """

    a: Group
    b: Group
    f: Square
    interaction: float
    interval: Interval
    effect: float
    called: bool
    name: str
    acting: str
    decision: str
    requested: bool
    context: tuple[Context, ...]
    depends_on: tuple[Group, ...]
    sequences: SequenceSquare | None = None
    no_sequences: str = ""


@dataclass(frozen=True)
class Verdict:
    """What is known of the interactions of a class.

    Attributes
    ----------
    target : int
        Output index.
    n_backgrounds, n_real : int
        Maps under each square, and maps that low and high rows come from.
    groups : tuple of RankedGroup
        By mean absolute swing, the largest first.
    pairs : tuple of Pair
        By |I|, the largest first.
    null : dict of str -> float
        `q50`, `q95`, `q99` of |I| between random groups of equal size; NaN without pairs.
    poor : bool
        No tested group is on in the real maps more than in background ones: the sequences lack
        the motifs, and nothing can be said.
    """

    target: int
    n_backgrounds: int
    n_real: int
    groups: tuple[RankedGroup, ...]
    pairs: tuple[Pair, ...]
    null: dict[str, float]
    poor: bool


def verdict_to_dict(verdict: Verdict) -> dict:
    """Return plain JSON values; the class under the key `class`."""
    values = asdict(verdict)
    return {"class": values.pop("target"), **values}
