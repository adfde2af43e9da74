"""The planted benchmark: its logic, its truth, and its scoring, on input of which all is known."""

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from deepresolve_dash.core.interactions.verdict import Pair, RankedGroup, Verdict
from deepresolve_dash.demos.planted.attribution import (
    gradient_times_activation,
    highest,
    integrated_gradients,
    mean_integrated_gradients,
    path_through_weights,
    saliency_at_zero,
)
from deepresolve_dash.demos.planted.grammar import (
    CLASS_NAMES,
    CLASSES,
    DECOY,
    LENGTH,
    MOTIFS,
    columns,
    motif_pairs,
    probabilities,
    roles,
    sharing_pairs,
)
from deepresolve_dash.demos.planted.scores import (
    area,
    channel_areas,
    class_area,
    interval,
    motif_values,
    two_sample_interval,
)
from deepresolve_dash.demos.planted.sequences import (
    DINUCLEOTIDES,
    draw_background,
    draw_labels,
    draw_planted,
    plant,
    planted_pwms,
)
from deepresolve_dash.demos.planted.store import provide_network
from deepresolve_dash.demos.planted.train import not_learned, planted_recipe
from deepresolve_dash.demos.planted.truth import motif_of_channels, planted_response, planted_truth
from deepresolve_dash.demos.planted.verified import (
    ADDITIVE,
    NO_PAIR,
    NOT_CALLED,
    NOT_REACHED,
    ONE_MOTIF,
    UNKNOWN,
    compare,
    confusion,
    motif_of_group,
)
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.cut import cut

ORDER = list(MOTIFS)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)  # steps this small only wait for each other on several
    yield
    torch.set_num_threads(n_threads)


def starts(**places):
    """Starts of the motifs of one sequence: (1, motif)."""
    first = np.full((1, len(MOTIFS)), -1, dtype=np.int16)
    for name, place in places.items():
        first[0, ORDER.index(name)] = place
    return first


def probability(target, **places):
    return float(probabilities(starts(**places))[0, target])


def target_of(kind, *motifs):
    return next(
        target
        for target, rule in enumerate(CLASSES)
        if rule.kind == kind and (not motifs or rule.motifs == motifs)
    )


# grammar


@pytest.mark.parametrize(
    ("kind", "holds"),  # neither, first, second, both; the first motif upstream
    [
        ("and", (0, 0, 0, 1)),
        ("before", (0, 0, 0, 1)),
        ("or", (0, 1, 1, 1)),
        ("xor", (0, 1, 1, 0)),
        ("veto", (0, 1, 0, 0)),
    ],
)
def test_a_rule_of_two_motifs_is_its_table(kind, holds):
    for target, rule in enumerate(CLASSES):
        if rule.kind == kind:
            a, b = rule.motifs
            cases = ({}, {a: 3}, {b: 90}, {a: 3, b: 90})
            assert tuple(probability(target, **case) for case in cases) == holds


