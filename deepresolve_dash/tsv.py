"""Cells of tab-separated tables: no text of others is a formula when a spreadsheet opens them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

_FORMULA = re.compile(r"'*\s*[=+\-@\t\r]")  # with the marks that may stand before it already
_QUOTED = re.compile(r"'+\s*[=+\-@\t\r]")
_ENDS = re.compile(r"[\t\r\n\v\f\x00\x1c-\x1e\x85\u2028\u2029]+")


def guarded(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would take for a formula.

    A text that looks guarded already gets another one, so that `unguarded` gives any text back.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` wrote."""
    return text[1:] if _QUOTED.match(text) else text


def plain_text(text: str) -> str:
    """Return a text for a cell without quotes: guarded, and on one line."""
    return _ENDS.sub(" ", guarded(text))


def tsv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield rows as lines: texts guarded, seven digits of a number, nothing for what is none."""
    line = io.StringIO()
    writer = csv.writer(line, delimiter="\t", lineterminator="\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return guarded(value)
    if not isinstance(value, (float, np.floating)):
        return value
    return f"{value:.7g}" if np.isfinite(value) else ""
