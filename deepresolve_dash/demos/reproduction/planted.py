"""The planted benchmark as tables: what each way of looking at a network finds of its logic."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from deepresolve_dash.core.settings import DEFAULT
from deepresolve_dash.demos.planted.evaluate import (
    DEFAULT_VARIANT,
    VARIANTS,
    Evaluation,
    evaluate,
)
from deepresolve_dash.demos.planted.grammar import CLASS_NAMES, CLASSES, Kind
from deepresolve_dash.demos.planted.pairs import flagged
from deepresolve_dash.demos.planted.rankings import MODES, PAPER
from deepresolve_dash.demos.planted.scores import (
    channel_areas,
    class_interval,
    interval,
    two_sample_interval,
)
from deepresolve_dash.demos.planted.verified import (
    ADDITIVE,
    NOT_CALLED,
    NOT_REACHED,
    TRUTHS,
    Found,
    confusion,
)
from deepresolve_dash.demos.reproduction.repeat import one_thread
from deepresolve_dash.demos.reproduction.tables import markdown_table

GUARDS = 0.03, 0.1, 0.2, 0.3
_KINDS: tuple[Kind, ...] = tuple(dict.fromkeys(rule.kind for rule in CLASSES))


def planted_text(
    seeds: Sequence[int], folder: Path, progress: Callable[[int, int], None] | None = None
) -> str:
    """Return the tables of the planted benchmark.

    Parameters
    ----------
    seeds : sequence of int
        Two networks each, of one and of two convolutions.
    folder : Path
        Where trained networks are kept; those that are not there are trained.
    progress : function, optional
        Told (hundredths done, hundredths in all).
    """
    with one_thread():
        done = evaluate(seeds, folder, progress=progress)
    return planted_tables(done)


def planted_tables(done: Sequence[Evaluation]) -> str:
    """Return the tables of networks that were evaluated."""
    seeds = sorted({one.planted.record["recipe"]["seed"] for one in done})
    found = [one for net in done for one in net.verified[DEFAULT_VARIANT]]
    return "\n\n".join(
        [
            f"### Planted logic: networks (seeds {', '.join(map(str, seeds))})",
            networks_table(done),
            "### Planted logic: important channels and similar classes (area under the ROC curve)",
            rankings_table(done),
            "### Planted logic: interacting pairs (area under the ROC curve)",
            pairs_table(done),
            "### Planted logic: classes flagged by the components of the mixture",
            flags_table(done),
            f"### Planted logic: verdicts of the verifier, {DEFAULT_VARIANT}",
            confusion_table(found),
            wrong_lines(found),
            "### Planted logic: calls of the verifier",
            variants_table(done),
            "### Planted logic: radius of the ascent, preset default",
            radius_table(done),
        ]
    )


def networks_table(done: Sequence[Evaluation]) -> str:
    """Return areas and channels of each network, and the classes that it has not learned."""
    rows = []
    for planted in (one.planted for one in done):
        record, truth = planted.record, planted.truth
        chance = {
            one["name"] for one in truth["classes"] if one["rule"] in (ADDITIVE, "saturation")
        }
        sure = {name: area for name, area in record["auc"].items() if name not in chance}
        lowest = min(sure, key=sure.__getitem__)
        far = max(record["possible"][name] - record["auc"][name] for name in chance)
        missing = sorted(set(truth["motifs"]) - set(truth["channels"]))
        known = sum(motif is not None for motif in truth["channels"])
        rows.append(
            [planted.title, f"{sure[lowest]:.3f} ({lowest})", f"{far:.3f}",
             f"{known} of {len(truth['channels'])}", ", ".join(missing) or "none",
             ", ".join(record["failed"]) or "none"]
        )  # fmt: skip
    header = ["network", "lowest area, classes without chance", "farthest below what chance allows"]
    return markdown_table([*header, "channels of one motif", "motifs without", "not learned"], rows)


def rankings_table(done: Sequence[Evaluation]) -> str:
    """Return how well each ranking recovers channels and classes, with 95% intervals."""
    truths = [one.planted.truth for one in done]
    rows = []
    for title in done[0].ranked.importance:
        vectors = [one.ranked.importance[title] for one in done]
        areas = [channel_areas(v, truth) for v, truth in zip(vectors, truths, strict=True)]
        columns = ("positive", "top", "negative", "either", "relevant")
        cells = [str(interval([one[name] for one in areas])) for name in columns]
        rows.append([title, *cells, str(class_interval(vectors, truths))])
    header = ["ranking", "raises the class", "top channel does (share)", "lowers it"]
    return markdown_table([*header, "XOR, by size", "relevant, by size", "similar classes"], rows)


def pairs_table(done: Sequence[Evaluation]) -> str:
    """Return how well each measure tells interacting pairs from additive ones, and XOR alone."""
    pairs = [pair for one in done for pair in one.pairs]
    verdicts = {
        (found.network, found.target, frozenset(found.motifs)): found
        for one in done
        for found in one.verified[DEFAULT_VARIANT]
    }
    found = [verdicts[pair.network, pair.target, frozenset(pair.motifs)] for pair in pairs]
    scores = {title: [pair.scores[title] for pair in pairs] for title in pairs[0].scores}
    scores["verifier, |I|"] = [abs(one.interaction) for one in found]
    scores["verifier, |I| / largest effect"] = [one.share for one in found]
    shapes = np.array([pair.shape or "" for pair in pairs])
    rows = []
    for title, values in scores.items():
        v = np.asarray(values)
        known = ~np.isnan(v)
        parts = [known & (shapes != ""), known & (shapes == "")]
        xor = [known & (shapes == "XOR"), known & (shapes != "XOR")]
        cells = [str(two_sample_interval(v[a], v[b])) for a, b in (parts, xor)]
        rows.append([title, *cells])
    n = [int((shapes != "").sum()), int((shapes == "").sum())]
    header = [f"measure ({n[0]} interacting, {n[1]} additive pairs)", "interacting v additive"]
    return markdown_table([*header, "XOR v all others"], rows)


def flags_table(done: Sequence[Evaluation]) -> str:
    """Return, by kind of rule, how many classes have components that a guard lets pass."""
    cells = [(MODES, guard) for guard in GUARDS] + [(PAPER, 0.0)]
    rows = []
    for kind in _KINDS:
        targets = [target for target, rule in enumerate(CLASSES) if rule.kind == kind]
        row = [kind, len(targets) * len(done)]
        for regime, guard in cells:
            runs = [one.ranked.regimes[regime] for one in done]
            row.append(
                sum(flagged(run.isel(target=t), guard=guard) for run in runs for t in targets)
            )
        rows.append(row)
    header = [f"{r}, guard {guard:g}" if guard else f"{r}, no guard" for r, guard in cells]
    return markdown_table(["rule", "classes", *header], rows)


def confusion_table(found: Sequence[Found]) -> str:
    """Return what the verifier calls the pairs of each truth."""
    table = {truth: counts for truth, counts in confusion(found).items() if counts}
    seen = {name for counts in table.values() for name in counts}
    names = sorted(seen - {NOT_CALLED, NOT_REACHED})
    names += [name for name in (NOT_CALLED, NOT_REACHED) if name in seen]
    rows = [
        [truth, sum(table[truth].values()), *(table[truth][name] or "" for name in names)]
        for truth in TRUTHS
        if truth in table
    ]
    return markdown_table(["planted", "pairs", *names], rows)


def wrong_lines(found: Sequence[Found]) -> str:
    """Name every verdict that is not right."""
    lines = [
        f"- {one.network}, {CLASS_NAMES[one.target]}: {' x '.join(one.motifs)} is {one.truth}; "
        f"{one.name}, I {one.interaction:.1f}"
        for one in found
        if not one.right
    ]
    return "\n".join(["Verdicts that are not right:" + (" none." if not lines else ""), *lines])


def variants_table(done: Sequence[Evaluation]) -> str:
    """Return how many pairs are called rightly: all networks, then other settings on some."""
    rows = [[f"all {len(done)} networks, default", *_called(done, DEFAULT_VARIANT)]]
    tried = [one for one in done if len(one.verified) > 1]
    rows += [
        [f"{len(tried)} networks, {title}", *_called(tried, title)]
        for title in VARIANTS
        if tried and title in tried[0].verified
    ]
    header = ["verifier", "interacting pairs called", "and rightly named", "additive not called"]
    return markdown_table([*header, "wrong calls"], rows)


def _called(done: Sequence[Evaluation], variant: str) -> list[str]:
    """Return how many pairs of some networks are called, and how many rightly."""
    found = [one for net in done for one in net.verified[variant]]
    interacting = [one for one in found if one.interacts]
    additive = [one for one in found if one.truth == ADDITIVE]
    others = [one for one in found if not one.interacts and one.name != NOT_REACHED]
    return [
        _of(sum(one.called for one in interacting), len(interacting)),
        _of(sum(one.right for one in interacting), len(interacting)),
        _of(sum(one.right for one in additive), len(additive)),
        _of(sum(one.called for one in others), len(others)),
    ]


def radius_table(done: Sequence[Evaluation]) -> str:
    """Return how channels are ranked and XOR classes flagged as the ascent goes farther."""
    xor = np.array([rule.kind == "xor" for rule in CLASSES])
    guard = DEFAULT.summary.guard or 0.0
    rows = []
    for radius in done[0].ranked.radii:
        runs = [one.ranked.radii[radius] for one in done]
        pairs = zip(runs, (one.planted.truth for one in done), strict=True)
        areas = [channel_areas(run["ofiv"].values, truth) for run, truth in pairs]
        flags = np.array(
            [
                [flagged(run.isel(target=t), guard=guard) for t in range(len(CLASSES))]
                for run in runs
            ]
        )
        rows.append(
            [f"{radius:g} D", str(interval([one["positive"] for one in areas])),
             str(interval([one["relevant"] for one in areas])),
             _of(flags[:, xor].sum(), flags[:, xor].size),
             _of(flags[:, ~xor].sum(), flags[:, ~xor].size)]
        )  # fmt: skip
    header = ["|U|", "raises the class", "relevant, by size"]
    return markdown_table([*header, f"XOR flagged, guard {guard:g}", "others flagged"], rows)


def _of(n: int, total: int) -> str:
    return f"{n} of {total}"
