"""No text of others is a formula in any table that is written, and tables are read back."""

import csv
import io
from itertools import product

import numpy as np
import pytest

from deepresolve_dash.tsv import guarded, plain_text, tsv_lines, unguarded

FORMULAS = ["=cmd|' /C calc'!A0", "+1", "-x", "@SUM(A1)", "  =1", "\t=1", "\r=1", "\n=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text(text):
    assert guarded(text) == f"'{text}"
    assert plain_text(text).startswith("'")


@pytest.mark.parametrize("text", ["", "a", "5'UTR", "'quoted'", "a=b", "GATA + TCAT", "1-2", "'"])
def test_any_other_text_stays_as_it_is(text):
    assert guarded(text) == unguarded(text) == plain_text(text) == text


def test_every_text_comes_back():
    for letters in product("'= -a\t\r\n", repeat=5):
        text = "".join(letters)
        assert unguarded(guarded(text)) == text


def test_rows_are_lines():
    rows = [["=a", 'b "c"'], [-1.23456789, np.float32("nan")], ["-1", -2]]
    text = "".join(tsv_lines(rows))
    read = list(csv.reader(io.StringIO(text), delimiter="\t"))
    assert read == [["'=a", 'b "c"'], ["-1.234568", ""], ["'-1", "-2"]]
    assert text.count("\n") == 3
