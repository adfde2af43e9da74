"""What a run on the panel demo finds of its truth."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.statistics.classes import similarity
from deepresolve_dash.demos.panel_pair import HiddenPair, find_hidden_pair
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.motifs.jaspar import jaspar_motifs
from deepresolve_dash.motifs.matching import match_filters
from deepresolve_dash.runs.store import Run

N_TOP = 5
LARGEST_Q = 0.05
RANKINGS = "ofiv", "gradient_at_base", "clamp_swing"


def panel_report(run: Run, truth: Mapping) -> dict:
    """Compare a run on the panel demo with what was planted.

    Parameters
    ----------
    run : Run
        Of the default preset, at the advised layer, all classes, with sequences and labels.
    truth : mapping
        Contents of `truth.json`.

    Returns
    -------
    dict
        `motifs`: for each ranking the share of (class, motif) pairs of the grammar with a channel
        of that motif among the class's first five, and the share that a random order would find;
        `channels`: number of channels per motif; `distractors`: how often a channel of a distractor
        stands among the first five of a class; `hidden_pair`: its similarity and its percentile
        among all pairs of classes, by OFIV, gradient, last layer and labels; `disagreement`: its
        place among the pairs that are alike in features and not in labels, a `HiddenPair`, or None
        without labels;
        `interactions`: what the regime `modes` says of the classes with an interaction; `flagged`:
        the other classes with more than one component that the guard lets pass.

    Raises
    ------
    SettingsError
        When the run is not such a run.
    """
    summary, ensemble = run.summary, run.ensemble
    names = [str(name) for name in summary["target_name"].values]
    expected = [one["name"] for one in truth["classes"]]
    if names != expected or "filter" not in ensemble or "modes" not in summary["regime"].values:
        raise SettingsError(
            f"The run {run.id} is not one of the panel demo.",
            "Run it at the advised layer with the preset default, for all classes.",
        )
    own = motif_channels(ensemble["filter"].values, truth["motifs"], truth["release"])
    rankings = _rankings(summary, ensemble)
    pair = names.index(truth["hidden_pair"][0]), names.index(truth["hidden_pair"][1])
    return {
        "motifs": _found(rankings, own, truth),
        "channels": {name: int(mask.sum()) for name, mask in own.items()},
        "distractors": _distractors(rankings["ofiv"], own, truth),
        "hidden_pair": _hidden_pair(summary, rankings, pair),
        "disagreement": _disagreement(summary, pair, truth, own),
        "interactions": [
            {"kind": one["kind"], "class": one["class"], "motifs": list(one["motifs"])}
            | _modes(summary, ensemble, names.index(one["class"]), one["motifs"], own)
            for one in truth["interactions"]
        ],
        "flagged": _flagged(summary, names, {one["class"] for one in truth["interactions"]}),
    }


def motif_channels(
    filters: NDArray, motifs: Mapping[str, str], release: str
) -> dict[str, NDArray[np.bool_]]:
    """Return the channels of each motif: TOMTOM against the whole release, q of 0.05 or less.

    Parameters
    ----------
    filters : float array (channel, offset, base)
    motifs : mapping of name to JASPAR id
    release : str

    Returns
    -------
    dict of name to bool array (channel,)
    """
    matches = match_filters(filters, jaspar_motifs(release))
    place = matches.target_ids.index
    return {name: matches.q_value[:, place(motif)] <= LARGEST_Q for name, motif in motifs.items()}


def _rankings(summary: xr.Dataset, ensemble: xr.Dataset) -> dict[str, NDArray]:
    """Return the scores (target, channel) by which channels are ranked."""
    scores = {"ofiv": summary["ofiv"].sel(regime="importance").values}
    return scores | {name: ensemble[name].values for name in RANKINGS[1:] if name in ensemble}


def _uses(truth: Mapping) -> list[tuple[int, str, int]]:
    """Return (target, motif, sign) of the grammar; a veto's second motif speaks against."""
    return [
        (one["index"], motif, -1 if one["rule"] == "unless" and place else 1)
        for one in truth["classes"]
        for place, motif in enumerate(one["motifs"])
    ]


def _top(scores: NDArray) -> NDArray[np.intp]:
    """Return the channels with the highest scores."""
    return np.argsort(-scores, kind="stable")[:N_TOP]


