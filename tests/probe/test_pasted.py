import pytest

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.probe.pasted import (
    MOST_LETTERS,
    Edit,
    edited,
    fitted,
    read_edits,
    read_pasted,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("acgu", [("first", "ACGT")]),
        ("  AC GT\n nn \r\n", [("first", "ACGTNN")]),
        (">chr1:5-9 a region\nac\ngt\n", [("chr1:5-9", "ACGT")]),
        ("\n>a\nAC\n>b\nGT", [("a", "AC"), ("b", "GT")]),
        ("\ufeff>a\nAC", [("a", "AC")]),
        (f">{'x' * 999}\nAC", [("x" * 80, "AC")]),
    ],
)
def test_letters_and_fasta_are_read(text, found):
    assert read_pasted(text, name="first", most=2) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is no sequence here"),
        (" \n\t", "There is no sequence here"),
        (">a\n", "is empty"),
        ("; nothing", "There is no sequence here"),
        ("ACGX", "holds 'X' at position 4"),
        ("ACG-", "holds '-' at position 4"),
        (">\nACG", "has no name"),
        (">a\nAC\n>a\nGT", "appears twice"),
        (">a\nAC\n>b\nGT\n>c\nA", "holds 3 sequences"),
        ("A" * (MOST_LETTERS + 1), "1,000,001 letters"),
        ("<script>", "holds '<' at position 1"),
        ("\0\1", "holds '\\x00'"),
    ],
)
def test_anything_else_gets_one_sentence(text, says):
    with pytest.raises(SequenceError, match="(?s)" + says.replace("\\", "\\\\")):
        read_pasted(text, name="first", most=2)


def test_one_sequence_is_taken_unless_two_are_wanted():
    with pytest.raises(SequenceError, match="holds 2 sequences. Paste one"):
        read_pasted(">a\nAC\n>b\nGT", name="first")


def test_other_lengths_are_said():
    assert fitted("ACGT", 4) == ("ACGT", "")
    read, said = fitted("AACGTT", 4)
    assert read == "ACGT"
    assert said == "Of 6 letters the network reads the 4 in the middle, 2 to 5."
    read, said = fitted("AC", 5)
    assert read == "NNACN" or read == "NACNN"
    assert "2 letters are put in the middle of 5" in said


def test_edits_are_read_and_the_last_of_a_place_counts():
    edits = read_edits("2T,4A,2G", 4)
    assert edits == [Edit(1, "T"), Edit(3, "A"), Edit(1, "G")]
    assert edited("AAAC", edits) == "AGAA"
    assert read_edits("", 4) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [("5A", "no place 5"), ("A5", "no edit"), ("0A", "no edit"), ("3X", "no edit")],
)
def test_edits_that_mean_nothing_are_refused(text, says):
    with pytest.raises(SequenceError, match=says):
        read_edits(text, 4)
