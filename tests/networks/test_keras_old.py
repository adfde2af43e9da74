"""Files of Keras 0 and 1, which no longer installs: made by hand, against plain numpy."""

import json

import h5py
import numpy as np
import pytest

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.read import read_network
from tests.networks import plain
from tests.networks.keras_files import layer, write_model, write_weights
from tests.networks.test_keras import agree, draw

LENGTH, FILTERS, CLASSES = 23, 6, 2


@pytest.fixture
def generator():
    return np.random.default_rng(8)


def flat(kind, **options):
    """A layer as Keras 0 wrote it: its class is its name."""
    return {"name": kind, **options}


def write_old(folder, data, groups):
    """Architecture and numbered weights: groups of arrays, or one group called graph."""
    folder.mkdir()
    (folder / "architecture.json").write_text(json.dumps(data))
    with h5py.File(folder / "weights.h5", "w") as file:
        file.attrs["nb_layers"] = len(groups)
        for name, arrays in groups.items():
            group = file.create_group(name)
            group.attrs["nb_params"] = len(arrays)
            for number, array in enumerate(arrays):
                group[f"param_{number}"] = np.asarray(array, dtype=np.float32)
    return folder


def dense(generator, n, classes=CLASSES):
    return [draw(generator, n, classes), draw(generator, classes)]


def test_keras_0_sequential_model_is_read_by_number(tmp_path, generator):
    kernel, bias = draw(generator, 5, 4, FILTERS), draw(generator, FILTERS)
    scores = dense(generator, 6 * FILTERS)
    data = {
        "name": "Sequential",
        "layers": [
            flat(
                "Convolution1D", nb_filter=FILTERS, filter_length=5, border_mode="valid",
                subsample_length=1, activation="relu", input_dim=4, input_length=LENGTH,
            ),
            flat("MaxPooling1D", pool_length=3, stride=None, ignore_border=True),
            flat("Dropout", p=0.5),
            flat("Flatten"),
            flat("Dense", output_dim=CLASSES, activation="linear"),
            flat("Activation", activation="sigmoid"),
        ],
    }  # fmt: skip
    stored = kernel.transpose(2, 1, 0)[..., None]
    groups = {
        "layer_0": [stored, bias], "layer_1": [], "layer_2": [], "layer_3": [],
        "layer_4": scores, "layer_5": [],
    }  # fmt: skip
    network = read_network(write_old(tmp_path / "m", data, groups))
    x = plain.one_hots(generator, 3, LENGTH)
    maps = [plain.pool(plain.relu(plain.correlate(s, kernel[::-1], bias)), 3).ravel() for s in x]
    agree(network, x, plain.sigmoid(np.array(maps) @ scores[0] + scores[1]))
    assert network.format == "Keras 0 Sequential"
    assert any("reversed" in finding.what for finding in network.findings)


@pytest.mark.parametrize("rows", [True, False])
def test_keras_0_picture_of_the_sequence_with_bases_as_rows_or_columns(tmp_path, generator, rows):
    kernel, bias = draw(generator, 4, 4, FILTERS), draw(generator, FILTERS)  # width, base, filter
    scores = dense(generator, 5 * FILTERS)
    size = {"nb_row": 4, "nb_col": 4}
    pool = [1, 4] if rows else [4, 1]
    data = {
        "name": "Sequential",
        "layers": [
            flat(
                "Convolution2D", nb_filter=FILTERS, **size, border_mode="valid", dim_ordering="th",
                input_shape=[1, 4, LENGTH] if rows else [1, LENGTH, 4], activation="relu",
            ),
            flat("MaxPooling2D", poolsize=pool, dim_ordering="th"),
            flat("Flatten"),
            flat("Dense", output_dim=CLASSES),
        ],
    }  # fmt: skip
    turned = kernel.transpose(2, 1, 0) if rows else kernel.transpose(2, 0, 1)
    groups = {"layer_0": [turned[:, None], bias], "layer_3": scores}
    network = read_network(write_old(tmp_path / "m", data, {"layer_1": [], "layer_2": []} | groups))
    x = plain.one_hots(generator, 3, LENGTH)
    reverse_complement = kernel[::-1, ::-1]  # Theano turns both axes around
    maps = [plain.pool(plain.relu(plain.correlate(s, reverse_complement, bias)), 4) for s in x]
    agree(network, x, np.array([m.T.ravel() for m in maps]) @ scores[0] + scores[1])


