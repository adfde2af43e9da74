"""What the verifier found for a class: groups, what pairs of them do together, and how sure."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.core.interactions.square import (
    ADDITIVE,
    NO_EFFECT,
    ONE_ONLY,
    REDUNDANCY,
    SYNERGY,
    XNOR,
    XOR,
)
from deepresolve_dash.runs.interaction_report import POOR
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.selection import IMPORTANCE, Selection, of_class
from deepresolve_dash.views.words import Note

_MEANS = {
    "AND-like": "Together they raise the class by more than each of them alone.",
    "OR-like": "Either is enough; both together add little.",
    XOR: "One or the other raises the class; both together do not.",
    "NAND-like": "Together they lower the class; each of them alone does little.",
    "NOR-like": "Either is enough to lower the class.",
    XNOR: "The class is up with both or with neither, and down with just one of them.",
    SYNERGY: "Both count, and together they count for more than their sum.",
    REDUNDANCY: "Both count, and together they count for less than their sum.",
    ADDITIVE: "Each adds its share to the logit, whatever the other does.",
    ONE_ONLY: "Only {acting} moves the logit.",
    "veto": "{other} raises the class unless {acting} is there.",
    "rescue": "{other} lowers the class unless {acting} is there.",
    NO_EFFECT: "Neither of them moves the logit.",
}
_ALIKE = 0.7  # correlation of two filters that read the same motif
_OVERLAP = 0.6  # of two filters, at least, when one is moved along the other


def data(ensemble: xr.Dataset, summary: xr.Dataset, selection: Selection, answer: dict) -> dict:
    """Test directly what two groups of channels do together: alone, both, and neither, in logits.

    An interaction is what remains after their effects are added up, so a network that adds on the
    logit and decides by a threshold is additive here, and sequences without the motifs show
    nothing.

    Parameters
    ----------
    ensemble, summary : Dataset
    selection : Selection
    answer : dict
        Of the verifier, about this class.

    Returns
    -------
    dict
        `title`, `why`, `notes`, `groups`, `pairs` (called ones first), `null`.
    """
    mine = of_class(summary, selection, IMPORTANCE)
    pairs = sorted(answer["pairs"], key=_importance)
    tested = {tuple(group) for pair in pairs for group in (pair["a"], pair["b"])}
    groups = [one for one in answer["groups"] if one["top"] or tuple(one["channels"]) in tested]
    kernels = ensemble["filter"].values if "filter" in ensemble else None
    called = sum(pair["called"] for pair in pairs)
    return {
        "title": _title(called, len(pairs), poor=answer["poor"]),
        "why": POOR if answer["poor"] else "",
        "notes": _notes(answer, groups),
        "groups": [_group(one, mine) for one in groups],
        "pairs": [_pair(pair, groups, kernels) for pair in pairs],
        "null": answer["null"],
    }


def _importance(pair: dict) -> tuple[bool, bool, float]:
    """Order pairs: called ones, then those whose sum decides as some logic, then by |I|."""
    return not pair["called"], not _decides(pair), -abs(pair["interaction"])


def _decides(pair: dict) -> str:
    """Return the logic of yes and no of a pair that adds up; empty when there is none."""
    return pair["decision"] if pair["name"] == ADDITIVE else ""


def _title(called: int, tested: int, *, poor: bool) -> str:
    if poor and not called:
        return "Nothing can be said with these sequences"
    if not tested:
        return "There are not two groups of channels to test"
    found = count(called, "interaction") if called else "No interaction"
    return f"{found} among {count(tested, 'pair')} of groups"


def _notes(answer: dict, groups: Sequence[dict]) -> list[Note]:
    """Return what the numbers rest on."""
    told = [
        Note(
            f"{len(groups)} of {len(answer['groups'])} groups",
            "Channels whose maxima rise together are a group; those that move the logit most are "
            "tested in pairs.",
        ),
        Note(
            f"{answer['n_backgrounds']} backgrounds, {answer['n_real']:,} sequences",
            "Each square is a mean over so many shuffled sequences; low and high come from the "
            "real ones.",
        ),
    ]
    for logic, n in Counter(filter(None, map(_decides, answer["pairs"]))).items():
        text = f"{count(n, 'pair')} {'adds' if n == 1 else 'add'} up, {logic} at the threshold"
        why = (
            f"Nothing is left of I after the two effects are added, but their sum decides as "
            f"{logic} when it is held against a logit of 0."
        )
        told.insert(0, Note(text, why, "good"))
    if answer["poor"]:
        return [Note("poor in motifs", POOR, "warn"), *told]
    if answer["n_real"] < 200:
        why = "The 5% in which a group is on most are too few to be typical of its motif."
        told.insert(0, Note(f"only {answer['n_real']} sequences", why, "warn"))
    return told


def _group(one: dict, mine: xr.Dataset) -> dict:
    """Return a group with the channel that stands for it: the most important one."""
    places = np.flatnonzero(np.isin(mine.channel.values, one["channels"]))
    ofiv = np.abs(np.nan_to_num(mine.ofiv.values[places]))
    shown = int(mine.channel.values[places[ofiv.argmax()]])
    return {"channels": one["channels"], "shown": shown, "swing": one["swing"]}


def _pair(pair: dict, groups: Sequence[dict], kernels: NDArray | None) -> dict:
    """Return a pair by the places of its groups, with what its name means."""
    place = {tuple(one["channels"]): i for i, one in enumerate(groups)}
    found = pair["sequences"]
    return {
        **{key: pair[key] for key in ("f", "interaction", "interval", "called", "requested")},
        "a": place[tuple(pair["a"])],
        "b": place[tuple(pair["b"])],
        "name": pair["name"],
        "means": meaning(pair),
        "acting": pair["acting"],
        "decision": _decides(pair),
        "alike": _alike(pair, kernels) if pair["called"] else "",
        "dependsOn": [
            context for context in pair["context"] if context["group"] in pair["depends_on"]
        ],
        "context": [
            context for context in pair["context"] if context["group"] not in pair["depends_on"]
        ],
        "sequences": found and {**found, "means": meaning(pair | found)},
        "noSequences": pair["no_sequences"],
    }


def meaning(pair: dict) -> str:
    """Return what the name of a pair says, with its groups put in."""
    acting = pair["acting"]
    other = {"a": "b", "b": "a"}.get(acting, "")
    words = {"acting": _called(pair.get(acting, ())), "other": _called(pair.get(other, ()))}
    return _MEANS[pair["name"]].format(**words)


def _called(group: Sequence[int]) -> str:
    return "ch " + ", ".join(map(str, group))


def _alike(pair: dict, kernels: NDArray | None) -> str:
    """Say when two groups read one motif, which makes them redundant without any logic."""
    if kernels is None:
        return ""
    found = ("", _ALIKE)
    for a in pair["a"]:
        for b in pair["b"]:
            for words, other in (
                ("the two strands of one motif", kernels[b][::-1, ::-1]),
                ("one motif", kernels[b]),
            ):
                fit = _fit(kernels[a], other)
                if fit > found[1]:
                    found = (words, fit)
    return found[0]


def _fit(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the best correlation of two filters (offset, base) as one moves along the other."""
    n = len(first)
    best = 0.0
    for shift in range(-n, n + 1):
        one, other = (first[shift:], second) if shift >= 0 else (first, second[-shift:])
        size = min(len(one), len(other))
        if size < _OVERLAP * n:
            continue
        x, y = one[:size].ravel(), other[:size].ravel()
        x, y = x - x.mean(), y - y.mean()
        norm = np.linalg.norm(x) * np.linalg.norm(y)
        best = max(best, float(x @ y / norm) if norm > 0 else 0.0)
    return best
