"""A verifier's answer as lines to read."""

from collections.abc import Sequence

from deepresolve_dash.core.interactions.square import ADDITIVE

POOR = (
    "No group of channels is rare in shuffled sequences as a motif would be: the test needs "
    "sequences that contain the motifs."
)
_CORNERS = ("neither", "a", "b", "both")


def answer_text(answer: dict, name: str) -> str:
    """Return an answer as a table: called pairs first, with the square in sequences below each.

    Parameters
    ----------
    answer : dict
        What `answer_question` returned.
    name : str
        Of the class.
    """
    groups = [group for group in answer["groups"] if group["top"]]
    null, pairs = answer["null"], answer["pairs"]
    lines = [
        f"Class {answer['class']} {name}: {len(groups)} of {len(answer['groups'])} groups of "
        f"channels move the logit, {len(pairs)} pairs tested over {answer['n_backgrounds']} "
        f"backgrounds, donors from {answer['n_real']} sequences"
    ]
    if answer["poor"]:
        lines.append(POOR)
    if not pairs:
        return "\n".join([*lines, "There are not two groups of channels to test."])
    lines.append(
        f"|I| between random groups: 95% below {null['q95']:.2f}, 99% below {null['q99']:.2f} logit"
    )
    called = [pair for pair in pairs if pair["called"]]
    rest = [pair for pair in pairs if not pair["called"]]
    lines.append(f"{len(called)} called interactions")
    for pair in [*called, *rest]:
        lines += _pair_lines(pair)
    return "\n".join(lines)


def _pair_lines(pair: dict) -> list[str]:
    low, high = pair["interval"]
    lines = [
        f"  {title(pair):<13} a {_channels(pair['a'])}  b {_channels(pair['b'])}  "
        f"I {pair['interaction']:+.2f} [{low:+.2f}, {high:+.2f}]  {_corners(pair['f'])}"
    ]
    if pair["decision"] and pair["name"] == ADDITIVE:
        lines[0] += f"  {pair['decision']} at the threshold"
    found = pair["sequences"]
    if found:
        agrees = "agree" if found["agrees"] else "do not agree"
        lines.append(
            f"    sequences {agrees}: {title(found)}, I {found['interaction']:+.2f} "
            f"[{found['interval'][0]:+.2f}, {found['interval'][1]:+.2f}]  {_corners(found['f'])}"
        )
    elif pair["no_sequences"]:
        lines.append(f"    sequences: {pair['no_sequences']}")
    if pair["depends_on"]:
        others = "; ".join(_channels(group) for group in pair["depends_on"])
        lines.append(f"    depends on {others}")
    return lines


def title(reading: dict) -> str:
    """Return the name of a square, with the group that acts where one does."""
    who = {"veto": "vetoes", "rescue": "rescues", "one-only": "alone"}.get(reading["name"], "")
    return (
        f"{reading['name']} ({reading['acting']} {who})" if reading["acting"] else reading["name"]
    )


def _channels(group: Sequence[int]) -> str:
    return ",".join(map(str, group))


def _corners(values: Sequence[float]) -> str:
    return ", ".join(f"{name} {f:+.2f}" for name, f in zip(_CORNERS, values, strict=True))
