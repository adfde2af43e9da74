import csv
from xml.etree import ElementTree

import numpy as np
import pytest

from deepresolve_dash.exports import probe_tables
from deepresolve_dash.exports.figures.probe_figure import Block, height_of, track_bytes
from deepresolve_dash.exports.figures.style import Size
from deepresolve_dash.probe.found import Bases, Reading
from deepresolve_dash.views import probe as view

LETTERS = "ACNT"


@pytest.fixture
def reading():
    maps = np.zeros((4, 3), np.float32)
    maps[1, 2], maps[2, 0], maps[3, 1] = 5, 2, 1
    return Reading(np.float32([1, -2]), np.float32([0.7, 0.1]), maps, 2, 1, 0)


@pytest.fixture
def found():
    change = np.float32([[0, 1, 2, 3], [-3, 0, 0, 0], [np.nan] * 4, [-1, -1, -1, 0]])
    return Bases(change, np.float32([-1, 0.5, 0, 2]), 1.5, 0.25)


def rows(text):
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


def test_scores_have_no_probabilities_where_the_network_has_none(reading):
    assert view.scores(reading) == {"logits": [1.0, -2.0], "probabilities": [0.7, 0.1]}
    bare = reading._replace(probabilities=np.float32([np.nan, np.nan]))
    assert view.scores(bare)["probabilities"] is None


def test_bases_are_columns_by_base_and_unknown_ones_are_none(found):
    told = view.bases(found)
    assert told["change"][0] == [0.0, -3.0, None, -1.0]
    assert told["effect"] == [-2.0, 1.0, 0.0, 1.0]
    assert told["missing"] == pytest.approx(0.25 / 3.5)


def test_channels_are_ordered_by_activation_or_importance_and_silent_ones_left_out(reading):
    along = view.Along({"2": "GATA1"}, {1: 0.1, 2: -3.0, 3: 0.2})
    told = view.channels(reading, along=along)
    assert [row["channel"] for row in told["rows"]] == [1, 2, 3]
    assert (told["active"], told["channels"]) == (3, 4)
    assert (told["rows"][0]["most"], told["rows"][0]["at"]) == (5.0, 2)
    told = view.channels(reading, order=view.IMPORTANCE, along=along, n=2)
    assert [(row["channel"], row["called"]) for row in told["rows"]] == [(2, "GATA1"), (3, "")]


def test_a_channel_of_the_other_sequence_counts_too(reading):
    other = reading._replace(maps=reading.maps[[1, 0, 2, 3]])
    told = view.channels(reading, other)
    assert {row["channel"] for row in told["rows"][:2]} == {0, 1}
    first = next(row for row in told["rows"] if row["channel"] == 0)
    assert (first["most"], first["other"]) == (0.0, [0.0, 0.0, 5.0])


def test_tables_hold_every_number(reading, found):
    other = reading._replace(logits=np.float32([3, 3]))
    table = rows(probe_tables.scores(["a\tb", "c"], reading, other))
    assert [row["class"] for row in table] == ["a\tb", "c"]
    assert [float(row["difference"]) for row in table] == [-2, -5]
    table = rows(probe_tables.bases(LETTERS, found))
    assert [row["position"] for row in table] == ["1", "2", "3", "4"]
    assert table[2]["to_A"] == table[2]["mutagenesis"] == ""
    assert float(table[0]["to_T"]) == 3
    assert float(table[0]["mutagenesis"]) == -2
    assert float(table[3]["gradient"]) == 2
    table = rows(probe_tables.channels(reading, {"1": "CTCF"}))
    table_of_formulas = rows(probe_tables.scores(["=1+1", "-x"], reading))
    assert [row["class"] for row in table_of_formulas] == ["'=1+1", "'-x"]
    assert table_of_formulas[1]["logit"] == "-2"
    assert table[1] == {
        "channel": "1", "motif": "CTCF", "activation": "5", "first": "3", "last": "4"
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_picture_is_drawn_for_print_and_hostile_titles_are_text(reading, found, kind):
    block = Block("first", LETTERS, found)
    blocks, told = [block, block._replace(name="second <b>")], view.channels(reading)
    size = Size(85, height_of(blocks, told), 60)
    drawn = track_bytes("<script>x</script>", blocks, told, file_format=kind, size=size)
    if kind == "png":
        assert drawn.startswith(b"\x89PNG")
        return
    root = ElementTree.fromstring(drawn)
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    words = {"".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"<script>x</script>", "first, logit 1.50", "second <b>, logit 1.50"} <= words
    assert {"position (bp)", "gradient", "(logits)", "mutations"} <= words
    alone = track_bytes("x", [block], None, file_format=kind, size=Size(174, 60))
    assert b"second" not in alone