def graph_data(*, words_of_1):
    conv = {"nb_filter": FILTERS, "border_mode": "valid", "activation": "relu"}
    nodes = {
        "short": ("Convolution1D", {**conv, "filter_length": 3}),
        "short_best": ("MaxPooling1D", {"pool_length": 21}),
        "long": ("Convolution1D", {**conv, "filter_length": 6}),
        "long_best": ("MaxPooling1D", {"pool_length": 18}),
        "flat": ("Flatten", {}),
        "scores": ("Dense", {"output_dim": CLASSES, "activation": "softmax"}),
    }
    inputs = {"short": "dna", "short_best": "short", "long": "dna", "long_best": "long"}
    inputs["scores"] = "flat"
    node_config = [
        {"name": name, "input": inputs.get(name), "inputs": [], "merge_mode": "concat"}
        for name in nodes
    ]
    node_config[4] |= {"inputs": ["short_best", "long_best"], "concat_axis": -1}
    config = {
        "input_config": [{"name": "dna", "input_shape": [LENGTH, 4], "dtype": "float"}],
        "node_config": node_config,
        "output_config": [{"name": "answer", "input": "scores", "inputs": []}],
    }
    if not words_of_1:
        made = {name: flat(kind, **options) for name, (kind, options) in nodes.items()}
        return {"name": "Graph", "nodes": made, **config}
    made = {
        name: {"class_name": kind, "config": options} for name, (kind, options) in nodes.items()
    }
    return {"class_name": "Graph", "keras_version": "1.0.4", "config": {"nodes": made, **config}}


@pytest.mark.parametrize("words_of_1", [False, True])
def test_graph_model_joins_two_convolutions(tmp_path, generator, words_of_1):
    short, long = draw(generator, 3, 4, FILTERS), draw(generator, 6, 4, FILTERS)
    biases = draw(generator, FILTERS), draw(generator, FILTERS)
    scores = dense(generator, 2 * FILTERS)
    first, second = (kernel.transpose(2, 1, 0)[..., None] for kernel in (short, long))
    data = graph_data(words_of_1=words_of_1)
    arrays = [first, biases[0], second, biases[1], *scores]
    folder = write_old(tmp_path / "m", data, {"graph": arrays})
    if words_of_1:
        with h5py.File(folder / "weights.h5", "w") as file:
            names = {"short": arrays[:2], "long": arrays[2:4], "scores": arrays[4:]}
            write_weights(file, [layer("", name, found) for name, found in names.items()])
    network = read_network(folder)
    turned = [kernel if words_of_1 else kernel[::-1] for kernel in (short, long)]
    x = plain.one_hots(generator, 3, LENGTH)
    maps = [
        np.concatenate(
            [
                plain.relu(plain.correlate(s, kernel, bias)).max(0)
                for kernel, bias in zip(turned, biases, strict=True)
            ]
        )
        for s in x
    ]
    agree(network, x, plain.softmax(np.array(maps) @ scores[0] + scores[1]))
    assert {"short", "long", "scores"} <= set(network.layers)


def test_keras_0_normalisation_stores_standard_deviations(tmp_path, generator):
    gamma, beta, mean = (draw(generator, 4) for _ in range(3))
    deviation = generator.uniform(0.5, 2, 4)
    scores = dense(generator, 4 * LENGTH)
    data = {
        "name": "Sequential",
        "layers": [
            flat("BatchNormalization", input_shape=[LENGTH, 4], epsilon=1e-6, mode=0),
            flat("Flatten"),
            flat("Dense", output_dim=CLASSES),
        ],
    }
    groups = {"layer_0": [gamma, beta, mean, deviation], "layer_1": [], "layer_2": scores}
    network = read_network(write_old(tmp_path / "m", data, groups))
    x = plain.one_hots(generator, 3, LENGTH)
    maps = gamma * (x - mean) / deviation + beta
    agree(network, x, maps.reshape(3, -1) @ scores[0] + scores[1])


def test_keras_1_branches_of_a_merge_read_the_same_sequence(tmp_path, generator):
    kernels = [draw(generator, width, 4, FILTERS) for width in (3, 5)]
    biases = [draw(generator, FILTERS) for _ in kernels]
    scores = dense(generator, FILTERS)
    branches = [
        {
            "class_name": "Sequential",
            "config": [
                {
                    "class_name": "Convolution1D",
                    "config": {
                        "name": f"conv_{len(kernel)}", "nb_filter": FILTERS,
                        "filter_length": len(kernel), "activation": "relu", "border_mode": "valid",
                        "batch_input_shape": [None, LENGTH, 4],
                    },
                },
                {"class_name": "GlobalMaxPooling1D", "config": {"name": f"best_{len(kernel)}"}},
            ],
        }
        for kernel in kernels
    ]  # fmt: skip
    merge = layer("Merge", "merge", layers=branches, mode="sum", concat_axis=-1, dot_axes=-1)
    last = layer("Dense", "scores", scores, output_dim=CLASSES)
    folder = write_model(tmp_path / "m", [merge, last], version="1.2.2", backend="tensorflow")
    with h5py.File(folder / "weights.h5", "w") as file:
        stored = [
            layer("", f"conv_{len(kernel)}", [kernel[:, None], bias])
            for kernel, bias in zip(kernels, biases, strict=True)
        ]
        write_weights(file, [*stored, last])
    network = read_network(folder)
    x = plain.one_hots(generator, 3, LENGTH)
    maps = [
        sum(
            plain.relu(plain.correlate(s, kernel, bias)).max(0)
            for kernel, bias in zip(kernels, biases, strict=True)
        )
        for s in x
    ]
    agree(network, x, np.array(maps) @ scores[0] + scores[1])
    assert any("all read the same sequence" in finding.what for finding in network.findings)


