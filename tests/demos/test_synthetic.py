import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepresolve_dash.demos.synthetic import (
    SYNTHETIC_I,
    SYNTHETIC_II,
    TASKS,
    contains,
    decode,
    encode,
    generate,
    plant,
)


def make(task, *, seed=3, n_planted=700, n_random=130):
    return generate(task, np.random.default_rng(seed), n_planted=n_planted, n_random=n_random)


def test_synthetic_one_is_labelled_by_what_the_strings_hold():
    sequences, labels = make(SYNTHETIC_I)
    for sequence, label in zip(map(decode, sequences), labels, strict=True):
        n_others = sum(pattern in sequence for pattern in ("CGCTTG", "GCTCAT"))
        assert label.tolist() == [int("CAGGTC" in sequence and n_others == 1)]
    assert 150 < labels.sum() < 250  # two of seven sets


def test_synthetic_two_sequences_hold_the_patterns_of_their_class():
    sequences, labels = make(SYNTHETIC_II)
    for sequence, label in zip(map(decode, sequences), labels, strict=True):
        for target in np.flatnonzero(label):
            assert all(pattern in sequence for pattern in SYNTHETIC_II.planted[target])
    assert labels.sum(axis=0).tolist() == [100] * 4
    assert (labels.sum(axis=1) == 0).sum() == 130 + 3 * 100


def test_a_pattern_planted_alone_has_no_class():
    sequences, labels = make(SYNTHETIC_II, n_random=0)
    unlabelled = [decode(sequence) for sequence in sequences[labels.sum(axis=1) == 0]]
    assert len(unlabelled) == 300
    assert all(any(p in text for p in ("GATA", "TCAT", "CAGATG")) for text in unlabelled)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_class_names_spell_the_patterns(task):
    assert all(any(pattern in name for pattern in task.patterns) for name in task.class_names)
    assert make(task)[1].shape[1] == len(task.class_names)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_one_seed_gives_one_set_of_sequences(task):
    first, again, other = make(task), make(task), make(task, seed=5)
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert (first[0] != other[0]).any()


@given(
    st.lists(st.text("ACGT", min_size=1, max_size=6), min_size=1, max_size=3),
    st.integers(0, 2**16),
)
def test_planted_patterns_do_not_overlap_and_the_rest_is_untouched(patterns, seed):
    generator = np.random.default_rng(seed)
    blank = np.full((7, 23), 9, dtype=np.uint8)
    planted = plant(generator, blank, tuple(patterns))
    assert (blank == 9).all()
    for row in planted:
        assert sorted(row[row != 9]) == sorted(encode("".join(patterns)))


def test_patterns_fall_on_every_place_and_in_every_order():
    blank = np.full((3000, 11), 9, dtype=np.uint8)
    planted = plant(np.random.default_rng(2), blank, ("AAA", "CC"))
    starts = (planted == 0).argmax(axis=1)
    assert set(starts) == set(range(9))
    first = (planted == 0).argmax(axis=1) < (planted == 1).argmax(axis=1)
    assert 0.45 < first.mean() < 0.55


def test_a_pattern_is_found_at_the_ends_and_not_across_sequences():
    sequences = np.stack([encode(text) for text in ("GATAC", "CGATA", "ATACG", "CGGAT")])
    assert contains(sequences, "GATA").tolist() == [True, True, False, False]
