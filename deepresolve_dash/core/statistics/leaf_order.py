"""The order in which the leaves of a tree are drawn.

SciPy's `optimal_leaf_ordering` finds the length of the best order and returns another (its issue
11227, open since 2019), so that the order is found here.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list
from scipy.spatial.distance import squareform

MOST_OPTIMAL = 2000
"""Leaves up to which the order is optimal."""
_CELLS = 1_000_000  # numbers that are added at once


def in_order(tree: NDArray[np.float64], distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a tree with its branches turned so that neighbours are alike.

    *Choice:* the optimal order up to 2,000 leaves, and Gruvaeus and Wainer's above: the time of the
    optimal order grows with the cube of the leaves.

    Parameters
    ----------
    tree : float array (leaves - 1, 4)
        SciPy's linkage.
    distance : float array
        Condensed distances between the leaves.
    """
    if len(tree) < MOST_OPTIMAL:
        return optimal(tree, distance)
    return joined_at_near_ends(tree, distance)


def optimal(tree: NDArray[np.float64], distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a tree turned so that the sum of distances between neighbours is the least.

    *Source:* Bar-Joseph, Gifford and Jaakkola (2001), Fast optimal leaf ordering for hierarchical
    clustering.

    Parameters
    ----------
    tree : float array (leaves - 1, 4)
        SciPy's linkage.
    distance : float array
        Condensed distances between the leaves.

    Returns
    -------
    float array (leaves - 1, 4)
    """
    n, place = len(tree) + 1, np.empty(len(tree) + 1, int)
    listed = leaves_list(tree)
    place[listed] = np.arange(n)
    between = squareform(distance)[np.ix_(listed, listed)]
    spans = [slice(at, at + 1) for at in place]  # leaves of each branch, by place in the list
    parts: list[tuple[slice, slice] | None] = [None] * n
    shortest = np.zeros((n, n))  # of the branch in which two leaves meet, with these at its ends
    for a, b in tree[:, :2].astype(int):
        left, right = spans[a], spans[b]
        reached = np.concatenate(
            [
                _least_sums(shortest[near, far], between[far, right])
                for near, far in _ends(left, parts[a])
            ]
        )
        block = np.concatenate(
            [
                _least_sums(reached[:, _within(far, right)], shortest[far, near])
                for near, far in _ends(right, parts[b])
            ],
            axis=1,
        )
        shortest[left, right], shortest[right, left] = block, block.T
        spans.append(slice(left.start, right.stop))
        parts.append((left, right))
    return _turned(tree, spans, parts, shortest, between)


def _ends(span: slice, halves: tuple[slice, slice] | None) -> list[tuple[slice, slice]]:
    """Return where one end of a branch can lie, and the other end then."""
    return [(span, span)] if halves is None else [halves, (halves[1], halves[0])]


def _within(part: slice, span: slice) -> slice:
    """Return where a part is in its span."""
    return slice(part.start - span.start, part.stop - span.start)


def _least_sums(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the least of first[i, k] + second[k, j] over k."""
    step = max(1, _CELLS // max(1, second.size))
    rows = range(0, len(first), step)
    return np.concatenate([(first[i : i + step, :, None] + second).min(axis=1) for i in rows])


def _turned(
    tree: NDArray[np.float64],
    spans: list[slice],
    parts: list[tuple[slice, slice] | None],
    shortest: NDArray[np.float64],
    between: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the tree turned as the shortest order has it, from the root down."""
    n, found = len(tree) + 1, tree.copy()
    left, right = parts[-1] or (spans[-1], spans[-1])
    i, j = np.unravel_index(np.argmin(shortest[left, right]), shortest[left, right].shape)
    open_branches = [(2 * n - 2, left.start + int(i), right.start + int(j))]
    while open_branches:
        branch, first, last = open_branches.pop()
        if branch < n:
            continue
        children = tree[branch - n, :2].astype(int)
        if not spans[children[0]].start <= first < spans[children[0]].stop:
            children = children[::-1]
        found[branch - n, :2] = children
        a, b = children
        far_a = _other_end(spans[a], parts[a], first)
        far_b = _other_end(spans[b], parts[b], last)
        sums = shortest[first, far_a, None] + between[far_a, far_b] + shortest[None, last, far_b]
        k, m = np.unravel_index(np.argmin(sums), sums.shape)
        open_branches.append((a, first, far_a.start + int(k)))
        open_branches.append((b, far_b.start + int(m), last))
    return found


def _other_end(span: slice, halves: tuple[slice, slice] | None, leaf: int) -> slice:
    """Return where the other end of a branch can lie."""
    return next(far for near, far in _ends(span, halves) if near.start <= leaf < near.stop)


def joined_at_near_ends(
    tree: NDArray[np.float64], distance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a tree in which each join brings the two nearest ends of its branches together.

    *Source:* Gruvaeus and Wainer (1972), Two additions to hierarchical cluster analysis.

    Parameters
    ----------
    tree : float array (leaves - 1, 4)
        SciPy's linkage.
    distance : float array
        Condensed distances between the leaves.

    Returns
    -------
    float array (leaves - 1, 4)
    """
    n, between = len(tree) + 1, squareform(distance)
    ends = [(leaf, leaf) for leaf in range(n)]  # first and last leaf of each branch
    turned = np.zeros((len(tree), 2), bool)
    children = tree[:, :2].astype(int)
    for i, (a, b) in enumerate(children):
        (a_first, a_last), (b_first, b_last) = ends[a], ends[b]
        gaps = between[[a_last, a_last, a_first, a_first], [b_first, b_last, b_first, b_last]]
        turned[i] = divmod(int(np.argmin(gaps)), 2)
        left, right = ends[a][:: -1 if turned[i, 0] else 1], ends[b][:: -1 if turned[i, 1] else 1]
        ends.append((left[0], right[1]))
    mirrored, found = np.zeros(n + len(tree), bool), tree.copy()
    for i in reversed(range(len(tree))):
        mirrored[children[i]] = mirrored[n + i] ^ turned[i]
        if mirrored[n + i]:
            found[i, :2] = found[i, 1::-1]
    return found
