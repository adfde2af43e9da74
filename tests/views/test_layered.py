"""The layered drawing: rows, straight chains, no overlaps, few crossings."""

import itertools

import numpy as np
import pytest

from deepresolve_dash.views.layered import layered

BOX = 100.0


def chain(n, *more):
    return [*itertools.pairwise(range(n)), *more]


def apart(layout):
    """Return the smallest distance between the edges of boxes of one row."""
    found = []
    for row in set(layout.row):
        x = np.sort(layout.x[layout.row == row])
        found += list(np.diff(x) - BOX)
    return min(found, default=np.inf)


def test_a_chain_is_a_straight_column():
    layout = layered(5, chain(5), BOX)
    assert list(layout.row) == [0, 1, 2, 3, 4]
    assert set(layout.x) == {BOX / 2}
    assert layout.width == BOX
    assert all(lanes == [] for lanes in layout.lanes.values())


def test_a_shortcut_passes_beside_the_column():
    layout = layered(6, chain(6, (1, 4)), BOX)
    assert np.ptp(layout.x) == pytest.approx(0, abs=0.01)
    passed = layout.lanes[(1, 4)]
    assert len(passed) == 2
    assert all(abs(x - layout.x[0]) > BOX / 2 for x in passed)
    assert np.ptp(passed) == pytest.approx(0, abs=0.5)  # straight down
    assert layout.width > BOX


def test_branches_stand_side_by_side():
    edges = [(0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 5)]
    layout = layered(6, edges, BOX)
    assert list(layout.row) == [0, 1, 1, 2, 2, 3]
    assert apart(layout) > 0
    assert layout.x[1] == pytest.approx(layout.x[3], abs=1)
    assert layout.x[2] == pytest.approx(layout.x[4], abs=1)


def test_crossed_branches_are_uncrossed():
    edges = [(0, 1), (0, 2), (1, 4), (2, 3), (3, 5), (4, 6)]
    layout = layered(7, edges, BOX)
    assert (layout.x[1] < layout.x[2]) == (layout.x[4] < layout.x[3])


def test_a_source_stands_just_above_what_takes_it():
    layout = layered(6, [(0, 1), (1, 3), (3, 4), (2, 4), (4, 5)], BOX)
    assert layout.row[2] == layout.row[4] - 1
    assert layout.row[0] == 0


def test_a_line_back_is_laid_out_as_one_forward():
    layout = layered(4, [(0, 1), (1, 3), (2, 3), (3, 2)], BOX)
    assert layout.lanes[(3, 2)] == []
    assert layout.row[3] > layout.row[2]


def test_a_residual_network_of_sixty_layers_stays_narrow():
    shortcuts = [(start, start + 4) for start in range(1, 56, 4)]
    layout = layered(60, chain(60, *shortcuts), BOX)
    assert np.ptp(layout.x) == pytest.approx(0, abs=0.01)
    assert layout.width < 1.5 * BOX
    assert layout.row.max() == 59


def test_any_graph_keeps_its_boxes_apart():
    generator = np.random.default_rng(3)
    for _ in range(10):
        n = int(generator.integers(2, 25))
        drawn = (sorted(generator.choice(n, 2, replace=False).tolist()) for _ in range(n))
        pairs = {(source, target) for source, target in drawn}
        layout = layered(n, sorted(pairs), BOX)
        assert apart(layout) > 0
        assert layout.x.min() >= BOX / 2 - 1e-9
        assert layout.x.max() <= layout.width - BOX / 2 + 1e-9
        assert all(layout.row[target] > layout.row[source] for source, target in pairs)


def test_nothing_is_drawn_of_nothing():
    assert layered(0, [], BOX).width == 0
    assert layered(1, [], BOX).width == BOX
