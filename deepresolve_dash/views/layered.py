"""A layered drawing of a graph: rows by depth, few crossings, chains straight."""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SWEEPS = 12
_GAP = 20.0  # between neighbours in a row
_LANE = 8.0  # width of a line that passes a row
_COLUMN_WEIGHT, _BOX_WEIGHT = 1e6, 10.0  # how firmly they stand, lines 1


@dataclass(frozen=True)
class Layout:
    """Where the boxes of a graph are drawn.

    Attributes
    ----------
    x : float array (box)
        Their middle; the leftmost edge of all is 0.
    row : int array (box)
        From 0.
    lanes : dict
        For each edge the middle of it in each row that it passes, in the order of the rows.
    width : float
        Of the drawing.
    """

    x: NDArray[np.float64]
    row: NDArray[np.int64]
    lanes: dict[tuple[int, int], list[float]]
    width: float


def layered(n: int, edges: Sequence[tuple[int, int]], box: float) -> Layout:
    """Lay out a graph.

    *Choice:* rows by the longest way from a start; a box without a source stands just above what
    takes it. Orders within rows by the middle of neighbours, swept over; the sweep with the fewest
    crossings counts. The longest way is a straight column; the rest stands as close to its
    neighbours as order and gaps allow (weighted isotonic regression).

    Parameters
    ----------
    n : int
        Boxes, in an order in which sources come first.
    edges : sequence of (source, target)
        One that points to an earlier box is laid out as if it were turned round.
    box : float
        Width of a box.
    """
    forward = [(min(edge), max(edge)) for edge in edges]
    row = find_rows(n, forward)
    items_row, lines = [*row], {}
    for edge, (source, target) in zip(edges, forward, strict=True):
        passed = range(row[source] + 1, row[target])
        lines[edge] = list(range(len(items_row), len(items_row) + len(passed)))
        items_row += passed
    links = [
        pair
        for edge, (source, target) in zip(edges, forward, strict=True)
        for pair in _pairs([source, *lines[edge], target])
    ]
    n_items = len(items_row)
    near = _neighbours(n_items, links)
    rows: list[list[int]] = [[] for _ in range(max(items_row, default=-1) + 1)]
    for item, place in enumerate(items_row):
        rows[place].append(item)
    rows = _order(rows, near, n_items)
    weights = np.array([_BOX_WEIGHT] * n + [1.0] * (n_items - n))
    weights[_longest_way(row, forward)] = _COLUMN_WEIGHT
    widths = np.array([box] * n + [_LANE] * (n_items - n))
    x = _place(rows, near, widths, weights)
    x -= (x - widths / 2).min(initial=0.0)
    width = float((x + widths / 2).max(initial=0.0))
    lanes = {edge: [float(x[item]) for item in line] for edge, line in lines.items()}
    return Layout(x[:n], np.array(row, dtype=np.int64), lanes, width)


def find_rows(n: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the row of each box; edges go from an earlier box to a later one."""
    row = [0] * n
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        row[target] = max(row[target], row[source] + 1)
    targets = {target for _, target in edges}
    for box in (box for box in range(1, n) if box not in targets):
        after = [row[target] for source, target in edges if source == box]
        row[box] = min(after, default=1) - 1
    return row


def _pairs(items: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(items, items[1:], strict=False))


def _neighbours(n: int, links: Sequence[tuple[int, int]]) -> tuple[list[list[int]], ...]:
    """Return what lies above and below each item."""
    above: list[list[int]] = [[] for _ in range(n)]
    below: list[list[int]] = [[] for _ in range(n)]
    for upper, lower in links:
        above[lower].append(upper)
        below[upper].append(lower)
    return above, below


def _longest_way(row: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the boxes of a way through all rows, from the last one up."""
    above = {target: source for source, target in reversed(edges) if row[source] + 1 == row[target]}
    way = [max(range(len(row)), key=lambda box: row[box])] if row else []
    while way and way[-1] in above:
        way.append(above[way[-1]])
    return way


def _order(rows: list[list[int]], near: tuple[list[list[int]], ...], n: int) -> list[list[int]]:
    """Sort each row by the middle of its items' neighbours, down and up in turn."""
    place = [0.0] * n
    for items in rows:
        _number(items, place)
    best, fewest = [list(items) for items in rows], _crossings(rows, near[1], place)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for items in rows if down else reversed(rows):
            aim = {item: _middle(near[not down][item], place, place[item]) for item in items}
            items.sort(key=lambda item, aim=aim: (aim[item], place[item]))
            _number(items, place)
        found = _crossings(rows, near[1], place)
        if found < fewest:
            best, fewest = [list(items) for items in rows], found
    return best


def _middle(seen: Sequence[int], place: Sequence[float] | NDArray, otherwise: float) -> float:
    """Return the mean place of some items."""
    return sum(place[one] for one in seen) / len(seen) if seen else otherwise


def _number(items: list[int], place: list[float]) -> None:
    """Count the places of a row from its middle, so that rows of another length compare."""
    for at, item in enumerate(items):
        place[item] = at - (len(items) - 1) / 2


def _crossings(rows: list[list[int]], below: list[list[int]], place: Sequence[float]) -> int:
    """Count how often lines between neighbouring rows cross."""
    found = 0
    for items in rows:
        passed: list[float] = []  # where the lines further left end, sorted
        for item in items:
            ends = sorted(place[one] for one in below[item])
            found += sum(len(passed) - bisect_right(passed, end) for end in ends)
            for end in ends:
                insort(passed, end)
    return found


def _place(
    rows: list[list[int]], near: tuple[list[list[int]], ...], widths: NDArray, weights: NDArray
) -> NDArray[np.float64]:
    """Return the middle of each item; the column stands at 0."""
    x = np.zeros(len(widths))
    for sweep in range(2 * _SWEEPS):
        for items in rows if sweep % 2 == 0 else reversed(rows):
            aims = [
                0.0
                if weights[item] == _COLUMN_WEIGHT
                else _middle(_alike(near[0][item] + near[1][item], item, weights), x, x[item])
                for item in items
            ]
            x[items] = _spread(np.array(aims), widths[items], weights[items])
    return x


def _alike(seen: list[int], item: int, weights: NDArray) -> list[int]:
    """Return the neighbours of a line that are lines, those of a box that are boxes, else all."""
    return [one for one in seen if (weights[one] == 1) == (weights[item] == 1)] or seen


def _spread(aims: NDArray, widths: NDArray, weights: NDArray) -> NDArray[np.float64]:
    """Return the positions closest to the aims (least squares) that keep order and gaps."""
    gaps = (widths[1:] + widths[:-1]) / 2 + _GAP
    offsets = np.concatenate([[0.0], np.cumsum(gaps)])
    blocks: list[tuple[float, float, int]] = []  # level, weight and count of what stands together
    for aim, weight in zip(aims - offsets, weights, strict=True):
        blocks.append((float(aim), float(weight), 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            right, left = blocks.pop(), blocks.pop()
            total = left[1] + right[1]
            level = (left[0] * left[1] + right[0] * right[1]) / total
            blocks.append((level, total, left[2] + right[2]))
    return np.array([level for level, _, count in blocks for _ in range(count)]) + offsets
