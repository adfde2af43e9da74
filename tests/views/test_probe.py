import csv
from html.parser import HTMLParser

import numpy as np
import pytest

from deepresolve_dash.exports import probe_tables
from deepresolve_dash.exports.probe_svg import Block, track_svg
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
    assert table[1] == {
        "channel": "1", "motif": "CTCF", "activation": "5", "first": "3", "last": "4"
    }  # fmt: skip


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_picture_is_one_svg_and_hostile_titles_are_text(reading, found):
    block = Block("first", LETTERS, found)
    drawn = track_svg("<script>x</script>", [block], view.channels(reading))
    told = Tags()
    told.feed(drawn)
    kinds = [tag for tag, _ in told.tags]
    assert kinds.count("svg") == 1
    assert "script" not in kinds
    assert kinds.count("circle") == 3  # the bases that are there
    filled = [attrs for tag, attrs in told.tags if tag == "rect"]
    assert len(filled) == 7  # changes that are not 0
    assert max(float(attrs["fill-opacity"]) for attrs in filled) == 1.0
    letters = [attrs for tag, attrs in told.tags if "fill-rule" in attrs]
    assert len(letters) == 6  # N has no height
    beside = track_svg("x", [block, block._replace(name="second <b>")])
    assert beside.count("<svg") == 1
    assert "second &lt;b&gt;, logit 1.5" in beside
    assert beside.count("fill-rule") == 12
