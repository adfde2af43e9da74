"""The receptive-field ascent on heads whose best sequence is known."""

import numpy as np
import torch

from deepresolve_dash.motifs.ascent import Rows, ascend, contributions


def rows_of(inputs, begin, channel):
    n = len(inputs)
    return Rows(inputs, torch.full((n,), begin), torch.tensor(channel), torch.zeros(n).long())


def linear_head(weight):
    """Channel k: <w_k, x> over the whole input: (n, 4, length) -> (n, channel, 1)."""
    w = torch.as_tensor(weight, dtype=torch.float32)
    return lambda x: torch.einsum("nbl,kbl->nk", x, w)[:, :, None]


def start(n, length, seed=0):
    letters = torch.randint(4, (n, length), generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.one_hot(letters, 4).transpose(1, 2).float()


def test_a_linear_channel_arrives_at_its_weights_with_the_norm_of_the_start():
    weight = np.random.default_rng(0).normal(size=(3, 4, 7))
    inputs = start(5, 7)
    found, value = ascend(
        linear_head(weight), rows_of(inputs, 0, [0, 1, 2, 0, 1]), width=7, n_steps=60
    )
    for row, channel in enumerate([0, 1, 2, 0, 1]):
        centred = weight[channel] - weight[channel].mean(axis=0)
        expected = centred / np.linalg.norm(centred) * np.sqrt(7 * 0.75)
        np.testing.assert_allclose(found[row].numpy(), expected, atol=2e-3)
    assert (value > linear_head(weight)(inputs)[range(5), [0, 1, 2, 0, 1], 0]).all()


def test_only_the_frame_moves():
    weight = np.zeros((1, 4, 11))
    weight[0, 2, 3:6] = 1
    weight[0, 1, 0] = 99  # beyond the frame: never seen
    found, _ = ascend(linear_head(weight), rows_of(start(2, 11), 3, [0, 0]), width=3, n_steps=60)
    assert found.shape == (2, 4, 3)
    assert found.argmax(1).tolist() == [[2, 2, 2]] * 2


def test_the_best_is_kept_and_a_flat_head_stays_at_its_start():
    inputs = start(2, 5)
    found, value = ascend(
        lambda x: (0 * x).sum((1, 2))[:, None, None], rows_of(inputs, 0, [0, 0]), width=5, n_steps=9
    )
    np.testing.assert_allclose(found.numpy(), inputs.numpy() - 0.25)
    assert value.tolist() == [0, 0]


def test_rows_do_not_know_of_each_other():
    weight = np.random.default_rng(1).normal(size=(2, 4, 5))

    def crooked(x):
        return torch.relu(linear_head(weight)(x)) ** 2

    inputs = start(6, 5, seed=3)
    together, _ = ascend(crooked, rows_of(inputs, 0, [0, 1] * 3), width=5, n_steps=9)
    alone, _ = ascend(crooked, rows_of(inputs[2:3], 0, [0]), width=5, n_steps=9)
    np.testing.assert_allclose(together[2].numpy(), alone[0].numpy(), atol=1e-6)


def test_a_narrow_head_changes_nothing():
    weight = np.random.default_rng(5).normal(size=(4, 4, 5))
    channel = [1] * 150 + [2] * 140 + [3] * 10
    rows = rows_of(start(300, 5), 0, channel)
    asked = []

    def narrow(low, high):
        asked.append((low, high))
        return linear_head(weight[low:high])

    whole = ascend(linear_head(weight), rows, width=5, n_steps=4)
    some = ascend(linear_head(weight), rows, width=5, n_steps=4, narrow=narrow)
    assert asked == [(1, 3), (2, 4)]
    for ours, theirs in zip(whole, some, strict=True):
        np.testing.assert_allclose(theirs.numpy(), ours.numpy(), atol=1e-6)


def test_progress_is_told_and_no_row_is_no_work():
    told = []
    ascend(linear_head(np.ones((1, 4, 5))), rows_of(start(300, 5), 0, [0] * 300), width=5,
           n_steps=1, progress=lambda done, total: told.append((done, total)))  # fmt: skip
    assert told == [(256, 600), (512, 600), (556, 600), (600, 600)]
    none = rows_of(start(300, 5)[:0], 0, [])
    found, value = ascend(linear_head(np.ones((1, 4, 5))), none, width=5, n_steps=1)
    assert (found.shape, value.shape) == ((0, 4, 5), (0,))


def test_contributions_are_the_weights_of_the_letters_without_their_mean():
    weight = np.random.default_rng(2).normal(size=(1, 4, 6))
    inputs = start(3, 6)
    found = contributions(linear_head(weight), rows_of(inputs, 0, [0] * 3), n=3)
    centred = weight[0] - weight[0].mean(axis=0)
    np.testing.assert_allclose(found.numpy(), (inputs.numpy() * centred).sum(axis=1), atol=1e-5)
