"""The grammar of the panel demo: made-up experiments over sequences with planted known motifs.

Nothing here was measured. Cells, factors and treatments have the names that a laboratory's own
network would have, and each class is a rule over motifs that we wrote.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

TITLE = "Panel (synthetic)"
LENGTH = 200
OCCUPANCY = 0.95  # of sequences that obey a rule and have the label
RELEASE = "JASPAR2026"

MOTIFS = {
    "TFAP4": "MA0691.1",
    "HNF4A": "MA1494.2",
    "HNF1A": "MA0046.3",
    "POU2F2": "MA0507.3",
    "NR3C1": "MA0113.4",
    "CTCF": "MA0139.2",
    "FOSL2": "MA0478.2",
    "USF1": "MA0093.4",
    "REST": "MA0138.3",
    "RFX5": "MA0510.3",
    "STAT1": "MA0137.4",
    "IRF4": "MA1419.2",
    "CEBPB": "MA0466.4",
    "SRF": "MA0083.3",
    "NRF1": "MA0506.3",
    "ZNF143": "MA0088.3",
    "TP53": "MA0106.3",
    "HSF1": "MA0486.2",
    "E2F4": "MA0470.3",
}
"""Planted motifs and their JASPAR matrices. Choice: only those that a scan with the matrix itself
tells from random sequences of this length with an area of 0.96 or more; shorter ones, such as
GATA1, occur by chance too often for any network. And only those that the network learns: GFI1
in the place of TFAP4 stayed at an area below 0.6 for 16 rounds."""

RuleKind = Literal["any", "all", "one", "unless", "before"]


@dataclass(frozen=True)
class Rule:
    """What a sequence must hold.

    Parameters
    ----------
    kind : {"any", "all", "one", "unless", "before"}
        At least one of the motifs (OR); all of them (AND); exactly one of two (XOR); the first
        without the second (veto); both, and the first upstream of the second.
    motifs : tuple of str
        Keys of `MOTIFS`.
    """

    kind: RuleKind
    motifs: tuple[str, ...]


@dataclass(frozen=True)
class PanelClass:
    """A made-up experiment and the rule that its label follows."""

    cell: str
    factor: str
    treatment: str
    rule: Rule

    @property
    def name(self) -> str:
        """Name of the class as compendia write it."""
        return f"{self.cell}|{self.factor}|{self.treatment}"


def _class(name: str, kind: RuleKind, *motifs: str) -> PanelClass:
    """Make a class from its name and its rule."""
    cell, factor, treatment = name.split("|")
    return PanelClass(cell, factor, treatment, Rule(kind, motifs))


CLASSES = (
    _class("K562|DNase|None", "any", "TFAP4", "CTCF", "FOSL2"),
    _class("K562|TAL1|None", "any", "TFAP4"),
    _class("K562|TFAP4|None", "any", "TFAP4"),
    _class("K562|CTCF|None", "any", "CTCF"),
    _class("K562|RAD21|None", "any", "CTCF"),
    _class("K562|JUND|None", "any", "FOSL2"),
    _class("K562|USF1|None", "any", "USF1"),
    _class("K562|REST|None", "any", "REST"),
    _class("K562|RFX5|None", "unless", "RFX5", "REST"),
    _class("K562|SRF|None", "any", "SRF"),
    _class("K562|STAT1|IFNa30", "any", "STAT1"),
    _class("K562|STAT2|IFNa30", "any", "STAT1"),
    _class("HepG2|DNase|None", "any", "HNF4A", "CTCF", "FOSL2"),
    _class("HepG2|HNF4A|None", "any", "HNF4A"),
    _class("HepG2|HNF1A|None", "all", "HNF1A", "HNF4A"),
    _class("HepG2|CTCF|None", "any", "CTCF"),
    _class("HepG2|JUND|None", "any", "FOSL2"),
    _class("HepG2|HNF1B|None", "any", "HNF1A"),
    _class("HepG2|CEBPB|None", "before", "CEBPB", "SRF"),
    _class("HepG2|SRF|None", "before", "SRF", "CEBPB"),
    _class("HepG2|TAF1|None", "any", "NRF1", "ZNF143"),
    _class("GM12878|DNase|None", "any", "POU2F2", "CTCF", "FOSL2"),
    _class("GM12878|POU2F2|None", "any", "POU2F2"),
    _class("GM12878|CTCF|None", "any", "CTCF"),
    _class("GM12878|SMC3|None", "any", "CTCF"),
    _class("GM12878|USF2|None", "any", "USF1"),
    _class("GM12878|RFX5|None", "any", "RFX5"),
    _class("GM12878|IRF8|None", "any", "IRF4"),
    _class("GM12878|IRF4|None", "one", "IRF4", "POU2F2"),
    _class("A549|DNase|DEX", "any", "NR3C1", "CTCF", "FOSL2"),
    _class("A549|NR3C1|DEX", "any", "NR3C1"),
    _class("A549|CEBPB|DEX", "any", "CEBPB"),
    _class("A549|CTCF|DEX", "any", "CTCF"),
    _class("A549|FOSL2|DEX", "any", "FOSL2"),
)
"""The outputs, in order. DNase is open where the motif of its cell or a general one is."""

CLASS_NAMES = tuple(one.name for one in CLASSES)
HIDDEN_PAIR = "HepG2|CEBPB|None", "HepG2|SRF|None"
"""Classes of the same two motifs in opposite order, so that they are never labelled together."""

FEATURED = {
    "AND": "HepG2|HNF1A|None",
    "OR": "HepG2|TAF1|None",
    "XOR": "GM12878|IRF4|None",
    "veto": "K562|RFX5|None",
}
"""The interactions that the demo is about, and the class that shows each."""

DISTRACTORS = "TP53", "HSF1", "E2F4"
"""Motifs that are planted and mean nothing."""


def rule_of(name: str) -> Rule:
    """Return the rule of a class."""
    return CLASSES[CLASS_NAMES.index(name)].rule


def obeyed(start: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Tell which sequences obey the rule of each class: starts (n, motif) -> (n, target)."""
    return np.stack([_holds(one.rule, start) for one in CLASSES], axis=1)


