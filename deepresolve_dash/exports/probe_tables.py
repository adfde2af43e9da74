"""What was found out about one sequence as tab-separated tables."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from deepresolve_dash.probe.found import Bases, Reading
from deepresolve_dash.tsv import tsv_lines


def scores(names: Sequence[str], reading: Reading, other: Reading | None = None) -> str:
    """One row per class: logit and probability; with another sequence its own and the difference.

    The difference is that of the logits, the first less the second.
    """
    columns = [("logit", reading.logits), ("probability", reading.probabilities)]
    if other is not None:
        columns += [
            ("second.logit", other.logits),
            ("second.probability", other.probabilities),
            ("difference", reading.logits - other.logits),
        ]
    rows = zip(range(len(names)), names, *(values for _, values in columns), strict=True)
    return _table(["index", "class", *(name for name, _ in columns)], rows)


def bases(letters: str, found: Bases) -> str:
    """One row per place, from 1: change of the logit by each mutation, and what the base gives it.

    `mutagenesis` is the mean loss when the base becomes another one, `gradient` its integrated
    gradient from N; both in logits.
    """
    known = [letter != "N" for letter in letters]
    effect = np.where(known, found.effect, np.nan)
    changes = found.change.T
    rows = zip(range(1, len(letters) + 1), letters, *changes, effect, found.gradient, strict=True)
    return _table(
        ["position", "base", "to_A", "to_C", "to_G", "to_T", "mutagenesis", "gradient"], rows
    )


def channels(reading: Reading, called: Mapping[str, str]) -> str:
    """One row per channel: its largest activation and the bases, from 1, that this place sees."""
    rows = []
    for channel, track in enumerate(reading.maps):
        place = int(track.argmax())
        first = reading.offset + reading.stride * place + 1
        rows.append(
            (channel, called.get(str(channel), ""), track[place], first, first + reading.width - 1)
        )
    return _table(["channel", "motif", "activation", "first", "last"], rows)


def _table(header: Sequence[str], rows: Iterable[Sequence]) -> str:
    return "".join(tsv_lines([header, *rows]))
