"""The logic of the planted benchmark: motifs, the rule of each class, and what follows from it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LENGTH = 160
FLIPPED = 0.03  # of the labels of training
RELEASE = "JASPAR2026"
N_COPIES = 0.62, 0.26, 0.12  # shares of sequences with 0, 1, 2 copies of a motif

MOTIFS = {
    "ELK1": "MA0028.3",
    "ATF7": "MA0834.2",
    "SP2": "MA0516.3",
    "PROX1": "MA0794.1",
    "CEBPE": "MA0837.3",
    "OVOL1": "MA1544.2",
    "HOXC9": "MA0485.3",
    "MEF2D": "MA0773.1",
    "ESRRB": "MA0141.4",
    "MECOM": "MA0029.2",
    "TFAP2C": "MA0815.1",
    "ZBTB33": "MA0527.2",
}
"""Planted motifs and their JASPAR matrices. Choice: a scan with the matrix itself tells instances
from this background with an area of 0.995 or more, 9 to 13 bp, and no two that share a class look
alike."""

DECOY = "ZBTB33"
"""Planted as often as the others, and means nothing."""

Kind = Literal[
    "single",
    "and",
    "before",
    "or",
    "xor",
    "veto",
    "two-of-three",
    "position",
    "saturation",
    "additive",
]
Shape = Literal["AND", "OR", "XOR", "veto", "synergy"]
SHAPES: dict[Kind, Shape] = {
    "and": "AND",
    "before": "AND",
    "or": "OR",
    "xor": "XOR",
    "veto": "veto",
    "two-of-three": "synergy",
}
"""Kind of a rule -> how two of its motifs interact; pairs of other kinds do not. Choice: of three
motifs of which any two suffice, a pair is neither AND nor OR but both, by the third."""


@dataclass(frozen=True)
class Rule:
    """What decides the label of a class.

    Parameters
    ----------
    kind : str
        `single`: the motif is there; `and`: all are; `before`: both are, and the first copy of the
        first motif is upstream of that of the second; `or`: at least one is; `xor`: exactly one is;
        `veto`: the first without the second; `two-of-three`: at least two are; `position`: a copy
        of the motif begins in the first half. The last two decide by chance: the logit of the label
        is `bias` plus `weight` for each motif that is there, however many copies (`saturation`, of
        one motif, and `additive`, of several that are relevant together and do not interact).
    motifs : tuple of str
        Keys of `MOTIFS`.
    weights : tuple of float
        Logits of each motif; empty for a rule without chance.
    bias : float
        Logit without any.
    """

    kind: Kind
    motifs: tuple[str, ...]
    weights: tuple[float, ...] = ()
    bias: float = 0.0

    @property
    def by_chance(self) -> bool:
        """Whether the label is drawn from a probability between 0 and 1."""
        return bool(self.weights)


def _additive(**weights: float) -> Rule:
    """Make an additive rule whose label is about as often 0 as 1 over the planted sequences."""
    bias = -sum(weights.values()) * (1 - N_COPIES[0]) - 0.4
    return Rule("additive", tuple(weights), tuple(weights.values()), bias)


CLASSES = (
    Rule("single", ("ELK1",)),
    Rule("single", ("CEBPE",)),
    Rule("single", ("TFAP2C",)),
    Rule("and", ("PROX1", "OVOL1")),
    Rule("and", ("SP2", "MEF2D")),
    Rule("before", ("ATF7", "ESRRB")),
    Rule("before", ("ESRRB", "ATF7")),
    Rule("or", ("HOXC9", "ELK1")),
    Rule("or", ("MECOM", "SP2")),
    Rule("xor", ("CEBPE", "PROX1")),
    Rule("xor", ("MEF2D", "HOXC9")),
    Rule("veto", ("MECOM", "ATF7")),
    Rule("veto", ("OVOL1", "TFAP2C")),
    Rule("two-of-three", ("ELK1", "ESRRB", "MEF2D")),
    Rule("saturation", ("MECOM",), (3.0,), -1.5),
    Rule("position", ("SP2",)),
    _additive(ATF7=2.2, TFAP2C=2.2),
    _additive(CEBPE=2.2, HOXC9=2.2),
    _additive(ELK1=2.2, PROX1=-2.2),
    _additive(OVOL1=1.8, MECOM=1.8, SP2=1.8),
)
"""The outputs, in order. Choice: the additive ones are controls. Without them motifs that share a
class would interact, all of them, and a product of two importances would pass for a detector."""


@dataclass(frozen=True)
class Pair:
    """Two motifs of a class, and how they interact there; `shape` is None when they only add up."""

    target: int
    motifs: tuple[str, str]
    shape: Shape | None


@dataclass(frozen=True)
class Roles:
    """The motifs of a class: those that raise it, lower it, or do either (XOR)."""

    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    relevant: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "relevant", self.positive + self.negative + self.either)


def class_name(rule: Rule) -> str:
    """Return the name of a class: its rule in words."""
    return f"{rule.kind} {' '.join(rule.motifs)}"


CLASS_NAMES = tuple(class_name(rule) for rule in CLASSES)


def roles(rule: Rule) -> Roles:
    """Tell which motifs of a rule raise its class and which lower it."""
    if rule.kind == "xor":
        return Roles(either=rule.motifs)
    if rule.kind == "veto":
        return Roles(positive=rule.motifs[:1], negative=rule.motifs[1:])
    lowers = {m for m, w in zip(rule.motifs, rule.weights, strict=False) if w < 0}
    return Roles(
        positive=tuple(m for m in rule.motifs if m not in lowers),
        negative=tuple(m for m in rule.motifs if m in lowers),
    )


def motif_pairs() -> tuple[Pair, ...]:
    """Return the pairs of motifs that share a class, interacting or additive."""
    return tuple(
        Pair(target, (a, b), SHAPES.get(rule.kind))
        for target, rule in enumerate(CLASSES)
        for a, b in combinations(rule.motifs, 2)
    )


def sharing_pairs() -> tuple[tuple[int, int], ...]:
    """Return the pairs of classes that share a motif which raises, or may raise, both."""
    raising = [set(roles(rule).positive + roles(rule).either) for rule in CLASSES]
    pairs = combinations(range(len(CLASSES)), 2)
    return tuple((i, j) for i, j in pairs if raising[i] & raising[j])


def columns(motifs: Collection[str]) -> list[int]:
    """Return the places of motifs in the order of `MOTIFS`."""
    order = list(MOTIFS)
    return [order.index(motif) for motif in motifs]


def probabilities(first: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the probability of every label, given what was planted.

    Parameters
    ----------
    first : int16 array (n, motif)
        Where the most upstream copy of each motif begins, -1 without one.

    Returns
    -------
    float64 array (n, target), 0 or 1 for rules without chance
    """
    return np.stack([_probability(rule, first) for rule in CLASSES], axis=1)


def _probability(rule: Rule, first: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the probability of one label: starts (n, motif) -> (n,)."""
    places = first[:, columns(rule.motifs)]
    there = places >= 0
    count = there.sum(axis=1)
    if rule.by_chance:
        return 1 / (1 + np.exp(-(rule.bias + there @ np.array(rule.weights))))
    holds = {
        "single": count > 0,
        "and": count == len(rule.motifs),
        "before": (count == 2) & (places[:, 0] < places[:, -1]),
        "or": count > 0,
        "xor": count == 1,
        "veto": there[:, 0] & ~there[:, -1],
        "two-of-three": count >= 2,
        "position": there[:, 0] & (places[:, 0] < LENGTH // 2),
    }
    return holds[rule.kind].astype(np.float64)