def _found(rankings: Mapping[str, NDArray], own: Mapping[str, NDArray], truth: Mapping) -> dict:
    """Return the shares of planted motifs found among the top channels of their class."""
    uses = _uses(truth)
    shares: dict = {"n": len(uses), "n_top": N_TOP}
    for name, scores in rankings.items():
        hits = [own[motif][_top(sign * scores[target])].any() for target, motif, sign in uses]
        shares[name] = float(np.mean(hits))
    n_channels = len(next(iter(own.values())))
    chances = [_chance(int(own[motif].sum()), n_channels) for _, motif, _ in uses]
    missed = sorted({motif for _, motif, _ in uses if not own[motif].any()})
    return shares | {"random": float(np.mean(chances)), "without_channel": missed}


def _chance(n_own: int, n_channels: int) -> float:
    """Return the chance that five channels drawn at random hold one of a motif's."""
    others = np.arange(n_channels - n_own, n_channels - n_own - N_TOP, -1)
    return float(
        1 - np.prod(np.clip(others, 0, None) / np.arange(n_channels, n_channels - N_TOP, -1))
    )


def _distractors(ofiv: NDArray, own: Mapping[str, NDArray], truth: Mapping) -> dict:
    """Return how many classes have a channel that is a distractor's alone among their first."""
    used = np.any([own[motif] for _, motif, _ in _uses(truth)], axis=0)
    mask = np.any([own[name] for name in truth["distractors"]], axis=0) & ~used
    return {
        "channels": np.flatnonzero(mask).tolist(),
        "classes": int(sum(mask[_top(scores)].any() for scores in ofiv)),
        "n_classes": len(ofiv),
    }


def _hidden_pair(
    summary: xr.Dataset, rankings: Mapping[str, NDArray], pair: tuple[int, int]
) -> dict[str, dict[str, float]]:
    """Return value and percentile of the hidden pair in each matrix over the classes."""
    matrices = {"similarity": summary["similarity"].sel(regime="importance").values}
    matrices["gradient_at_base"] = similarity(rankings["gradient_at_base"])
    for name in ("last_layer", "label_correlation"):
        if name in summary:
            matrices[name] = summary[name].values
    return {name: _percentile(matrix, pair) for name, matrix in matrices.items()}


def _disagreement(
    summary: xr.Dataset,
    pair: tuple[int, int],
    truth: Mapping,
    own: Mapping[str, NDArray[np.bool_]],
) -> HiddenPair | None:
    """Return the hidden pair in the list of pairs that disagree with labels."""
    if "label_correlation" not in summary:
        return None
    ofiv, labels = summary["ofiv"].sel(regime="importance"), summary["label_correlation"]
    motifs = truth["classes"][pair[0]]["motifs"]
    return find_hidden_pair(ofiv.values, labels.values, pair, motifs, own)


def _percentile(matrix: NDArray, pair: tuple[int, int]) -> dict[str, float]:
    """Return the value of a pair and the share of other pairs below it, in percent."""
    rows, columns = np.triu_indices(len(matrix), 1)
    value = matrix[min(pair), max(pair)]
    others = matrix[rows, columns][~((rows == min(pair)) & (columns == max(pair)))]
    others = others[~np.isnan(others)]
    return {"value": float(value), "percentile": float(100 * np.mean(others < value))}


def _modes(
    summary: xr.Dataset,
    ensemble: xr.Dataset,
    target: int,
    motifs: tuple[str, str],
    own: Mapping[str, NDArray],
) -> dict:
    """Return what the regime `modes` says of a class and of the signs of a motif pair.

    `first_only` and `second_only` are shares of the trial weights in which the mean importance over
    the channels of one motif is positive and that of the other negative.
    """
    modes = summary.sel(regime="modes").isel(target=target)
    fiv = ensemble["fiv"].sel(regime="modes").isel(target=target).values
    weight = np.nan_to_num(modes["weight"].values)
    a, b = (fiv[:, own[m]].mean(axis=1) if own[m].any() else np.zeros(len(fiv)) for m in motifs)
    return {
        "n_components": int(modes["n_components"]),
        "guarded": bool(modes["guarded"]),
        "n_optima": int(modes["n_optima"]),
        "n_non_additive": int((modes["kind"].values > 0).sum()),
        "first_only": float(weight[(a > 0) & (b < 0)].sum()),
        "second_only": float(weight[(a < 0) & (b > 0)].sum()),
    }


def _flagged(summary: xr.Dataset, names: list[str], apart: set[str]) -> list[str]:
    """Return the classes with several components that the guard lets pass, but for some."""
    modes = summary.sel(regime="modes")
    several = (modes["n_components"].values > 1) & ~modes["guarded"].values.astype(bool)
    return [name for name, flag in zip(names, several, strict=True) if flag and name not in apart]