def test_order_and_place_decide_where_they_should():
    before = target_of("before", "ATF7", "ESRRB")
    assert probability(before, ATF7=90, ESRRB=3) == 0
    position = target_of("position")
    (motif,) = CLASSES[position].motifs
    assert probability(position, **{motif: LENGTH // 2 - 1}) == 1
    assert probability(position, **{motif: LENGTH // 2}) == 0


def test_any_two_of_three_suffice():
    target = target_of("two-of-three")
    for size, holds in ((0, 0), (1, 0), (2, 1), (3, 1)):
        for chosen in combinations(CLASSES[target].motifs, size):
            assert probability(target, **dict.fromkeys(chosen, 5)) == holds


def test_additive_rules_add_up_on_the_logit_and_say_so_of_every_pair():
    def logit(target, *motifs):
        p = probability(target, **dict.fromkeys(motifs, 5))
        return np.log(p / (1 - p))

    for target, rule in enumerate(CLASSES):
        if rule.kind == "additive":
            for a, b in combinations(rule.motifs, 2):
                square = [logit(target, *motifs) for motifs in ((), (a,), (b,), (a, b))]
                assert square[3] - square[2] - square[1] + square[0] == pytest.approx(0, abs=1e-9)
    shapes = {pair.target: pair.shape for pair in motif_pairs()}
    assert {CLASSES[target].kind for target, shape in shapes.items() if shape is None} == {
        "additive"
    }


def test_roles_name_who_raises_and_who_lowers():
    assert roles(CLASSES[target_of("veto", "MECOM", "ATF7")]).negative == ("ATF7",)
    assert roles(CLASSES[target_of("xor")]).either == CLASSES[target_of("xor")].motifs
    lowered = roles(CLASSES[target_of("additive", "ELK1", "PROX1")])
    assert (lowered.positive, lowered.negative) == (("ELK1",), ("PROX1",))


def test_the_decoy_is_in_no_rule_and_names_are_unique():
    assert not any(DECOY in rule.motifs for rule in CLASSES)
    assert len(set(CLASS_NAMES)) == len(CLASSES)
    veto, single = target_of("veto", "OVOL1", "TFAP2C"), target_of("single", "TFAP2C")
    assert tuple(sorted((veto, single))) not in sharing_pairs()  # what lowers is not shared


# sequences


def test_the_background_has_the_stated_dinucleotides():
    sequences = draw_background(np.random.default_rng(2), 2003)
    pairs = 4 * sequences[:, :-1].astype(int) + sequences[:, 1:]
    found = np.bincount(pairs.ravel(), minlength=16).reshape(4, 4) / pairs.size
    np.testing.assert_allclose(found, DINUCLEOTIDES / DINUCLEOTIDES.sum(), atol=0.002)
    reverse = DINUCLEOTIDES[::-1, ::-1].T
    np.testing.assert_allclose(DINUCLEOTIDES, reverse, atol=0.02)


def test_motifs_lie_where_they_are_said_to_lie_and_vary():
    generator = np.random.default_rng(3)
    copies = np.zeros((503, len(MOTIFS)), int)
    copies[:, ORDER.index("ELK1")] = 2
    background = draw_background(generator, 503)
    planted = plant(generator, background, copies)
    pwm, first = planted_pwms()["ELK1"], planted.first[:, ORDER.index("ELK1")]
    assert (first >= 0).all()
    assert (np.delete(planted.first, ORDER.index("ELK1"), axis=1) == -1).all()
    rows = np.arange(503)[:, None]
    instances = planted.sequences[rows, first[:, None] + np.arange(len(pwm))]
    shares = np.stack([(instances == base).mean(axis=0) for base in range(4)], axis=1)
    np.testing.assert_allclose(shares, pwm, atol=0.08)
    assert len(np.unique(instances, axis=0)) > 5
    outside = (planted.sequences != background).sum(axis=1)
    assert outside.max() <= 2 * len(pwm)


def test_labels_follow_the_rules_but_for_the_flipped_ones():
    generator = np.random.default_rng(5)
    planted = draw_planted(generator, 4001)
    sure = [target for target, rule in enumerate(CLASSES) if not rule.by_chance]
    rules = probabilities(planted.first)[:, sure]
    assert (draw_labels(generator, planted.first, flipped=0)[:, sure] == rules).all()
    wrong = (draw_labels(generator, planted.first)[:, sure] != rules).mean(axis=0)
    assert (np.abs(wrong - 0.03) < 0.012).all()


# truth


def elk_head(x):
    """One channel that scans for ELK1, one for MEF2D, and one that is constant."""
    kernels = torch.zeros(2, 4, 12)
    for row, name in enumerate(("ELK1", "MEF2D")):
        pwm = planted_pwms()[name]
        kernels[row, :, : len(pwm)] = torch.from_numpy(np.log(pwm / 0.25).T).float()
    scan = torch.nn.functional.conv1d(x, kernels)
    return torch.cat([scan, torch.ones_like(scan[:, :1])], dim=1)


def test_a_channel_that_scans_for_a_motif_stands_for_it():
    response = planted_response(elk_head, np.random.default_rng(7), n=151)
    assert response.shape == (3, len(MOTIFS))
    assert motif_of_channels(response) == ["ELK1", "MEF2D", None]


def test_a_channel_of_two_motifs_stands_for_none():
    response = np.zeros((3, len(MOTIFS)))
    response[0, [0, 1]] = 5, 3
    response[1, 1] = 0.9
    response[2, [0, 1]] = 5, 2.4
    assert motif_of_channels(response) == [None, None, ORDER[0]]


@pytest.fixture
def truth():
    """Truth of a network with channels ELK1, ELK1, CEBPE, PROX1, SP2, and one of nothing."""
    response = np.zeros((6, len(MOTIFS)))
    response[range(5), columns(["ELK1", "ELK1", "CEBPE", "PROX1", "SP2"])] = 4
    return json.loads(json.dumps(planted_truth(response)))


def test_the_truth_names_channels_pairs_and_rules(truth):
    assert truth["channels"] == ["ELK1", "ELK1", "CEBPE", "PROX1", "SP2", None]
    assert {"class": "xor CEBPE PROX1", "motifs": ["CEBPE", "PROX1"], "shape": "XOR"} in truth[
        "pairs"
    ]
    assert sum(pair["shape"] is None for pair in truth["pairs"]) == 6
    assert truth["classes"][0]["positive"] == ["ELK1"]


# scores


def test_an_area_is_the_share_of_pairs_in_order():
    assert area([3, 1, 2, 0], [1, 0, 1, 0]) == 1
    assert area([0, 1, 2, 0], [1, 0, 0, 0]) == pytest.approx(1 / 6)
    assert np.isnan(area([1, 2], [0, 0]))


def ranking(**rows):
    """Importances (target, channel) of the truth above: 0 but for some classes."""
    values = np.zeros((len(CLASSES), 6))
    for name, row in rows.items():
        values[int(name[1:])] = row
    return values


def test_channels_that_raise_a_class_must_be_high_and_those_that_lower_it_low(truth):
    single, xor = target_of("single", "ELK1"), target_of("xor", "CEBPE", "PROX1")
    lowered = target_of("additive", "ELK1", "PROX1")
    good = ranking(
        **{
            f"t{single}": [3, 2, 1, 0, 0, 9],
            f"t{xor}": [0, 0, -2, 2, 1, 9],
            f"t{lowered}": [3, 3, 1, -2, 0, 9],
        }
    )
    found = channel_areas(good, truth)
    assert found["positive"][single] == found["either"][xor] == found["negative"][lowered] == 1
    assert found["top"][single] == 1  # the channel of no motif does not count
    assert found["relevant"][lowered] == 1
    bad = channel_areas(-good, truth)
    assert bad["positive"][single] == 0
    assert bad["negative"][lowered] == 0
    assert bad["either"][xor] == 1
    assert np.isnan(found["negative"][single])
    assert np.isnan(found["positive"][xor])


def test_classes_that_share_motifs_must_be_the_similar_ones(truth):
    values = np.random.default_rng(4).normal(size=(len(CLASSES), 6))
    before, after = target_of("before", "ATF7", "ESRRB"), target_of("before", "ESRRB", "ATF7")
    own = {frozenset(pair) for pair in sharing_pairs()}
    assert frozenset((before, after)) in own
    planted = np.zeros((len(CLASSES), len(MOTIFS)))
    for target, rule in enumerate(CLASSES):
        parts = roles(rule)
        planted[target, columns(parts.positive + parts.either)] = 1
    assert class_area(planted, truth) == 1
    assert 0.3 < class_area(values, truth) < 0.7


def test_intervals_hold_the_mean_and_leave_out_what_is_not_known():
    one = interval([0.5, 1.0, np.nan, 0.75])
    assert (one.mean, one.n) == (0.75, 3)
    assert one.low < 0.75 < one.high
    assert str(interval([np.nan])) == "-"
    assert two_sample_interval([3, 4], [1, 2]).mean == 1
    assert two_sample_interval([1, 4, 2], [1, 2, 3]).low < 0.6


def test_motif_values_are_means_over_the_channels_of_a_motif(truth):
    found = motif_values(np.arange(6.0), truth)
    assert found["ELK1"] == 0.5
    assert set(found) == {"ELK1", "CEBPE", "PROX1", "SP2"}


# first-order rankings


@pytest.fixture
def tail():
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(15, 7), torch.nn.ReLU(), torch.nn.Linear(7, 2)
    )
    return model.requires_grad_(False)


def test_integrated_gradients_are_those_of_captum(tail):
    from captum.attr import IntegratedGradients

    maps, base = torch.randn(11, 5, 3), torch.randn(5, 3)
    expected = IntegratedGradients(tail).attribute(
        maps, base[None], target=1, n_steps=64, method="riemann_middle"
    )
    found = integrated_gradients(tail, 1, maps, base, n_points=64)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    gained = tail(maps)[:, 1] - tail(base[None])[:, 1]
    torch.testing.assert_close(found.sum(dim=(1, 2)), gained, atol=0.02, rtol=0)


def test_mean_integrated_gradients_are_over_the_chosen_maps(tail):
    maps, base = torch.randn(11, 5, 3), torch.randn(5, 3)
    found = mean_integrated_gradients(tail, [0, 1], maps, base, choose=highest)
    best = maps[tail(maps)[:, 1].topk(2).indices]
    by_hand = integrated_gradients(tail, 1, best, base).sum(dim=2).mean(dim=0)
    np.testing.assert_allclose(found[1], by_hand.numpy(), atol=1e-5)


def test_of_a_linear_tail_every_first_order_ranking_is_its_weights():
    weight = torch.randn(2, 15)
    linear = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(15, 2, bias=False))
    linear[1].weight.data = weight
    mean = weight.reshape(2, 5, 3).mean(dim=2).numpy()
    np.testing.assert_allclose(saliency_at_zero(linear, [0, 1], (5, 3)), mean, rtol=1e-5)
    maps = torch.randn(7, 5, 3)
    expected = (weight.reshape(2, 1, 5, 3) * maps).sum(dim=3).mean(dim=1)
    np.testing.assert_allclose(
        gradient_times_activation(linear, [0, 1], maps), expected.numpy(), atol=1e-5
    )


def test_the_path_through_the_weights_ignores_the_units_kinks():
    dense, output = np.arange(28.0).reshape(2, 14) - 9, np.array([[1.0, -2.0]])
    network = sequential_network(
        [
            ("conv1", "conv", {"kernel": np.ones((7, 4, 3))}),
            ("conv1", "relu", {}),
            ("flatten", "flatten", {}),
            ("dense1", "linear", {"kernel": dense}),
            ("dense1", "relu", {}),
            ("output", "linear", {"kernel": output}),
        ],
        input_length=4,
    )
    expected = (output @ dense).reshape(1, 7, 2).mean(axis=2)
    tail = cut(network, "conv1").tail
    np.testing.assert_allclose(path_through_weights(tail, [0], (7, 2)), expected)


# verdicts against the truth


def pair(a, b, strength, name="", *, called=True, acting=""):
    return Pair(
        a, b, (0, 0, 0, 0), strength, (strength, strength), 1.0, called, name, acting, "", False,
        (), (),
    )  # fmt: skip


def verdict(target, *pairs):
    groups = (RankedGroup((0,), 1.0, 1.0, 0.0, True),)
    return Verdict(target, 60, 1500, groups, pairs, {}, False)


def test_a_verdict_is_held_against_the_planted_pairs(truth):
    target = target_of("xor", "CEBPE", "PROX1")
    found = compare(
        verdict(
            target,
            pair((3,), (2,), -5, "XOR-like"),
            pair((0,), (2,), 2, "AND-like"),
            pair((0,), (1,), 0.1, called=False),
            pair((5,), (2,), 0.1, called=False),
        ),
        truth,
    )
    assert [(one.truth, one.name, one.right) for one in found] == [
        ("XOR", "XOR-like", True),
        (NO_PAIR, "AND-like", False),
        (ONE_MOTIF, NOT_CALLED, True),
        (UNKNOWN, NOT_CALLED, True),
    ]
    assert confusion(found)["XOR"]["XOR-like"] == 1


def test_the_strongest_pair_of_groups_speaks_for_two_motifs(truth):
    target = target_of("or", "HOXC9", "ELK1")
    truth["response"][4] = [0.0] * len(MOTIFS)
    truth["response"][4][ORDER.index("HOXC9")] = 4.0
    found = compare(
        verdict(target, pair((0,), (4,), -0.5, called=False), pair((1,), (4,), -3, "OR-like")),
        truth,
    )
    assert [(one.truth, one.name) for one in found] == [("OR", "OR-like")]


def test_what_was_not_tested_is_not_reached_and_not_right(truth):
    found = compare(verdict(target_of("and", "SP2", "MEF2D")), truth)
    assert [(one.truth, one.name, one.right, one.called) for one in found] == [
        ("AND", NOT_REACHED, False, False)
    ]
    additive = compare(verdict(target_of("additive", "ELK1", "PROX1")), truth)
    assert [(one.truth, one.right) for one in additive] == [(ADDITIVE, True)]


def test_a_veto_must_come_from_the_motif_that_vetoes(truth):
    target = target_of("veto", "MECOM", "ATF7")
    for row, name in ((2, "MECOM"), (3, "ATF7")):
        truth["response"][row] = [0.0] * len(MOTIFS)
        truth["response"][row][ORDER.index(name)] = 4.0
    right, wrong = (
        compare(verdict(target, pair((2,), (3,), -4, "veto", acting=acting)), truth)[0]
        for acting in ("b", "a")
    )
    assert right.right
    assert not wrong.right
    assert wrong.acting == "MECOM"


def test_a_group_stands_for_a_motif_by_its_mean_response(truth):
    assert motif_of_group((0, 1, 5), truth) == "ELK1"
    assert motif_of_group((0, 2), truth) is None


# networks on disk


def test_areas_are_held_against_what_chance_allows():
    possible = dict.fromkeys(CLASS_NAMES, 1.0) | {
        name: 0.8 for name, rule in zip(CLASS_NAMES, CLASSES, strict=True) if rule.by_chance
    }
    auc = {name: 0.96 if value == 1 else 0.79 for name, value in possible.items()}
    assert not_learned(auc, possible) == []
    assert not_learned(auc | {CLASS_NAMES[0]: 0.94}, possible) == [CLASS_NAMES[0]]
    assert not_learned(auc | {CLASS_NAMES[-1]: 0.77}, possible) == [CLASS_NAMES[-1]]
    assert not_learned(auc | {CLASS_NAMES[2]: float("nan")}, possible) == [CLASS_NAMES[2]]


@pytest.mark.parametrize("form", ["one", "two"])
def test_a_network_is_trained_once_and_read_again(form, tmp_path):
    recipe = replace(planted_recipe(5), epochs=1, n_train=512, n_test=701)
    shares = []
    first = provide_network(form, 5, tmp_path, recipe=recipe, progress=shares.append)
    again = provide_network(form, 5, tmp_path, recipe=recipe, progress=shares.append)
    assert shares == [1.0]
    assert first.truth == again.truth
    assert first.record == again.record
    assert all(
        (first.network.weights[k] == again.network.weights[k]).all() for k in first.network.weights
    )
    assert first.record["failed"]  # so little training learns next to nothing
    provide_network(form, 5, tmp_path, recipe=replace(recipe, batch=32), progress=shares.append)
    assert shares == [1.0, 1.0]