def label_panel(generator: np.random.Generator, start: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Label sequences by what was planted in them.

    Choice: 5% of the sequences that obey a rule miss its label, each class by itself, so that
    experiments of one factor agree as replicates do. A label without its rule never occurs.

    Parameters
    ----------
    start : int16 array (n, motif)

    Returns
    -------
    uint8 array (n, target)
    """
    rules = obeyed(start)
    return (rules & (generator.random(rules.shape) < OCCUPANCY)).astype(np.uint8)


def columns(motifs: Collection[str]) -> list[int]:
    """Return the places of motifs in the order of `MOTIFS`."""
    order = list(MOTIFS)
    return [order.index(motif) for motif in motifs]


def interacting_pairs() -> tuple[tuple[str, str], ...]:
    """Return the motif pairs of the featured interactions and of the hidden pair."""
    pairs: list[Sequence[str]] = [rule_of(name).motifs for name in FEATURED.values()]
    return tuple((a, b) for a, b in [*pairs, rule_of(HIDDEN_PAIR[0]).motifs])


def _holds(rule: Rule, start: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Tell which sequences obey a rule: starts (n, motif) -> (n,)."""
    places = start[:, columns(rule.motifs)]
    there = places >= 0
    count, n_motifs = there.sum(axis=1), len(rule.motifs)
    match rule.kind:
        case "any":
            return count > 0
        case "all":
            return count == n_motifs
        case "one":
            return count == 1
        case "unless":
            return there[:, 0] & ~there[:, 1]
        case "before":
            return (count == n_motifs) & (places[:, 0] < places[:, 1])
