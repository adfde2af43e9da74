"""Files that Keras itself wrote, with what it answered; the scripts that made them lie beside."""

import json
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.corrections import hold_input
from deepresolve_dash.networks.cut import cut, find_layers
from deepresolve_dash.networks.execute import entering, execute, forward, weight_tensors
from deepresolve_dash.networks.graph import Network, network_hash
from deepresolve_dash.networks.paths import find_logits, last_nodes, needed
from deepresolve_dash.networks.read import read_network

ZOO = Path(__file__).parent / "zoo"

OFFERED = {
    "keras2/residual.h5": 9,
    "keras2/danq.h5": 4,
    "keras2/recurrent.h5": 7,
    "keras2/bpnet.h5": 7,
    "keras2/picture.h5": 2,
    "keras2/steps.h5": 6,
    "keras3/residual.keras": 7,
    "keras3/danq.keras": 4,
    "keras3/recurrent.keras": 9,
    "keras3/transformer.keras": 9,
    "keras3/bpnet.keras": 5,
    "keras3/twice.keras": 2,
    "keras3/rows.keras": 2,
    "keras3/columns.keras": 2,
    "keras3/one_by_n.keras": 2,
    "keras3/shapes.keras": 9,
    "keras3/functions.keras": 16,
    "keras3/steps.keras": 14,
}
"""File -> the number of layers that the network can be cut at, for its first head."""


def examples(name: str) -> tuple[torch.Tensor, list[np.ndarray]]:
    """One-hot sequences (n, 4, length), and what Keras answered, positions averaged."""
    with np.load((ZOO / name).with_suffix(".npz")) as stored:
        answers = [stored[key] for key in sorted(stored) if key.startswith("y")]
        sequences = torch.tensor(stored["sequences"].astype(np.float32))
    return sequences, [y if y.ndim == 2 else y.mean(1) for y in answers]


def answers(network: Network, sequences: torch.Tensor) -> list[np.ndarray]:
    with torch.no_grad():
        found = forward(network, sequences)
    return [found[output.node].numpy() for output in network.outputs]


@pytest.mark.parametrize("name", OFFERED)
def test_the_answers_of_keras_are_reached_and_every_cut_agrees(name):
    network = read_network(ZOO / name)
    sequences, expected = examples(name)
    for found, wanted in zip(answers(network, sequences), expected, strict=True):
        assert np.ptp(wanted, axis=0).min() > 1e-3
        np.testing.assert_allclose(found, wanted, atol=1e-5 * max(1.0, np.abs(wanted).max()))
    layers = [layer.name for layer in find_layers(network, measure=False) if layer.can_cut]
    assert len(layers) == OFFERED[name]
    logits, ends = find_logits(network).node, last_nodes(network)
    wanted = [logits, *(ends[layer].name for layer in layers)]
    with torch.no_grad():
        whole = forward(network, sequences, wanted=wanted)
    for layer in layers:
        maps = whole[ends[layer].name].clone().requires_grad_()
        scores = tail(network, ends[layer].name, logits, maps)
        bound = 1e-5 * max(1.0, float(whole[logits].abs().max()))
        torch.testing.assert_close(scores, whole[logits], atol=bound, rtol=0.0)
        (gradient,) = torch.autograd.grad(scores[:, 0].sum(), maps)
        assert torch.isfinite(gradient).all()
        assert gradient.abs().max() > 0


def tail(network: Network, source: str, target: str, maps: torch.Tensor) -> torch.Tensor:
    """The scores, of the maps alone: what else they would need is not there."""
    names = needed(network, target, source=source) - {source}
    nodes = [node for node in network.nodes if node.name in names]
    return execute(nodes, weight_tensors(network) | entering(maps, source), [target])[target]


def test_a_recurrent_network_is_cut_where_it_is_advised():
    network = read_network(ZOO / "keras3/danq.keras")
    made = cut(network, "advised")
    assert (made.layer, made.n_channels, made.width) == ("pool", 6, 12)
    whole = cut(network, "lstm")
    assert whole.receptive_field_bp == network.input_length


@pytest.mark.parametrize("name", ["keras2/danq", "keras2/bpnet", "keras3/danq", "keras3/twice"])
def test_every_container_holds_the_same_network(name):
    archive = read_network(ZOO / f"{name}.keras")
    weights, architecture = ZOO / f"{name}.weights.h5", ZOO / f"{name}.json"
    others = [
        read_network(ZOO / f"{name}.h5"),
        read_network(architecture, weights=weights),
        read_network(weights, architecture=architecture),
    ]
    assert {network_hash(network) for network in others} == {network_hash(archive)}


def test_a_control_track_is_held_and_a_profile_averaged_and_both_are_said():
    for version in ("keras2/bpnet.h5", "keras3/bpnet.keras"):
        network = read_network(ZOO / version)
        assert [output.name for output in network.outputs] == ["profile", "counts"]
        said = " ".join(finding.what for finding in network.findings)
        assert "The input 'control'" in said
        assert "is held constant, at 0" in said
        assert "The output 'profile' has 40 positions" in said


def test_a_second_input_can_be_the_other_strand_as_keras_saw_it():
    network = read_network(ZOO / "keras3/strands.keras")
    sequences, (wanted,) = examples("keras3/strands.keras")
    both = hold_input(network, "reverse", "reverse complement")
    (found,), (held,) = (answers(each, sequences) for each in (both, network))
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert np.abs(held - wanted).max() > 0.01
    offered = [layer.name for layer in find_layers(both, measure=False) if layer.can_cut]
    assert offered == ["either", "hidden"]


@pytest.mark.parametrize("given", ["swish", None, "softmax"])
def test_other_functions_of_a_recurrent_layer_are_read_or_refused_by_name(tmp_path, given):
    path = tmp_path / "other.keras"
    with ZipFile(ZOO / "keras3/steps.keras") as old, ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                content = content.replace(b'"softsign"', json.dumps(given).encode())
            new.writestr(name, content)
    if given == "softmax":
        with pytest.raises(ModelFileError, match="'straight' is a LSTM with the .* 'softmax'"):
            read_network(path)
        return
    network = read_network(path)
    assert network_hash(network) != network_hash(read_network(ZOO / "keras3/steps.keras"))