def gates(generator, n, n_features, n_units):
    return [
        (draw(generator, n_features, n_units), draw(generator, n_units, n_units), bias)
        for bias in draw(generator, n, n_units)
    ]


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "Bidirectional", "one array per part"])
def test_keras_1_recurrent_layers_store_an_array_per_gate(tmp_path, generator, kind):
    n_units, straight = 3, plain.hard_sigmoid
    options = {"output_dim": n_units, "activation": "tanh", "inner_activation": "hard_sigmoid"}
    scores = dense(generator, 2 * n_units if kind == "Bidirectional" else n_units)
    shape = {"batch_input_shape": [None, LENGTH, 4]}
    x = plain.one_hots(generator, 3, LENGTH)
    stored = []
    if kind == "GRU":
        z, r, h = used = gates(generator, 3, 4, n_units)
        cell = layer("GRU", "cell", [*z, *r, *h], **options, **shape)
        found = [plain.gru(s, used, gate=straight)[-1] for s in x]
    else:
        i, f, c, o = used = gates(generator, 4, 4, n_units)
        stored = [*i, *c, *f, *o]
        if kind == "one array per part":
            stored = [np.concatenate(part, axis=-1) for part in zip(*used, strict=True)]
        cell = layer("LSTM", "cell", stored, **options, **shape)
        found = [plain.lstm(s, used, gate=straight)[-1] for s in x]
    if kind == "Bidirectional":
        back = gates(generator, 4, 4, n_units)
        i, f, c, o = back
        inner = {"class_name": "LSTM", "config": {"name": "lstm", **options}}
        arrays = [*stored, *i, *c, *f, *o]
        cell = layer("Bidirectional", "cell", arrays, layer=inner, merge_mode="concat", **shape)
        ends = [plain.lstm(s[::-1], back, gate=straight)[-1] for s in x]
        found = [np.concatenate(pair) for pair in zip(found, ends, strict=True)]
    last = layer("Dense", "scores", scores, output_dim=CLASSES)
    network = read_network(write_model(tmp_path / "m", [cell, last], version="1.1.0"))
    agree(network, x, np.array(found) @ scores[0] + scores[1])


def test_layers_for_one_gpu_library_are_read_from_its_layout(tmp_path, generator):
    n_units = 3
    used = gates(generator, 4, 4, n_units)
    kernels = np.hstack([kernel.T.reshape(kernel.shape) for kernel, _, _ in used])
    inner = np.hstack([recurrent.T for _, recurrent, _ in used])
    bias = np.tile(0.5 * np.concatenate([bias for _, _, bias in used]), 2)
    scores = dense(generator, n_units)
    shape = {"batch_input_shape": [None, LENGTH, 4]}
    layers = [
        layer("CuDNNLSTM", "cell", [kernels, inner, bias], units=n_units, **shape),
        layer("Dense", "scores", scores, units=CLASSES),
    ]
    network = read_network(write_model(tmp_path / "m", layers))
    x = plain.one_hots(generator, 3, LENGTH)
    found = [plain.lstm(s, used)[-1] for s in x]
    agree(network, x, np.array(found) @ scores[0] + scores[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Maze"}, "does not describe a Keras model"),
        ({"node_config": []}, "names 'scores'|no layers"),
        ({"input_config": None}, "architecture is broken"),
        ({"output_config": []}, "has no output"),
        ({"nodes": {}}, "architecture is broken"),
        ({"node_config": [{"name": "short", "input": "short"}]}, "names 'scores'"),
        (
            {
                "node_config": [{"name": "flat", "input": "flat"}],
                "output_config": [{"name": "y", "input": "flat"}],
            },
            "takes something that no layer before it makes",
        ),
    ],
)
def test_broken_graphs_give_one_sentence(tmp_path, change, message):
    data = graph_data(words_of_1=False) | change
    folder = write_old(tmp_path / "m", data, {"graph": [np.ones((2, 2))]})
    with pytest.raises(ModelFileError, match=message) as caught:
        read_network(folder)
    assert "\n" not in str(caught.value)


def test_arrays_left_over_in_a_numbered_file_are_refused(tmp_path, generator):
    data = graph_data(words_of_1=False)
    kernels = [draw(generator, FILTERS, 4, width, 1) for width in (3, 6)]
    arrays = [kernels[0], np.ones(FILTERS), kernels[1], np.ones(FILTERS), *dense(generator, 12)]
    folder = write_old(tmp_path / "m", data, {"graph": [*arrays, np.ones(3)]})
    with pytest.raises(ModelFileError, match="has weights for graph/param_6"):
        read_network(folder)
    with h5py.File(folder / "weights.h5", "a") as file:
        file["graph"].attrs["nb_params"] = 10**12
    with pytest.raises(ModelFileError, match="says that it has 1000000000000 arrays"):
        read_network(folder)
