"""The tables of the planted benchmark, and its command, on answers made by hand."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from deepresolve_dash.demos.planted.evaluate import DEFAULT_VARIANT
from deepresolve_dash.demos.planted.grammar import CLASS_NAMES, CLASSES, MOTIFS, columns
from deepresolve_dash.demos.planted.pairs import flagged, guard_ratio, score_pairs, sign_orders
from deepresolve_dash.demos.planted.rankings import MODES, PAPER, Ranked
from deepresolve_dash.demos.planted.truth import planted_truth
from deepresolve_dash.demos.planted.verified import ADDITIVE, NO_PAIR, NOT_CALLED, Found
from deepresolve_dash.demos.reproduction.experiments import read_seeds, reproduce
from deepresolve_dash.demos.reproduction.planted import (
    confusion_table,
    flags_table,
    networks_table,
    pairs_table,
    radius_table,
    variants_table,
    wrong_lines,
)
from deepresolve_dash.errors import SettingsError

XOR = CLASS_NAMES.index("xor CEBPE PROX1")
LOWERED = CLASS_NAMES.index("additive ELK1 PROX1")
CHANNELS = ["ELK1", "CEBPE", "PROX1"]


def cells(table):
    lines = table.replace("\\|", "/").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture
def truth():
    response = np.zeros((3, len(MOTIFS)))
    response[range(3), columns(CHANNELS)] = 4
    return json.loads(json.dumps(planted_truth(response)))


@pytest.fixture
def run():
    """One regime: two trials of opposite signs in the XOR class, one direction in all others."""
    n = len(CLASSES)
    fiv = np.zeros((n, 2, 3))
    fiv[:] = [3.0, 2.0, -1.0]
    fiv[XOR] = [[0.0, 2.0, -2.0], [0.0, -2.0, 2.0]]
    weight = np.tile([0.75, 0.25], (n, 1))
    mean = np.einsum("ct,ctk->ck", weight, fiv)
    levels = np.einsum("ct,ctk->ck", weight, (fiv - mean[:, None]) ** 2)
    count = np.ones(n, int)
    count[XOR] = 2
    return xr.Dataset(
        {
            "fiv": (("target", "trial", "channel"), fiv),
            "weight": (("target", "trial"), weight),
            "ofiv": (("target", "channel"), mean),
            "inconsistency": (("target", "channel"), levels),
            "n_components": ("target", count),
        }
    )


@pytest.fixture
def done(truth, run):
    """Evaluation of one network."""
    ranked = Ranked({"one ranking": run["ofiv"].values}, {MODES: run, PAPER: run}, {0.1: run})
    found = [verdict_on(pair) for pair in truth["pairs"]]
    chance = {name for name, rule in zip(CLASS_NAMES, CLASSES, strict=True) if rule.by_chance}
    record = {
        "auc": {name: 0.79 if name in chance else 0.97 for name in CLASS_NAMES},
        "possible": {name: 0.8 if name in chance else 1.0 for name in CLASS_NAMES},
        "failed": ["single ELK1"],
    }
    planted = SimpleNamespace(title="one 3", record=record, truth=truth)
    return SimpleNamespace(
        planted=planted,
        ranked=ranked,
        pairs=score_pairs("one 3", ranked, truth),
        verified={DEFAULT_VARIANT: found},
    )


def pair_target(pair):
    return CLASS_NAMES.index(pair["class"])


def shape_of(pair):
    kind = CLASSES[pair_target(pair)].kind
    return kind if kind == "two-of-three" else pair["shape"] or ADDITIVE


def verdict_on(pair):
    """A verdict that is right everywhere but for one additive pair."""
    name, strength, share = NOT_CALLED, 0.1, 0.1
    if pair["class"] == CLASS_NAMES[LOWERED]:
        name, strength, share = "synergy", 2.0, 0.5
    elif pair["shape"]:
        name = {"AND": "AND-like", "OR": "OR-like", "XOR": "XOR-like"}.get(
            pair["shape"], pair["shape"]
        )
        strength, share = -3.0, 0.9
    acting = pair["motifs"][1] if name == "veto" else None
    target, motifs = pair_target(pair), tuple(pair["motifs"])
    return Found("one 3", target, shape_of(pair), motifs, name, acting, strength, share)


def test_opposite_signs_in_both_orders_are_seen_where_they_are(run, truth):
    assert sign_orders(run.isel(target=XOR), truth, "CEBPE", "PROX1") == (0.75, 0.25)
    assert sign_orders(run.isel(target=0), truth, "CEBPE", "PROX1") == (1, 0)
    assert np.isnan(sign_orders(run.isel(target=0), truth, "CEBPE", "SP2")).all()


def test_a_class_is_flagged_by_components_that_the_guard_lets_pass(run):
    one = run.isel(target=XOR)
    assert guard_ratio(one) == pytest.approx(np.sqrt(3) / 2)
    assert flagged(one, guard=0.8)
    assert not flagged(one, guard=0.9)
    assert not flagged(run.isel(target=0), guard=0)


def test_pairs_are_scored_by_every_measure(done):
    scored = {(pair.target, pair.motifs): pair.scores for pair in done.pairs}
    xor, lowered = scored[XOR, ("CEBPE", "PROX1")], scored[LOWERED, ("ELK1", "PROX1")]
    assert xor["opposite signs in both orders, modes"] == 0.25
    assert xor["product, one ranking"] == pytest.approx(1)
    assert xor["smaller sqrt(IL), paper"] == pytest.approx(np.sqrt(3) / 2)
    assert lowered["opposite signs, modes"] == 1
    assert lowered["opposite signs in both orders, modes"] == 0
    assert lowered["smaller sqrt(IL), modes"] == 0


def test_the_table_of_pairs_gives_areas(done):
    rows = {row[0]: row[1:] for row in cells(pairs_table([done]))[2:]}
    header = cells(pairs_table([done]))[0]
    assert header[0] == "measure (13 interacting, 6 additive pairs)"
    assert rows["opposite signs in both orders, modes"][1].startswith("1.000")
    assert header[2] == "XOR v all others"
    assert rows["verifier, /I/"][0].startswith("1.000")


def test_the_tables_count_verdicts(done):
    found = done.verified[DEFAULT_VARIANT]
    table = cells(confusion_table(found))
    by_truth = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[2:]}
    assert by_truth["AND"]["AND-like"] == "4"
    assert by_truth["additive"] == by_truth["additive"] | {"pairs": "6", NOT_CALLED: "5"}
    assert NO_PAIR not in by_truth
    assert cells(variants_table([done]))[2] == [
        "all 1 networks, default", "13 of 13", "13 of 13", "5 of 6", "1 of 6",
    ]  # fmt: skip


def test_every_wrong_verdict_is_named(done):
    lines = wrong_lines(done.verified[DEFAULT_VARIANT]).splitlines()
    assert len(lines) == 2
    assert lines[1] == ("- one 3, additive ELK1 PROX1: ELK1 x PROX1 is additive; synergy, I 2.0")
    assert wrong_lines([]) == "Verdicts that are not right: none."


def test_flags_are_counted_by_rule_and_guard(done):
    rows = {row[0]: row[1:] for row in cells(flags_table([done]))[2:]}
    assert rows["xor"] == ["2", "1", "1", "1", "1", "1"]
    assert rows["single"] == ["3", "0", "0", "0", "0", "0"]


def test_the_radius_and_the_networks_have_their_rows(done):
    assert cells(radius_table([done]))[2][0] == "0.1 D"
    assert cells(radius_table([done]))[2][3:] == ["1 of 2", "0 of 18"]
    row = cells(networks_table([done]))[2]
    assert row[0] == "one 3"
    assert row[2:4] == ["0.010", "3 of 3"]
    assert row[-1] == "single ELK1"
    assert "SP2" in row[4]


@pytest.mark.parametrize(
    ("text", "seeds"), [("0-2", [0, 1, 2]), ("3,5", [3, 5]), ("7", [7]), ("0-1, 4", [0, 1, 4])]
)
def test_seeds_are_read(text, seeds):
    assert read_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "2-1", "1,1", "-1", "0-100", "1-", "0-99999999999"])
def test_other_seeds_are_refused(text):
    with pytest.raises(SettingsError, match="--seeds is"):
        read_seeds(text)


@pytest.mark.parametrize("given", ["seeds", "out"])
def test_seeds_belong_to_two_experiments(tmp_path, given):
    options = {"seeds": "0-2", "out": tmp_path}
    with pytest.raises(SettingsError, match="belong to the experiments 'planted' and 'panel'"):
        reproduce("synthetic-1", None, **{given: options[given]})
