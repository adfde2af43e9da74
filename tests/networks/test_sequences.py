import gzip
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.networks.sequences import (
    dinucleotide_shuffle,
    dinucleotide_shuffles,
    iterate_fasta,
    one_hot,
    random_sequences,
    read_fasta,
)

LETTERS = st.text("ACGTN", min_size=1, max_size=40)


def pairs(sequence):
    return Counter(zip(sequence, sequence[1:], strict=False))


@given(LETTERS, st.integers(0, 99))
def test_a_shuffle_keeps_pairs_of_neighbours_and_both_ends(sequence, seed):
    shuffled = dinucleotide_shuffle(sequence, np.random.default_rng(seed))
    assert pairs(shuffled) == pairs(sequence)
    assert (shuffled[0], shuffled[-1]) == (sequence[0], sequence[-1])


def test_every_shuffle_is_equally_likely():
    generator = np.random.default_rng(0)
    n = 3000
    counts = Counter(dinucleotide_shuffles(["ACAGACTA"] * n, generator))
    # The three loops ACA, AGA, ACTA leave A in any order: 3! walks.
    assert len(counts) == 6
    assert max(abs(count - n / 6) for count in counts.values()) < 5 * np.sqrt(n / 6)


def test_a_shuffle_of_long_runs_ends():
    sequence = "A" * 3000 + "C" * 3000 + "G" * 3000 + "T"
    assert pairs(dinucleotide_shuffle(sequence, np.random.default_rng(0))) == pairs(sequence)


def test_a_shuffle_really_moves_letters():
    sequence = "".join(np.random.default_rng(1).choice(list("ACGT"), 200))
    shuffled = dinucleotide_shuffle(sequence, np.random.default_rng(0))
    assert shuffled != sequence
    assert shuffled == dinucleotide_shuffle(sequence, np.random.default_rng(0))


def test_one_hot_puts_each_base_in_the_row_of_the_alphabet():
    for alphabet in ("ACGT", "TGCA", "AGCT"):
        encoded = one_hot(["gAuTC"], length=5, alphabet=alphabet)
        assert encoded.dtype == np.float32
        assert encoded.shape == (1, 4, 5)
        assert "".join(alphabet[row] for row in encoded[0].argmax(0)) == "GATTC"
        np.testing.assert_array_equal(encoded.sum(1), 1)


def test_an_unknown_base_is_spread_over_all_rows():
    assert (one_hot(["ANA"], length=3)[0, :, 1] == 0.25).all()
    assert (one_hot(["ANA"], length=3, unknown_base=0)[0, :, 1] == 0).all()


