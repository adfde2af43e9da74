"""What the shipped run on the panel demo finds of what was planted."""

import json
from collections.abc import Mapping
from pathlib import Path

from deepresolve_dash.demos.panel_pair import HiddenPair
from deepresolve_dash.demos.panel_report import N_TOP, panel_report
from deepresolve_dash.demos.reproduction.tables import markdown_table
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.runs.store import open_run

RUN = NETWORKS.with_name("runs") / "panel"
_RANKINGS = {
    "ofiv": "OFIV, importance",
    "gradient_at_base": "gradient at the base",
    "clamp_swing": "clamp swing",
    "random": "random order (expected)",
}
_MATRICES = {
    "similarity": "similarity of OFIV",
    "gradient_at_base": "similarity of gradients",
    "last_layer": "last layer, dot product",
    "label_correlation": "correlation of labels",
}


def panel_text(run: Path = RUN, network: Path = NETWORKS / "panel") -> str:
    """Return the tables of a run on the panel demo.

    Parameters
    ----------
    run : Path
        Run folder.
    network : Path
        Folder of its network, as `train-demo` writes it.

    Raises
    ------
    DeepResolveError
        When the folder holds no run, or another one.
    """
    truth = json.loads((network / "truth.json").read_text())
    record = json.loads((network / "training.json").read_text())
    report = panel_report(open_run(run), truth)
    return "\n\n".join(
        [
            f"### {truth['title']}: areas (training seed {record['recipe']['seed']})",
            areas_table(record),
            f"### {truth['title']}: motifs in the first {N_TOP} channels of their class",
            motifs_table(report),
            channels_sentences(report),
            f"### {truth['title']}: the hidden pair, {' and '.join(truth['hidden_pair'])}",
            pair_table(report),
            *([disagreement_sentence(pair)] if (pair := report["disagreement"]) else []),
            f"### {truth['title']}: interactions, regime modes",
            interactions_table(report),
            f"Other classes with more than one component that the guard lets pass: "
            f"{', '.join(report['flagged']) or 'none'}.",
        ]
    )


def areas_table(record: Mapping) -> str:
    """Return the smallest and the median area of the classes, and those of the interactions."""
    areas = sorted(record["auc"].items(), key=lambda item: item[1])
    rows = [
        [f"all {len(areas)} classes, lowest ({areas[0][0]})", f"{areas[0][1]:.3f}"],
        [f"all {len(areas)} classes, median", f"{areas[len(areas) // 2][1]:.3f}"],
    ]
    rows += [[f"{name}, pair", f"{area:.3f}"] for name, area in record["auc_of_pairs"].items()]
    return markdown_table(["held-out sequences", "AUC"], rows)


def motifs_table(report: Mapping) -> str:
    """Return the shares of planted motifs found by each ranking."""
    found = report["motifs"]
    rows = [
        [title, f"{round(found[name] * found['n'], 1):g} of {found['n']}", f"{found[name]:.0%}"]
        for name, title in _RANKINGS.items()
        if name in found
    ]
    return markdown_table(["ranking", "class and motif found", "share"], rows)


def channels_sentences(report: Mapping) -> str:
    """Return how many channels the motifs have, and where those of the distractors stand."""
    counts = ", ".join(f"{name} {n}" for name, n in report["channels"].items())
    missed = ", ".join(report["motifs"]["without_channel"]) or "none"
    far = report["distractors"]
    return (
        f"Channels per motif (TOMTOM, q <= 0.05): {counts}. Motifs of a rule without a channel: "
        f"{missed}. Channels of a distractor alone: {len(far['channels'])}; one stands among the "
        f"first {N_TOP} of {far['classes']} of {far['n_classes']} classes."
    )


def pair_table(report: Mapping) -> str:
    """Return value and percentile of the hidden pair in each matrix over the classes."""
    rows = [
        [title, f"{pair['value']:.2f}", f"{pair['percentile']:.0f}"]
        for name, title in _MATRICES.items()
        if (pair := report["hidden_pair"].get(name))
    ]
    return markdown_table(["matrix", "value", "percentile of all pairs"], rows)


def disagreement_sentence(pair: HiddenPair) -> str:
    """Return where the hidden pair stands in the disagreement list, and what its classes share."""
    carried = ", ".join(f"{n} match {motif}" for motif, n in pair.motifs.items())
    return (
        f"In the list of pairs that are alike in features and not in labels it is number "
        f"{pair.rank} of {pair.n}. Of its {len(pair.shared)} shared channels {carried} "
        f"(TOMTOM, q <= 0.05), {pair.unmatched} neither."
    )


def interactions_table(report: Mapping) -> str:
    """Return what the regime `modes` says of the classes with an interaction."""
    rows = [
        [one["kind"], one["class"], " and ".join(one["motifs"]), one["n_components"],
         "yes" if one["guarded"] else "no", one["n_optima"],
         f"{one['first_only']:.0%}, {one['second_only']:.0%}"]
        for one in report["interactions"]
    ]  # fmt: skip
    header = ["planted", "class", "motifs", "components", "guarded", "optima"]
    return markdown_table([*header, "first + second -, first - second +"], rows)
