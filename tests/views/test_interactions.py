import numpy as np
import pytest

from deepresolve_dash.views.interactions import _alike, _fit, data, meaning
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import tiny_run


def pair(a, b, **values):
    made = {
        "a": a, "b": b, "f": [-3, 1, 1, -3], "interaction": -8.0, "interval": [-9.0, -7.0],
        "effect": 4.0, "called": True, "name": "XOR-like", "acting": "", "decision": "XOR",
        "requested": False, "context": [], "depends_on": [], "sequences": None, "no_sequences": "",
    }  # fmt: skip
    return made | values


def answer(*pairs, poor=False, n_real=300):
    groups = [
        {"channels": channels, "swing": swing, "absolute_swing": abs(swing), "top": True}
        for channels, swing in (([1, 4], 3.0), ([2], -2.0), ([5, 6], 0.5))
    ] + [{"channels": [3], "swing": 0.1, "absolute_swing": 0.1, "top": False}]
    null = {"q50": 0.1, "q95": 0.4, "q99": 1.1}
    return {"pairs": list(pairs), "groups": groups, "null": null, "n_backgrounds": 60,
            "n_real": n_real, "poor": poor}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("runs"))


def shown(run, told):
    return data(run.ensemble, run.summary, Selection(run.id, 0), told)


def test_called_pairs_come_first_then_sums_that_decide(run):
    additive = {"called": False, "name": "additive", "interaction": 0.1}
    told = shown(run, answer(
        pair([1, 4], [5, 6], **additive | {"decision": ""}),
        pair([2], [5, 6], **additive | {"decision": "AND", "interaction": 0.05}),
        pair([1, 4], [2]),
    ))  # fmt: skip
    assert told["title"] == "1 interaction among 3 pairs of groups"
    assert [(one["a"], one["b"]) for one in told["pairs"]] == [(0, 1), (1, 2), (0, 2)]
    assert [one["decision"] for one in told["pairs"]] == ["", "AND", ""]
    assert told["notes"][0].text == "1 pair adds up, AND at the threshold"
    assert len(told["groups"]) == 3
    assert told["groups"][0]["shown"] in (1, 4)


def test_a_group_that_was_only_asked_for_is_shown_too(run):
    told = shown(run, answer(pair([2], [3], requested=True)))
    assert [group["channels"] for group in told["groups"]] == [[1, 4], [2], [5, 6], [3]]
    assert (told["pairs"][0]["a"], told["pairs"][0]["b"]) == (1, 3)


def test_poor_sequences_and_few_of_them_are_said_first(run):
    poor = shown(run, answer(poor=True))
    assert "Nothing can be said" in poor["title"]
    assert "sequences that contain the motifs" in poor["why"]
    assert poor["notes"][0].tone == "warn"
    few = shown(run, answer(pair([1, 4], [2]), n_real=60))
    assert few["notes"][0].text == "only 60 sequences"


def test_contexts_that_matter_are_told_apart(run):
    contexts = [
        {"group": group, "level": level, "f": [0, 0, 0, 0], "interaction": 0.0, "called": False,
         "name": "additive", "acting": ""}
        for group in ([5, 6], [3]) for level in ("low", "high")
    ]  # fmt: skip
    told = shown(run, answer(pair([1, 4], [2], context=contexts, depends_on=[[3]])))["pairs"][0]
    assert [one["group"] for one in told["dependsOn"]] == [[3], [3]]
    assert [one["group"] for one in told["context"]] == [[5, 6], [5, 6]]


def test_names_say_who_acts():
    veto = pair([1], [2], name="veto", acting="b")
    assert meaning(veto) == "ch 1 raises the class unless ch 2 is there."
    assert meaning(pair([1], [2], name="one-only", acting="a")) == "Only ch 1 moves the logit."


def test_filters_of_one_motif_are_recognised_on_either_strand():
    draw = np.random.default_rng(0).normal
    first = draw(size=(11, 4))
    kernels = np.stack([first, draw(size=(11, 4)), first[::-1, ::-1], np.roll(first, 2, axis=0)])
    assert _alike(pair([0], [2]), kernels) == "the two strands of one motif"
    assert _alike(pair([0], [1, 3]), kernels) == "one motif"
    assert _alike(pair([0], [1]), kernels) == ""
    assert _alike(pair([0], [2]), None) == ""
    assert _fit(first, first) == pytest.approx(1)
