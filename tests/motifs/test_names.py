"""Names for faces: p-values by hand, every motif finds itself, the null line."""

import numpy as np
import pytest

from deepresolve_dash.motifs.faces import ACTIVATION, ASCENT, FILTER, Face
from deepresolve_dash.motifs.filters import reverse_complement
from deepresolve_dash.motifs.jaspar import Motif, jaspar_motifs
from deepresolve_dash.motifs.matching import match
from deepresolve_dash.motifs.names import (
    best_name,
    corrected_p,
    match_faces,
    named,
    null_line,
    queries_of,
)


@pytest.fixture(scope="module")
def targets():
    every = jaspar_motifs("JASPAR2016")
    return {name: every[name] for name in list(every)[::13]}


def framed(matrix, channel, *, name=ACTIVATION, facet=0, before=5, after=6):
    blank = np.full((1, 4), 0.25)
    whole = np.concatenate([np.repeat(blank, before, 0), matrix, np.repeat(blank, after, 0)])
    return Face(channel, name, facet, whole, 20, 1.0)


@pytest.fixture(scope="module")
def matches(targets):
    """Every target as the activation face of a channel, every third on the other strand."""
    faces = [
        framed(reverse_complement(motif.pwm) if place % 3 == 2 else motif.pwm, place)
        for place, motif in enumerate(targets.values())
    ]
    first = list(targets.values())[0].pwm
    faces += [framed(first, 90, name=FILTER), framed(first, 90, name=ASCENT, facet=1)]
    return match_faces(faces, targets, title="a part", database_id="x")


def test_p_values_of_motifs_of_one_position_are_those_of_hand():
    """One column against 40: a column as near or nearer, on the better of two strands."""
    weights = np.linspace(0.05, 0.95, 40)
    rest = 1 - weights
    columns = np.stack([weights, 0.5 * rest, 0.3 * rest, 0.2 * rest], axis=1)
    small = {f"M{i}": Motif(f"M{i}", "", one[None]) for i, one in enumerate(columns)}
    found = match([columns[[39]]], small)
    rank = np.arange(40, 0, -1)  # the last column is the query, the one before it next
    share = rank / 80  # of the columns of both strands
    np.testing.assert_allclose(found.p_value[0, 20:], (1 - (1 - share) ** 2)[20:], atol=1e-9)
    assert (found.strand[0, 20:] == "+").all()


def test_every_motif_finds_itself(matches, targets):
    for channel, motif in enumerate(targets.values()):
        hit = best_name(matches, channel)
        if hit.id != motif.id:  # an identical motif under another id
            assert hit.p_value == pytest.approx(named(matches, channel)[1].p_value, rel=1e-6)
        assert hit.q_value < 0.05
        assert hit.strand == ("-" if channel % 3 == 2 else "+")


def test_the_matrix_shown_is_the_matrix_matched(matches, targets):
    first = next(iter(targets.values()))
    hit = best_name(matches, 0)
    assert hit.offset == int(matches["start"].values[0]) - 5
    np.testing.assert_allclose(hit.pwm, first.pwm, atol=1e-6)
    inside = slice(hit.offset, hit.offset + len(hit.matrix))
    np.testing.assert_allclose(hit.matrix, first.pwm[inside], atol=1e-6)
    again = match([hit.matrix], targets)
    assert again.p_value.min() == pytest.approx(hit.p_value, rel=1e-3)


def test_a_filter_is_matched_whole_and_facets_stay_apart(matches):
    rows = queries_of(matches, 90)
    assert matches["face"].values[rows].tolist() == [FILTER, ASCENT]
    whole, part = (matches["stop"].values[row] - matches["start"].values[row] for row in rows)
    assert whole > part
    assert best_name(matches, 90, name=ASCENT) is None
    assert best_name(matches, 90, name=ASCENT, facet=None).facet == 1
    assert best_name(matches, 7777) is None


def test_a_channel_is_matched_as_well_as_its_best_e_value(matches, targets):
    found = corrected_p(matches, 95, name=ACTIVATION)
    n = len(targets)
    assert np.isfinite(found[:n]).all()
    assert np.isnan(found[n:]).all()
    assert found[3] == pytest.approx(best_name(matches, 3).e_value)
    assert np.nanmax(found) <= 1


def test_e_is_p_times_targets_and_ranks_rise(matches, targets):
    p_value, e_value = matches["p_value"].values, matches["e_value"].values
    np.testing.assert_allclose(e_value, p_value * len(targets))
    assert (np.diff(p_value, axis=1) >= 0).all()
    assert matches.attrs["n_targets"] == len(targets)


def test_shuffled_columns_match_worse_than_motifs_do(matches):
    assert np.median(matches["p_value"].values[:, 0]) < null_line(matches) < 1
    assert (matches["control_p"].values > 0).all()


def test_no_face_gives_no_match(targets):
    found = match_faces([], targets, title="a part", database_id="x")
    assert found.sizes["query"] == 0
    assert null_line(found) == 1
