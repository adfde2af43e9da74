"""The interaction verifier on a network of the benchmark, beside what was planted."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from deepresolve_dash.core.ascent.base import feature_maps
from deepresolve_dash.core.interactions.settings import InteractionSettings
from deepresolve_dash.core.interactions.verdict import Verdict
from deepresolve_dash.core.interactions.verify import verify
from deepresolve_dash.demos.planted.rankings import real_maps
from deepresolve_dash.demos.planted.store import SEQUENCES, PlantedNetwork
from deepresolve_dash.demos.planted.truth import motif_of_channels
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.sequences import dinucleotide_shuffles, one_hot, read_fasta

N_BACKGROUND = 200  # shuffled sequences
ADDITIVE, NO_PAIR, ONE_MOTIF, UNKNOWN = "additive", "no interaction", "one motif", "unknown"
TWO_OF_THREE = "two-of-three"
TRUTHS = ("AND", "OR", "XOR", "veto", TWO_OF_THREE, ADDITIVE, NO_PAIR, ONE_MOTIF, UNKNOWN)
"""`no interaction`: two motifs that do not share the class; `one motif`: two groups of the same;
`unknown`: a group that stands for no motif alone."""
NOT_REACHED, NOT_CALLED = "not reached", "not called"
RIGHT_NAMES = {
    "AND": {"AND-like"},
    "OR": {"OR-like"},
    "XOR": {"XOR-like"},
    "veto": {"veto"},
    TWO_OF_THREE: {"synergy", "AND-like"},
}
"""Choice: two of three motifs, the third mostly absent, are an AND; on the logit that sits between
AND and a sum, so that synergy is right too."""


@dataclass(frozen=True)
class Found:
    """What the verifier says of one pair of motifs, or of groups without a motif, in a class.

    Attributes
    ----------
    network : str
    target : int
    truth : str
        One of `TRUTHS`.
    motifs : tuple of str
    name : str
        The verifier's name where it calls an interaction, else `not called`, or `not reached` when
        no tested groups stand for the motifs.
    acting : str or None
        Motif of the group that vetoes.
    interaction : float
        I, logits; 0 when not reached.
    share : float
        |I| in units of the largest effect of the square; 0 when not reached.
    """

    network: str
    target: int
    truth: str
    motifs: tuple[str, ...]
    name: str
    acting: str | None
    interaction: float
    share: float

    @property
    def called(self) -> bool:
        """Whether an interaction was called."""
        return self.name not in (NOT_REACHED, NOT_CALLED)

    @property
    def interacts(self) -> bool:
        """Whether an interaction was planted."""
        return self.truth in RIGHT_NAMES

    @property
    def right(self) -> bool:
        """Whether the call is right, and the name with it."""
        if not self.interacts:
            return not self.called
        vetoed_rightly = self.truth != "veto" or self.acting == self.motifs[1]
        return self.name in RIGHT_NAMES[self.truth] and vetoed_rightly


def verify_planted(
    planted: PlantedNetwork,
    *,
    settings: InteractionSettings | None = None,
    n_real: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Found]:
    """Verify every class as a user would, with the network's sequences, and compare with truth.

    Parameters
    ----------
    planted : PlantedNetwork
    settings : InteractionSettings, optional
        The defaults without them.
    n_real : int, optional
        Only so many of the sequences.
    progress : function, optional
        Told (classes done, classes in all).

    Returns
    -------
    list of Found
        Per class, one for each planted pair and for each other pair of groups that was tested.
    """
    settings = settings or InteractionSettings()
    tail = cut(planted.network, planted.record["layer"]).tail
    real, background = real_maps(planted)[:n_real], shuffled_maps(planted, n_real)
    found = []
    classes = planted.truth["classes"]
    for target in range(len(classes)):
        generator = np.random.default_rng([settings.seed, target])
        verdict = verify(tail, background, real, target, settings=settings, generator=generator)
        found += compare(verdict, planted.truth, planted.title)
        if progress:
            progress(target + 1, len(classes))
    return found


def compare(verdict: Verdict, truth: Mapping, network: str = "") -> list[Found]:
    """Set a verdict against the truth of its class.

    Choice: where several pairs of groups stand for the same two motifs, the one with the largest
    |I| speaks for them.
    """
    one = truth["classes"][verdict.target]
    planted = {
        frozenset(pair["motifs"]): pair for pair in truth["pairs"] if pair["class"] == one["name"]
    }
    found, seen = [], set()
    for pair in sorted(verdict.pairs, key=lambda pair: -abs(pair.interaction)):
        a, b = (motif_of_group(group, truth) for group in (pair.a, pair.b))
        key = frozenset((a, b))
        if key in planted and key in seen:
            continue
        seen.add(key)
        motifs = tuple(planted[key]["motifs"]) if key in planted else (str(a), str(b))
        kind = _truth(a, b, planted.get(key), one["rule"])
        found.append(
            Found(
                network,
                verdict.target,
                kind,
                motifs,
                pair.name if pair.called else NOT_CALLED,
                {"a": a, "b": b}.get(pair.acting),
                pair.interaction,
                abs(pair.interaction) / pair.effect if pair.effect > 0 else 0.0,
            )
        )
    missed = [pair for key, pair in planted.items() if key not in seen]
    for pair in missed:
        a, b = pair["motifs"]
        kind = _truth(a, b, pair, one["rule"])
        found.append(Found(network, verdict.target, kind, (a, b), NOT_REACHED, None, 0.0, 0.0))
    return found


def motif_of_group(group: Sequence[int], truth: Mapping) -> str | None:
    """Return the motif that a group of channels stands for, by its mean planted response."""
    response = np.array(truth["response"])[list(group)].mean(axis=0, keepdims=True)
    return motif_of_channels(response)[0]


def shuffled_maps(planted: PlantedNetwork, n_real: int | None = None) -> Tensor:
    """Return feature maps of dinucleotide shuffles of the network's sequences."""
    reads = [letters for _, letters in read_fasta(planted.folder / SEQUENCES)][:n_real]
    chosen = [reads[i % len(reads)] for i in range(N_BACKGROUND)]
    generator = np.random.default_rng(planted.record["recipe"]["seed"])
    shuffled = dinucleotide_shuffles(chosen, generator)
    encoded = torch.from_numpy(one_hot(shuffled, length=planted.network.input_length))
    return feature_maps(cut(planted.network, planted.record["layer"]).head, encoded)


def confusion(found: Sequence[Found]) -> dict[str, Counter]:
    """Count names by truth."""
    table = {truth: Counter() for truth in TRUTHS}
    for one in found:
        table[one.truth][one.name] += 1
    return table


def _truth(a: str | None, b: str | None, planted: Mapping | None, rule: str) -> str:
    """Say what is true of two motifs in a class of a rule."""
    if a is None or b is None:
        return UNKNOWN
    if a == b:
        return ONE_MOTIF
    if planted is None:
        return NO_PAIR
    if planted["shape"] is None:
        return ADDITIVE
    return TWO_OF_THREE if rule == TWO_OF_THREE else planted["shape"]
