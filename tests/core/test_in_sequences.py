import numpy as np
import pytest
import torch

from deepresolve_dash.core.ascent.base import feature_maps
from deepresolve_dash.core.interactions.fragments import Fragments, Window, find_fragments
from deepresolve_dash.core.interactions.in_sequences import _draw_places, square_in_sequences
from deepresolve_dash.core.interactions.settings import InteractionSettings
from deepresolve_dash.core.interactions.verdict import Pair
from deepresolve_dash.networks.sequences import one_hot, random_sequences

MOTIFS = ("ACGTTGCA", "GGATCCTT")
LENGTH, WIDTH, N = 60, 8, 90
SETTINGS = InteractionSettings(n_fragments=5, n_insertions=11, n_resamples=100)
KERNEL = torch.from_numpy(one_hot(MOTIFS, length=WIDTH))


def head(x):
    """One channel a motif: above 0 where six letters of it or more are there."""
    return torch.nn.functional.conv1d(x, KERNEL, bias=torch.tensor([-6.0, -6.0])).relu()


def score(x):
    a, b = ((head(x).amax(dim=2)[:, k] / 2).clamp(0, 1) for k in (0, 1))
    return 6 * (a + b - 2 * a * b) - 3


@pytest.fixture(scope="module")
def sequences():
    """Sequences of which every other one holds each motif."""
    generator = np.random.default_rng(0)
    made = random_sequences(generator, N, LENGTH)
    for motif in (0, 1):
        for row in range(motif, N, motif + 2):
            start = generator.integers(LENGTH - WIDTH + 1)
            made[row, :, start : start + WIDTH] = KERNEL[motif].numpy()
    return torch.from_numpy(made)


def pair(interaction, called=True):
    values = (-3.0, 3.0, 3.0, -3.0)
    return Pair(
        (0,), (1,), values, interaction, (0, 0), 6, called, "XOR-like", "", "XOR", False, (), ()
    )


@pytest.mark.parametrize("pooled", [False, True])
def test_fragments_are_the_motifs_also_behind_global_pooling(sequences, pooled):
    whole = (lambda x: head(x).amax(dim=2, keepdim=True)) if pooled else head
    window = Window(LENGTH, 0, 0) if pooled else Window(WIDTH, 1, 0)
    real = feature_maps(whole, sequences)
    for motif in (0, 1):
        found = find_fragments(whole, sequences, real, (motif,), window, n=4)
        assert found.widths.tolist() == [12 if pooled else WIDTH] * 4
        on = head(found.letters).amax(dim=2)[:, motif]
        np.testing.assert_allclose(on.numpy(), 2)


def test_the_square_in_sequences_is_that_of_the_network(sequences):
    real = feature_maps(head, sequences)
    fragments = tuple(
        find_fragments(head, sequences, real, (k,), Window(WIDTH, 1, 0), n=5) for k in (0, 1)
    )
    shuffled = torch.from_numpy(random_sequences(np.random.default_rng(5), 11, LENGTH))
    values = {"settings": SETTINGS, "generator": np.random.default_rng(0)}
    found = square_in_sequences(score, shuffled, pair(-12), fragments, **values)
    assert (found.called, found.name, found.agrees) == (True, "XOR-like", True)
    assert found.interaction == pytest.approx(-12, abs=3)  # a motif may be there by chance
    assert found.interval[0] <= found.interaction <= found.interval[1]
    assert (found.n_fragments, found.n_sequences, found.fragment_bp) == (5, 11, (8, 8))
    for other in (pair(12), pair(-12, called=False)):
        assert not square_in_sequences(score, shuffled, other, fragments, **values).agrees


def test_fragments_that_do_not_fit_have_no_square():
    long = Fragments(torch.zeros(2, 4, 31), np.array([31, 31]))
    found = square_in_sequences(
        score, torch.zeros(3, 4, LENGTH), pair(1), (long, long),
        settings=SETTINGS, generator=np.random.default_rng(0),
    )  # fmt: skip
    assert found is None


def test_places_never_overlap_and_stay_inside():
    a, b = np.full(500, 7), np.full(500, 13)
    places = _draw_places(a, b, 23, np.random.default_rng(0))
    first = places.a < places.b
    assert (np.where(first, places.a + a <= places.b, places.b + b <= places.a)).all()
    assert min(places.a.min(), places.b.min()) == 0
    assert max((places.a + a).max(), (places.b + b).max()) == 23
    assert 0.4 < first.mean() < 0.6
