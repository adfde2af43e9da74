"""What is said of a network: one line in a list, and the rows of its card."""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from deepresolve_dash.views import measures

_WORDS = re.compile(r"\b[ACGT]{4}\b")


class Layer(NamedTuple):
    """A layer as a row: its size, what a position sees, whether to cut there or why not."""

    name: str
    kind: str
    size: str
    sees: str
    can_cut: bool
    advised: bool
    why_not: str


class Choice(NamedTuple):
    """What can be chosen of an input beside the sequence, or of an output with positions.

    `value` is what is chosen now, `alike` whether the input has the shape of the sequence, and
    `fits` says what may be typed.
    """

    kind: str
    name: str
    value: str
    alike: bool
    fits: str


def choice(card: Mapping, finding: Mapping) -> Choice | None:
    """Return what can be chosen where a finding stands; None when there is nothing."""
    for one in card.get("choices", ()):  # not in a card that was made earlier
        if finding["what"].startswith(one["start"]):
            return Choice(
                one["kind"], one["name"], one["value"], one.get("alike", False), _fits(one)
            )
    return None


def _fits(one: Mapping) -> str:
    """Say what may be typed for a choice."""
    if one["kind"] == "positions":
        return f"0 to {one['n'] - 1:,}"
    total = math.prod(one["shape"])
    along = [f"{size:,}" for size in dict.fromkeys(one["shape"]) if size > 1]
    if len(along) < 2:
        return f"one number, or {total:,} of them" if total > 1 else "one number"
    return f"one number; {' or '.join(along)}, along an axis; or all {total:,}"


def facts(card: Mapping) -> list[tuple[str, str]]:
    """Return the facts of a card as rows of a name and its value."""
    removed, taken = card["removed_activation"], card["input"]
    unknown = taken.get("unknown_base", 0.25)  # a card that was made earlier does not tell
    rows = [
        ("format", card["format"]),
        ("input", f"{taken['length']:,} bp, rows {taken['alphabet']}, N is {unknown:g}"),
        ("outputs", ", ".join(f"{one['name']} ({one['n']:,})" for one in card["outputs"])),
        ("scores", f"before the final {removed}" if removed else "the output itself"),
        ("advised cut", card["advised_layer"] or "none: it cannot be cut"),
    ]
    if "parameters" in card:  # not in a card that was made earlier
        rows.append(("parameters", f"{card['parameters']:,}"))
        rows.append(("memory per sequence", f"{measures.size(card['row_bytes'])}, all layers"))
    return rows


def suggested(card: Mapping) -> list[str]:
    """Return the orders of the bases that the fixes on a card name, each once."""
    named = (word for one in card["findings"] for word in _WORDS.findall(one["fix"]))
    return list(dict.fromkeys(word for word in named if sorted(word) == list("ACGT")))


def line(card: Mapping) -> dict[str, str]:
    """Return what a list of models says of one."""
    n = sum(one["n"] for one in card["outputs"])
    cuts = [layer["name"] for layer in card["layers"] if layer["can_cut"]]
    return {
        "format": card["format"],
        "input": f"{card['input']['length']:,} bp",
        "classes": f"{n:,}",
        "cut": card["advised_layer"] or "cannot be cut",
        "more": f"and {len(cuts) - 1} more" if len(cuts) > 1 else "",
    }


def layers(card: Mapping) -> list[Layer]:
    """Return the layers of a network in order."""
    return [
        Layer(
            one["name"],
            one["kind"],
            size(one["channels"], one["width"]),
            f"{one['receptive_field_bp']:,} bp" if one["receptive_field_bp"] else "–",
            one["can_cut"],
            one["name"] == card["advised_layer"],
            one["why_not"] or "",
        )
        for one in card["layers"]
    ]


def size(channels: int | None, width: int | None) -> str:
    """Return channels x width in words."""
    return f"{channels:,} × {width:,}" if channels and width else "–"
