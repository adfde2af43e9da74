"""The hidden pair of the panel on networks of several training seeds."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from deepresolve_dash.core.settings import DEFAULT
from deepresolve_dash.core.statistics.classes import correlation
from deepresolve_dash.demos.panel import CLASS_NAMES, HIDDEN_PAIR, MOTIFS, RELEASE, rule_of
from deepresolve_dash.demos.panel_pair import HiddenPair, find_hidden_pair
from deepresolve_dash.demos.panel_report import motif_channels
from deepresolve_dash.demos.panel_ship import write_panel
from deepresolve_dash.demos.panel_train import PANEL_RECIPE, train_panel
from deepresolve_dash.demos.reproduction.repeat import one_thread, repeat
from deepresolve_dash.demos.reproduction.tables import markdown_table
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.runs.labels import read_labels

Progress = Callable[[int, int], None]
RECORD = "training.json"
N_FIRST = 5  # pairs that a reader looks at
PAIR_MOTIFS = rule_of(HIDDEN_PAIR[0]).motifs


@dataclass(frozen=True)
class Trained:
    """What the network of a seed shows: lowest area and the pair, or why there is none."""

    seed: int
    area: float
    pair: HiddenPair | None = None
    why: str = ""


def panel_seeds_text(seeds: Sequence[int], folder: Path, progress: Progress | None = None) -> str:
    """Return the table of the hidden pair over training seeds.

    Parameters
    ----------
    seeds : sequence of int
        The one of the shipped network is not trained again.
    folder : Path
        Where trained networks are kept, each in a folder of its seed.
    progress : function, optional
        Told (networks done, networks in all).
    """
    found: list[Trained] = []
    with one_thread():
        for seed in seeds:
            try:
                place = provide_panel(seed, folder)
                found.append(Trained(seed, lowest_area(place), evaluate_panel(place)))
            except DeepResolveError as error:
                found.append(Trained(seed, float("nan"), why=error.message))
            if progress:
                progress(len(found), len(seeds))
    return "\n\n".join(
        [
            f"### Panel (synthetic): the hidden pair, seeds {', '.join(map(str, seeds))}",
            seeds_table(found),
            seeds_sentence(found),
        ]
    )


def provide_panel(seed: int, folder: Path) -> Path:
    """Return the folder of the panel network of a seed; trained when it is not there.

    Raises
    ------
    DeepResolveError
        When the network does not learn a class.
    """
    if seed == PANEL_RECIPE.seed:
        return NETWORKS / "panel"
    place = folder / str(seed)
    if not (place / RECORD).is_file():
        write_panel(*train_panel(seed=seed), place)
    return place


def lowest_area(place: Path) -> float:
    """Return the smallest area of the classes of a trained network."""
    return min(json.loads((place / RECORD).read_text())["auc"].values())


def evaluate_panel(place: Path) -> HiddenPair:
    """Resolve a panel network and look for the hidden pair."""
    network = load_network(place)
    sequences = place / "sequences.fa.gz"
    results = repeat(network, place.name, DEFAULT.name, sequences=sequences)
    labels = read_labels(place / "labels.tsv", range(len(CLASS_NAMES)), CLASS_NAMES)
    return hidden_pair_of(results, correlation(labels.T))


def hidden_pair_of(results: xr.Dataset, labels: np.ndarray) -> HiddenPair:
    """Return what a run finds of the hidden pair.

    Parameters
    ----------
    results : xarray.Dataset
        Variables `ofiv` and `filter` of a run on all classes.
    labels : float array (target, other_target)
    """
    own = motif_channels(results["filter"].values, MOTIFS, RELEASE)
    pair = CLASS_NAMES.index(HIDDEN_PAIR[0]), CLASS_NAMES.index(HIDDEN_PAIR[1])
    ofiv = results.ofiv.sel(regime="importance").values
    return find_hidden_pair(ofiv, labels, pair, PAIR_MOTIFS, own)


def seeds_table(found: Sequence[Trained]) -> str:
    """Return a row per seed: area, similarity, labels, rank, and the motifs of shared channels."""
    names = [f"shared channels of {motif}" for motif in PAIR_MOTIFS]
    header = ["seed", "lowest AUC", "A", "label r", "rank in the list", *names, "of neither"]
    return markdown_table(header, [_row(one) for one in found])


def _row(one: Trained) -> list[str]:
    """Return the row of a seed."""
    pair = one.pair
    if pair is None:
        return [str(one.seed), one.why, *["–"] * (4 + len(PAIR_MOTIFS))]
    rank = f"{pair.rank} of {pair.n}" if pair.rank else "no similarity"
    carried = [str(pair.motifs[motif]) for motif in PAIR_MOTIFS]
    values = [f"{one.area:.3f}", f"{pair.similarity:.2f}", f"{pair.labels:.2f}", rank]
    return [str(one.seed), *values, *carried, str(pair.unmatched)]


def seeds_sentence(found: Sequence[Trained]) -> str:
    """Return how often the pair comes first, and whose motifs its shared channels carry."""
    pairs = [one.pair for one in found if one.pair]
    first, early = (sum(0 < pair.rank <= n for pair in pairs) for n in (1, N_FIRST))
    both = sum(all(pair.motifs[motif] for motif in PAIR_MOTIFS) for pair in pairs)
    n_shared = sum(len(pair.shared) for pair in pairs)
    carried = n_shared - sum(pair.unmatched for pair in pairs)
    return (
        f"Of {len(found)} networks {early} have the pair among the first {N_FIRST} of the list and "
        f"{first} as the first; {both} share channels of both planted motifs. Of {n_shared} shared "
        f"channels {carried} match one of the two motifs (TOMTOM, q <= 0.05)."
    )
