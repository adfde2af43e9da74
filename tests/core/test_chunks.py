"""Chunks of rows: other sizes, devices and too little memory give the same numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from deepresolve_dash.core.ascent import ascend as module
from deepresolve_dash.core.ascent import memory
from deepresolve_dash.core.ascent.ascend import join
from deepresolve_dash.core.ascent.base import Base
from deepresolve_dash.core.ascent.preview import precision_agreement
from deepresolve_dash.core.ascent.rows import chunks, make_rows
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.convolution import conv1d, tile_length
from tests.planted import CHANNELS, WIDTH, crooked_tail

TOLERANCE = 1e-3  # of the largest objective or mean FIV


@pytest.fixture
def base() -> Base:
    generator = torch.Generator().manual_seed(2)
    return Base(torch.randn(CHANNELS, WIDTH, generator=generator), 2.0)


def ascend(tail, base, **options):
    settings = options.pop("settings", ascent_settings(n_trials=6))
    blocks = module.ascend(tail, [0, 2, 3], base=base, settings=settings, **options)
    return join([regimes for _, regimes in blocks])


def assert_close(found, expected):
    for regime, ascent in found.items():
        theirs = expected[regime]
        for ours, other in ((ascent.objective, theirs.objective), (ascent.fiv, theirs.fiv)):
            tolerance = TOLERANCE * float(np.abs(other).max())
            assert ours.mean(1) == pytest.approx(other.mean(1), abs=tolerance)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_class_means_and_objectives_do_not_depend_on_the_size_of_a_chunk(base, size, monkeypatch):
    expected = ascend(crooked_tail(), base)
    monkeypatch.setattr(module, "fitting_rows", lambda *_: size)
    assert_close(ascend(crooked_tail(), base), expected)


def wide_tail():
    """A convolution that goes to frequency space, a ReLU and outputs: (n, 128, 24) -> (n, 4).

    Of these weights, no trial climbs so near the border of two optima that rounding decides.
    """
    generator = torch.Generator().manual_seed(5)
    kernel = torch.randn(128, 128, 11, generator=generator) / 37
    outputs = torch.randn(128 * 14, 4, generator=generator) / 40
    return lambda h: torch.relu(conv1d(h, kernel)).flatten(1) @ outputs


@pytest.mark.parametrize("size", [1, 7, 64])
def test_nor_do_they_where_small_chunks_are_convolved_in_another_way(size, monkeypatch):
    assert tile_length(128, 128, 11, 24)
    base = Base(torch.rand(128, 24, generator=torch.Generator().manual_seed(2)), 8.0)
    settings = ascent_settings(n_trials=6, steps=40)
    monkeypatch.setattr(module, "fitting_rows", lambda *_: 16)
    expected = ascend(wide_tail(), base, settings=settings)
    monkeypatch.setattr(module, "fitting_rows", lambda *_: size)
    assert_close(ascend(wide_tail(), base, settings=settings), expected)


def test_the_order_of_classes_changes_no_bit_of_them(monkeypatch):
    base = Base(torch.rand(128, 24, generator=torch.Generator().manual_seed(2)), 8.0)
    monkeypatch.setattr(module, "fitting_rows", lambda *_: 16)

    def ascended(classes):
        settings = ascent_settings(n_trials=6, steps=20)
        blocks = module.ascend(wide_tail(), classes, base=base, settings=settings)
        return join([regimes for _, regimes in blocks])

    whole, parts = ascended([0, 1, 2, 3]), [ascended([2, 3]), ascended([0, 1])]
    for name, ascent in whole.items():
        for field, array in vars(ascent).items():
            if array is not None:
                again = np.concatenate([vars(part[name])[field] for part in reversed(parts)])
                assert np.array_equal(array, again, equal_nan=True)


@pytest.mark.parametrize("n_trials", [3, 6, 10, 25, 100])
def test_the_classes_of_a_block_fill_their_chunks(base, n_trials, monkeypatch):
    monkeypatch.setattr(module, "fitting_rows", lambda *_: 128)
    told = []
    settings = ascent_settings(n_trials=n_trials)
    turns = lambda *n: told.append(n) or []  # noqa: E731
    assert not list(
        module.ascend(crooked_tail(), range(3), base=base, settings=settings, turns=turns)
    )
    [(_, slots, block)] = told
    assert slots * n_trials <= 128
    together = min(n_trials, 10)
    every = list(chunks(make_rows(range(block), n_trials), 128))
    assert len(every) == -(-n_trials // together) * block // (128 // together)


@pytest.mark.parametrize("n_classes", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("size", [32, 128, 4096])
def test_few_classes_of_many_trials_fill_their_chunks(n_classes, size):
    every = list(chunks(make_rows(range(7, 7 + n_classes), 100), size))
    assert len(every) <= -(-n_classes * 10 // (size // 10)) + 1
    places = {}
    for chunk in every:
        assert len(set(chunk.places)) == len(chunk.places)
        assert (chunk.index[chunk.places] == chunk.members).all()
        places |= dict(zip(chunk.members, chunk.places, strict=True))
    assert sorted(places) == list(range(n_classes * 100))
    fewer = make_rows([8], 30)
    for chunk in chunks(fewer, size) if n_classes > 1 else ():  # of class 8, as among the others
        assert [places[100 + row] for row in chunk.members] == chunk.places.tolist()


def test_replicas_share_the_work_and_the_numbers_are_the_same(base, monkeypatch):
    monkeypatch.setattr(module, "fitting_rows", lambda *_: 8)
    alone = ascend(crooked_tail(), base)
    threads = set()

    def counted(number):
        tail = crooked_tail()

        def call(h):
            threads.add(number)
            return tail(h)

        return call

    seen = []
    together = ascend(
        counted(0),
        base,
        replicas=[(counted(1), base), (counted(2), base)],
        progress=lambda done, total: seen.append(done / total),
    )
    assert threads == {0, 1, 2}
    assert max(seen) == 1
    for name, ascent in alone.items():
        for field, array in vars(ascent).items():
            other = vars(together[name])[field]
            assert array is None or np.array_equal(other, array, equal_nan=True)


def test_an_error_on_one_device_ends_all(base, monkeypatch):
    monkeypatch.setattr(module, "fitting_rows", lambda *_: 8)

    def broken(h):
        raise ValueError("this device has gone")

    with pytest.raises(ValueError, match="has gone"):
        ascend(crooked_tail(), base, replicas=[(broken, base)])


def short_of_memory(most: int, seen: list[int]):
    """A tail on a device that holds no more than some rows."""
    tail = crooked_tail()

    def call(h):
        seen.append(len(h))
        if len(h) > most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return tail(h)

    return call


def test_too_little_memory_halves_the_chunk_and_the_numbers_hold(base, monkeypatch):
    expected = ascend(crooked_tail(), base)
    seen, done = [], []
    found = ascend(
        short_of_memory(20, seen), base, progress=lambda n, total: done.append(n / total)
    )
    assert seen[-1] == 16
    assert done[-1] == 1
    for name, ascent in found.items():
        theirs = expected[name]
        assert ascent.objective == pytest.approx(theirs.objective, rel=TOLERANCE)
        assert ascent.fiv.mean(1) == pytest.approx(theirs.fiv.mean(1), abs=TOLERANCE)


def test_memory_for_not_even_one_row_is_an_error(base):
    with pytest.raises(torch.OutOfMemoryError):
        ascend(short_of_memory(0, []), base)


def test_another_error_is_not_taken_for_too_little_memory(base):
    seen = []

    def broken(h):
        seen.append(len(h))
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="do not fit"):
        next(module.ascend(broken, [0], base=base, settings=ascent_settings()))
    assert len(set(seen)) <= 2  # the probe of memory, and no second size of chunk


def test_memory_per_row_grows_with_what_the_tail_keeps(base):
    first = torch.randn(CHANNELS * WIDTH, 1000)
    small = memory.bytes_per_row(crooked_tail(), base)
    large = memory.bytes_per_row(lambda h: torch.relu(h.flatten(1) @ first) @ first.T, base)
    assert large - small == pytest.approx(4 * (1000 - 13), rel=0.2)


def test_a_tail_that_needs_much_memory_gets_small_chunks(base, monkeypatch):
    per_row = memory.bytes_per_row(crooked_tail(), base)
    monkeypatch.setattr(memory, "memory_bytes", lambda _: 100 * per_row)
    assert memory.fitting_rows(crooked_tail(), base) == 32
    monkeypatch.setattr(memory, "memory_bytes", lambda _: 2 * per_row)
    assert memory.fitting_rows(crooked_tail(), base) == 1
    monkeypatch.setattr(memory, "memory_bytes", lambda _: 10**6 * per_row)
    assert memory.fitting_rows(crooked_tail(), base) == 128


def test_a_preview_in_bfloat16_is_near_but_not_the_same(base):
    settings = ascent_settings(n_trials=6)
    exact = ascend(crooked_tail(), base, settings=settings)["importance"]
    rounded = replace(settings, precision="bfloat16")
    preview = ascend(crooked_tail(), base, settings=rounded)["importance"]
    assert not (preview.fiv == exact.fiv).any()
    agreement = precision_agreement(crooked_tail(), [0, 2, 3], base, rounded)
    ours, theirs = preview.fiv.mean(1).ravel(), exact.fiv.mean(1).ravel()
    assert agreement[0] == pytest.approx(np.corrcoef(ours, theirs)[0, 1], abs=1e-5)
    assert 0.98 < agreement[0] < 1
    assert precision_agreement(crooked_tail(), [0], base, settings) is None