@given(LETTERS, st.integers(1, 40))
def test_other_lengths_are_centred_and_cropped_or_padded(sequence, length):
    surplus = len(sequence) - length
    if surplus >= 0:
        expected = sequence[surplus // 2 :][:length]
    else:
        before = -surplus // 2
        expected = ("N" * before + sequence + "N" * -surplus)[:length]
    np.testing.assert_array_equal(
        one_hot([sequence], length=length), one_hot([expected], length=length)
    )


def test_another_letter_is_refused_with_its_place():
    with pytest.raises(SequenceError, match="sequence 2 holds 'R' at position 3"):
        one_hot(["ACG", "ACRG"], length=3)
    with pytest.raises(SequenceError, match="holds 'é'"):
        one_hot(["ACé"], length=3)


def test_random_sequences_are_one_hot_seeded_and_even():
    drawn = random_sequences(np.random.default_rng(0), 101, 97)
    assert drawn.shape == (101, 4, 97)
    assert drawn.dtype == np.float32
    np.testing.assert_array_equal(drawn.sum(1), 1)
    np.testing.assert_array_equal(drawn, random_sequences(np.random.default_rng(0), 101, 97))
    assert np.abs(drawn.mean((0, 2)) - 0.25).max() < 0.02


DAMAGED = bytearray(gzip.compress(b">a\n" + b"ACGTTGCAAC" * 999, mtime=0))
DAMAGED[12:16] = bytes([255]) * 4
FASTA = ">one first\nacgu\nNNAC\n>two\r\nTTTT\r\n"


def test_fasta_is_read_plain_and_zipped(tmp_path):
    (tmp_path / "a.fa").write_text(FASTA)
    (tmp_path / "b.fa.gz").write_bytes(gzip.compress(FASTA.encode()))
    expected = [("one", "ACGTNNAC"), ("two", "TTTT")]
    assert read_fasta(tmp_path / "a.fa") == expected
    assert read_fasta(tmp_path / "b.fa.gz") == expected
    (tmp_path / "mark.fa").write_text("\ufeff; a remark\n\n" + FASTA, encoding="utf-8")
    assert read_fasta(tmp_path / "mark.fa") == expected


def test_there_is_a_limit_to_the_number_and_the_names_of_sequences(tmp_path, monkeypatch):
    monkeypatch.setattr("deepresolve_dash.networks.sequences._MOST", 2)
    path = tmp_path / "many.fa"
    path.write_text(">a\nA\n>b\nA\n")
    assert len(list(iterate_fasta(path, most=2**20))) == 2
    path.write_text(">a\nA\n>b\nA\n>c\nA\n")
    with pytest.raises(SequenceError, match="more than 2 sequences"):
        list(iterate_fasta(path, most=2**20))
    assert len(read_fasta(path)) == 3
    path.write_text(f">{'n' * 201}\nA\n")
    with pytest.raises(SequenceError, match="name of record 1 .* has 201 letters"):
        list(iterate_fasta(path, most=2**20))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no sequences"),
        (b"\n\n", "holds no sequences"),
        (b"ACGT\nACGT\n", "begins with 'ACGT', not with the name"),
        (b"ACGT\n>a\nACGT\n", "begins with 'ACGT', not with the name"),
        (b"@r1\nACGT\n+\nIIII\n", "begins with '@r1', not with the name"),
        (b">p\nMKVLLEE\n", "'p' holds 'M' at position 1"),
        (b"PK\x03\x04\0\0", "not a text file"),
        (b">a\nACXT\n", "'a' holds 'X' at position 3"),
        (b">a\nAC-T\n", "'a' holds '-' at position 3"),
        (b">a\nAC\x00T\n", "'a' holds"),
        (b">a\nACGT\n>a\nACGT\n", "'a' appears twice"),
        (b">a\n>b\nACGT\n", "'a' in .* is empty"),
        (b">\nACGT\n", "has no name"),
        (bytes(range(128, 256)), "not a text file"),
        (gzip.compress(b">a\n" + b"ACGT" * 999, mtime=0)[:-12], "cut off"),
        (b"\x1f\x8b" + bytes(40), "damaged"),
        (DAMAGED, "damaged"),
        (gzip.compress(b">a\nACGT\n", mtime=0) + b"behind", "damaged"),
    ],
)
def test_a_broken_file_gives_one_sentence(tmp_path, data, message):
    path = tmp_path / "x.fa"
    path.write_bytes(data)
    with pytest.raises(SequenceError, match=message) as caught:
        read_fasta(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_or_a_folder_is_refused(tmp_path):
    with pytest.raises(SequenceError, match="There is no file"):
        read_fasta(tmp_path / "none.fa")
    with pytest.raises(SequenceError, match="cannot be read"):
        read_fasta(tmp_path)


@pytest.mark.parametrize("long_line", [True, False])
def test_a_packed_file_is_not_unpacked_beyond_its_limit(tmp_path, long_line):
    line = "A" * 1000 + ("" if long_line else "\n")
    path = tmp_path / "bomb.fa.gz"
    path.write_bytes(gzip.compress((">a\n" + line * 3000).encode()))
    with pytest.raises(SequenceError, match="more than 2 million characters"):
        list(iterate_fasta(path, most=2 * 2**20))
    assert len(read_fasta(path)[0][1]) == 3_000_000
    assert list(iterate_fasta(path, most=4 * 2**20)) == read_fasta(path)


def test_a_chromosome_is_refused_where_there_is_a_limit(tmp_path):
    path = tmp_path / "chr1.fa"
    path.write_text(">chr1\n" + ("A" * 60 + "\n") * 180_000)
    with pytest.raises(SequenceError, match="Cut it into the regions"):
        list(iterate_fasta(path, most=2**30))
