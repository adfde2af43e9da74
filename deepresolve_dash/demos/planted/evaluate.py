"""One network of the benchmark, asked everything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepresolve_dash.core.interactions.settings import InteractionSettings
from deepresolve_dash.demos.planted.pairs import ScoredPair, score_pairs
from deepresolve_dash.demos.planted.rankings import Ranked, rank_planted
from deepresolve_dash.demos.planted.store import PlantedNetwork, provide_network
from deepresolve_dash.demos.planted.train import FORMS, Form
from deepresolve_dash.demos.planted.verified import Found, verify_planted

VARIANTS: dict[str, tuple[InteractionSettings, int | None]] = {
    "default: cut 0.5, 60 backgrounds, 1,500 sequences": (InteractionSettings(), None),
    "cut 0.3": (InteractionSettings(cut=0.3), None),
    "cut 0.7": (InteractionSettings(cut=0.7), None),
    "single channels (cut 1)": (InteractionSettings(cut=1.0), None),
    "200 sequences": (InteractionSettings(), 200),
}
"""Settings of the verifier and numbers of sequences that it is tried with; the first is what a user
gets. Choice: the others only on the networks of the first seed, which is most of the time."""
DEFAULT_VARIANT = next(iter(VARIANTS))


@dataclass(frozen=True)
class Evaluation:
    """What was found of one network.

    Attributes
    ----------
    planted : PlantedNetwork
    ranked : Ranked
    pairs : list of ScoredPair
    verified : dict of str to list of Found
        By variant of the verifier; the default one alone, but for the first seed.
    """

    planted: PlantedNetwork
    ranked: Ranked
    pairs: list[ScoredPair]
    verified: dict[str, list[Found]]


def evaluate(
    seeds: Sequence[int], folder: Path, *, progress: Callable[[int, int], None] | None = None
) -> list[Evaluation]:
    """Provide the networks of some seeds, both forms of each, and evaluate them.

    Parameters
    ----------
    seeds : sequence of int
    folder : Path
        Where trained networks are kept.
    progress : function, optional
        Told (hundredths done, hundredths in all).
    """
    done = []
    names: list[tuple[Form, int]] = [(form, seed) for form in FORMS for seed in seeds]
    for turn, (form, seed) in enumerate(names):

        def tell(share: float, turn: int = turn) -> None:
            if progress:
                progress(100 * turn + round(100 * share), 100 * len(names))

        planted = provide_network(form, seed, folder, progress=lambda share: tell(0.6 * share))
        tell(0.6)
        ranked = rank_planted(planted)
        tell(0.75)
        verified = {
            title: verify_planted(planted, settings=settings, n_real=n_real)
            for title, (settings, n_real) in VARIANTS.items()
            if title == DEFAULT_VARIANT or seed == seeds[0]
        }
        pairs = score_pairs(planted.title, ranked, planted.truth)
        done.append(Evaluation(planted, ranked, pairs, verified))
        tell(1.0)
    return done
