import numpy as np
import pytest
import torch

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import DeepResolveError, LayerError, SettingsError
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.runs.execute import choose_device, execute
from tests.runs.conftest import CHANNELS, LENGTH, TARGETS, TRIALS, small_job, small_network


def write_fasta(path, n: int = 40):
    generator = np.random.default_rng(0)
    letters = ["".join(generator.choice(list("ACGT"), LENGTH)) for _ in range(n)]
    path.write_text("".join(f">s{i}\n{s}\n" for i, s in enumerate(letters)))
    return path


def test_a_run_has_the_variables_and_dimensions_of_its_contract(results):
    e, s = results.ensemble, results.summary
    assert dict(e.sizes) == {
        "regime": 2,
        "target": TARGETS,
        "trial": TRIALS,
        "channel": CHANNELS,
        "position": 6,
        "step": 11,
        "offset": 5,
        "base": 4,
    }
    assert e.fiv.dims == ("regime", "target", "trial", "channel")
    assert e.fim.dims == ("regime", "target", "trial", "channel", "position")
    assert e.gradient_at_base.dims == ("target", "channel")
    assert e["filter"].dims == ("channel", "offset", "base")
    assert e.regime.values.tolist() == ["importance", "modes"]
    assert e.target_name.values.tolist() == ["same", "same"]
    assert s.ofiv.dims == ("regime", "target", "channel")
    assert s.similarity.dims == ("regime", "target", "other_target")
    assert s.bic.dims == ("regime", "target", "component")
    assert s.last_layer.dims == ("target", "other_target")
    for dataset in (e, s):
        assert all(v.attrs.get("long_name") for v in dataset.data_vars.values())


def test_the_map_and_its_mean_and_score_fit_the_network(results):
    e = results.ensemble
    assert e.fiv.values == pytest.approx(e.fim.values.mean(-1), abs=1e-6)
    tail = cut(small_network(), "pool1").tail
    h = torch.from_numpy(e.base_map.values + e.fim.values[1, 1])
    assert e.score.values[1, 1] == pytest.approx(tail(h)[:, 1].numpy(), abs=1e-4)
    penalty = e.l2.values[1, 1] * (e.fim.values[1, 1] ** 2).sum((1, 2))
    assert e.objective.values[1, 1] == pytest.approx(e.score.values[1, 1] - penalty, abs=1e-4)


def test_the_network_comes_back_as_it_went_in():
    network = small_network()
    before = network_hash(network)
    execute(small_job(network=network), device="cpu")
    assert network_hash(network) == before


def test_the_same_spec_gives_the_same_numbers_and_a_subset_its_part(results):
    again = execute(small_job(), device="cpu").ensemble
    alone = execute(small_job(classes="1"), device="cpu").ensemble
    assert (again.fiv.values == results.ensemble.fiv.values).all()
    assert (alone.fiv.values[:, 0] == results.ensemble.fiv.values[:, 1]).all()
    assert alone.target.values.tolist() == [1]


def test_another_seed_gives_other_starts_but_the_same_picture(results):
    settings = ascent_settings(n_trials=TRIALS, seed=3)
    other = execute(small_job(settings=settings), device="cpu")
    ours, theirs = results.summary.ofiv.values[0, 0], other.summary.ofiv.values[0, 0]
    assert not (ours == theirs).any()
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9


def test_sequences_bring_a_clamp_swing_and_another_base(results, tmp_path):
    with_sequences = execute(small_job(sequences=write_fasta(tmp_path / "s.fa")), device="cpu")
    swing = with_sequences.ensemble.clamp_swing
    assert swing.dims == ("target", "channel")
    assert (np.abs(swing.values).max(1) > 0).all()
    assert not (with_sequences.ensemble.base_map == results.ensemble.base_map).all()
    assert "clamp_swing" not in results.ensemble


def test_labels_bring_a_correlation(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("id\t1\t0\na\t1\t0\nb\t0\t0\nc\t1\t1\n")
    matrix = execute(small_job(labels=path), device="cpu").summary.label_correlation.values
    assert matrix[0, 1] == pytest.approx(np.corrcoef([0, 0, 1], [1, 0, 1])[0, 1])


def test_classes_that_are_done_are_results_of_their_own(results):
    made = []
    whole = execute(
        small_job(keep_fim=True), device="cpu", on_classes=lambda *part: made.append(part)
    )
    assert whole.ensemble.equals(results.ensemble)
    make, n_classes = made[0]
    assert n_classes == TARGETS
    first = make()
    assert first.ensemble.fiv.equals(results.ensemble.fiv)
    assert first.summary.ofiv.equals(results.summary.ofiv)
    assert first.info["id"] == results.info["id"]


def test_last_layer_products_are_those_of_the_chosen_classes():
    weight = small_network().weights["output.kernel"]
    assert weight.shape == (TARGETS, 11)
    summary = execute(small_job(classes="1"), device="cpu").summary
    assert summary.last_layer.values == pytest.approx(np.array([[weight[1] @ weight[1]]]), rel=1e-5)


def test_a_dead_network_is_read_as_dead_and_not_as_nan():
    summary = execute(small_job(network=small_network(last=0.0)), device="cpu").summary
    assert (summary.ofiv.values == 0).all()
    assert (summary.n_components.values == 1).all()
    assert (summary.kind.values == 0).all()
    assert np.isnan(summary.similarity.values).all()


@pytest.mark.parametrize("n_trials", [1, 2])
def test_one_or_two_trials_give_finite_numbers(n_trials):
    settings = ascent_settings(n_trials=n_trials)
    summary = execute(small_job(settings=settings), device="cpu").summary
    for name in ("ofiv", "ofiv_low", "ofiv_high", "inconsistency", "weight"):
        assert np.isfinite(summary[name].values).all(), name


@pytest.mark.parametrize("preset", ["paper", "published"])
def test_other_presets_have_one_regime_of_their_name(preset):
    settings = ascent_settings(preset, n_trials=TRIALS, steps=200)
    results = execute(small_job(preset=preset, settings=settings), device="cpu")
    assert results.ensemble.regime.values.tolist() == [preset]
    assert (results.ensemble.base_map == 0).all()
    assert not results.summary.guarded.any()
    fiv, weight = results.ensemble.fiv.values[0, 0], results.summary.weight.values[0, 0]
    if preset == "published":
        assert results.summary.ofiv.values[0, 0] == pytest.approx(weight @ fiv, rel=1e-6)


def test_a_layer_without_a_cut_or_a_wrong_device_is_refused():
    with pytest.raises(LayerError, match="conv9"):
        small_job(layer="conv9")
    with pytest.raises(DeepResolveError):
        small_job(layer="output")
    with pytest.raises(SettingsError, match="tpu"):
        choose_device("tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_is_refused_where_there_is_none():
    with pytest.raises(SettingsError, match="No CUDA"):
        choose_device("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_agrees_with_the_cpu_on_objectives_and_class_means(results):
    there = execute(small_job(), device="cuda")
    for name, tolerance in (("objective", 1e-3), ("fiv", 2e-2)):
        ours = results.ensemble[name].mean("trial").values
        theirs = there.ensemble[name].mean("trial").values
        assert theirs == pytest.approx(ours, abs=tolerance * float(np.abs(ours).max()))
