import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.read import read_network
from tests.networks import plain
from tests.networks.keras_files import layer, write_model, write_whole

LENGTH, FILTERS, HIDDEN, CLASSES = 23, 7, 5, 2


def draw(generator, *shape):
    return generator.normal(size=shape) * 0.5


def outputs(network, x):
    """x (n, position, base) -> output (n, class)"""
    inputs = torch.tensor(x.transpose(0, 2, 1), dtype=torch.float32)
    (value,) = forward(network, inputs).values()
    return value.numpy()


def agree(network, x, expected):
    found = outputs(network, x)
    assert found.shape == expected.shape
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.fixture
def generator():
    return np.random.default_rng(3)


@pytest.mark.parametrize("width", [5, 8])
def test_keras_1_theano_model_is_a_true_convolution_with_channels_first_flatten(
    tmp_path, generator, width
):
    kernel, bias = draw(generator, width, 4, FILTERS), draw(generator, FILTERS)
    n_windows = 5  # 23 bases by 4, the last 3 fall off the edge
    dense, dense_bias = draw(generator, FILTERS * n_windows, CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "Convolution2D",
            "convolution2d_1",
            [kernel.transpose(2, 1, 0)[:, :, None, :], bias],
            nb_filter=FILTERS,
            nb_row=1,
            nb_col=width,
            border_mode="same",
            dim_ordering="th",
            subsample=[1, 1],
            activation="relu",
            bias=True,
            batch_input_shape=[None, 4, 1, LENGTH],
        ),
        layer(
            "MaxPooling2D",
            "maxpooling2d_1",
            pool_size=[1, 4],
            strides=[1, 4],
            border_mode="valid",
            dim_ordering="th",
        ),
        layer("Flatten", "flatten_1"),
        layer("Dropout", "dropout_1", p=0.1),
        layer("Dense", "dense_1", [dense, dense_bias], output_dim=CLASSES, activation="linear"),
        layer("Activation", "activation_1", activation="sigmoid"),
    ]
    network = read_network(write_model(tmp_path / "m", layers, version="1.2.0"))
    x = plain.one_hots(generator, 3, LENGTH)
    expected = [
        plain.sigmoid(
            plain.pool(plain.relu(plain.theano_same(s, kernel, bias)), 4).T.ravel() @ dense
            + dense_bias
        )
        for s in x
    ]
    agree(network, x, np.array(expected))
    assert any("reversed" in finding.what for finding in network.findings)


@pytest.mark.parametrize(("size", "before"), [(3, 1), (4, 3), (2, 1)])
def test_theano_pools_with_a_border_of_its_own(tmp_path, generator, size, before):
    n_windows = -(-LENGTH // size)
    dense, dense_bias = draw(generator, n_windows * 4, CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "MaxPooling1D",
            "pool",
            pool_size=size,
            padding="same",
            batch_input_shape=[None, LENGTH, 4],
        ),
        layer("Flatten", "flatten"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES),
    ]
    network = read_network(write_model(tmp_path / "m", layers, backend="theano"))
    x = plain.one_hots(generator, 3, LENGTH)
    bordered = np.pad(x, ((0, 0), (before, size), (0, 0)))
    windows = [bordered[:, i * size : (i + 1) * size].max(1) for i in range(n_windows)]
    agree(network, x, np.stack(windows, 1).reshape(3, -1) @ dense + dense_bias)


def test_theano_kernels_of_keras_2_are_reversed_and_tensorflow_ones_are_not(tmp_path, generator):
    kernel, bias = draw(generator, 3, 4, FILTERS), draw(generator, FILTERS)
    dense, dense_bias = draw(generator, FILTERS, CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "Conv1D",
            "conv",
            [kernel, bias],
            filters=FILTERS,
            kernel_size=[3],
            padding="valid",
            activation="tanh",
            batch_input_shape=[None, LENGTH, 4],
        ),
        layer("GlobalMaxPooling1D", "pool"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES, activation="softmax"),
    ]
    x = plain.one_hots(generator, 3, LENGTH)
    for backend, used in (("tensorflow", kernel), ("theano", kernel[::-1])):
        network = read_network(write_model(tmp_path / backend, layers, backend=backend))
        maps = [np.tanh(plain.correlate(s, used, bias)).max(0) for s in x]
        agree(network, x, plain.softmax(np.array(maps) @ dense + dense_bias))


@pytest.mark.parametrize("legacy", [False, True])
def test_keras_1_one_dimensional_kernels_of_both_layouts_are_read(tmp_path, generator, legacy):
    kernel, bias = draw(generator, 3, 4, FILTERS), draw(generator, FILTERS)
    stored = kernel.transpose(2, 1, 0)[..., None] if legacy else kernel[:, None]
    n_windows = 10
    dense, dense_bias = draw(generator, n_windows * FILTERS, CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "Convolution1D",
            "convolution1d_1",
            [stored, bias],
            nb_filter=FILTERS,
            filter_length=3,
            border_mode="valid",
            subsample_length=1,
            activation="relu",
            batch_input_shape=[None, LENGTH, 4],
        ),
        layer("AveragePooling1D", "pool", pool_length=2, stride=2, border_mode="valid"),
        layer("Flatten", "flatten"),
        layer("Dense", "dense", [dense, dense_bias], output_dim=CLASSES),
    ]
    network = read_network(write_model(tmp_path / "m", layers, version="1.1.0"))
    x = plain.one_hots(generator, 3, LENGTH)
    maps = [plain.pool(plain.relu(plain.correlate(s, kernel, bias)), 2, how=np.mean) for s in x]
    agree(network, x, np.array([m.ravel() for m in maps]) @ dense + dense_bias)
    assert any("left as they are" in finding.what for finding in network.findings)


@pytest.mark.parametrize("shape", [(LENGTH, 1, 4), (1, LENGTH, 4)])
def test_channels_last_two_dimensional_model_agrees(tmp_path, generator, shape):
    kernel, bias = draw(generator, 4, 4, FILTERS), draw(generator, FILTERS)
    along = shape.index(LENGTH)
    size, pool = ([4, 1], [3, 1]) if along == 0 else ([1, 4], [1, 3])
    dense, dense_bias = draw(generator, 7 * FILTERS, CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "Conv2D",
            "conv",
            [np.expand_dims(kernel, 1 - along), bias],
            filters=FILTERS,
            kernel_size=size,
            padding="same",
            data_format="channels_last",
            activation="relu",
            batch_input_shape=[None, *shape],
        ),
        layer("MaxPooling2D", "pool", pool_size=pool, padding="valid", data_format="channels_last"),
        layer("Flatten", "flatten", data_format="channels_last"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES, activation="sigmoid"),
    ]
    network = read_network(write_model(tmp_path / "m", layers, nested=True))
    x = plain.one_hots(generator, 3, LENGTH)
    maps = [
        plain.pool(plain.relu(plain.correlate(s, kernel, bias, before=1, after=2)), 3) for s in x
    ]
    agree(network, x, plain.sigmoid(np.array([m.ravel() for m in maps]) @ dense + dense_bias))


def test_image_like_model_slides_four_rows_of_bases(tmp_path, generator):
    kernel, bias = draw(generator, 5, 4, FILTERS), draw(generator, FILTERS)
    dense, dense_bias = draw(generator, 19 * FILTERS, CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "Conv2D",
            "conv",
            [kernel.transpose(1, 0, 2)[:, :, None], bias],
            filters=FILTERS,
            kernel_size=[4, 5],
            activation="elu",
            batch_input_shape=[None, 4, LENGTH, 1],
        ),
        layer("Flatten", "flatten"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES),
    ]
    network = read_network(write_model(tmp_path / "m", layers))
    x = plain.one_hots(generator, 3, LENGTH)
    maps = np.array([plain.correlate(s, kernel, bias).ravel() for s in x])
    maps = np.where(maps > 0, maps, np.exp(maps) - 1)
    agree(network, x, maps @ dense + dense_bias)


def test_keras_2_flatten_told_channels_first_moves_channels_last(tmp_path, generator):
    kernel, bias = draw(generator, 3, 4, FILTERS), draw(generator, FILTERS)
    dense, dense_bias = draw(generator, 21 * FILTERS, CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "Conv1D",
            "conv",
            [kernel, bias],
            filters=FILTERS,
            kernel_size=[3],
            data_format="channels_first",
            batch_input_shape=[None, 4, LENGTH],
        ),
        layer("Flatten", "flatten", data_format="channels_first"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES),
    ]
    x = plain.one_hots(generator, 3, LENGTH)
    maps = [plain.correlate(s, kernel, bias) for s in x]
    network = read_network(write_model(tmp_path / "m", layers))
    agree(network, x, np.array([m.ravel() for m in maps]) @ dense + dense_bias)
    layers[1]["options"]["data_format"] = "channels_last"
    network = read_network(write_model(tmp_path / "n", layers))
    agree(network, x, np.array([m.T.ravel() for m in maps]) @ dense + dense_bias)


def test_normalisation_and_rectifiers_agree_in_their_order_of_axes(tmp_path, generator):
    kernel, bias = draw(generator, 3, 4, FILTERS), draw(generator, FILTERS)
    gamma, beta, mean = (draw(generator, FILTERS) for _ in range(3))
    variance = generator.uniform(0.5, 2, FILTERS)
    slope = generator.uniform(0.1, 0.9, (21, FILTERS))
    hidden, hidden_bias = draw(generator, FILTERS, HIDDEN), draw(generator, HIDDEN)
    dense, dense_bias = draw(generator, HIDDEN, CLASSES), draw(generator, CLASSES)
    layers = [
        layer("InputLayer", "input", batch_input_shape=[None, LENGTH, 4]),
        layer("Conv1D", "conv", [kernel, bias], filters=FILTERS, kernel_size=[3]),
        layer("BatchNormalization", "norm", [gamma, beta, mean, variance], axis=-1, epsilon=0.01),
        layer("PReLU", "prelu", [slope]),
        layer("Dense", "pointwise", [hidden, hidden_bias], units=HIDDEN),
        layer("LeakyReLU", "leaky", alpha=0.2),
        layer("GlobalAveragePooling1D", "pool"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES, activation="hard_sigmoid"),
    ]
    network = read_network(write_model(tmp_path / "m", layers))
    x = plain.one_hots(generator, 3, LENGTH)
    rows = []
    for s in x:
        h = plain.correlate(s, kernel, bias)
        h = gamma * (h - mean) / np.sqrt(variance + 0.01) + beta
        h = np.where(h > 0, h, slope * h) @ hidden + hidden_bias
        h = np.where(h > 0, h, 0.2 * h).mean(0)
        rows.append(np.clip(0.2 * (h @ dense + dense_bias) + 0.5, 0, 1))
    agree(network, x, np.array(rows))


def test_normalisation_over_positions_is_read_as_written(tmp_path, generator):
    gamma, beta, mean = (draw(generator, LENGTH) for _ in range(3))
    variance = generator.uniform(0.5, 2, LENGTH)
    dense, dense_bias = draw(generator, LENGTH * 4, CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "BatchNormalization",
            "norm",
            [gamma, beta, mean, variance],
            axis=1,
            epsilon=0.01,
            batch_input_shape=[None, LENGTH, 4],
        ),
        layer("Flatten", "flatten"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES),
    ]
    network = read_network(write_model(tmp_path / "m", layers))
    x = plain.one_hots(generator, 3, LENGTH)
    h = (x - mean[:, None]) / np.sqrt(variance + 0.01)[:, None] * gamma[:, None] + beta[:, None]
    agree(network, x, h.reshape(3, -1) @ dense + dense_bias)


def test_reshape_permute_and_padding_keep_the_order_of_keras(tmp_path, generator):
    kernel, bias = draw(generator, 3, 4, FILTERS), draw(generator, FILTERS)
    dense, dense_bias = draw(generator, 26 * FILTERS, CLASSES), draw(generator, CLASSES)
    layers = [
        layer("Permute", "turn", dims=[2, 1], batch_input_shape=[None, 4, LENGTH]),
        layer("ZeroPadding1D", "pad", padding=[2, 3]),
        layer("Conv1D", "conv", [kernel, bias], filters=FILTERS, kernel_size=[3]),
        layer("Reshape", "reshape", target_shape=[FILTERS, -1]),
        layer("Flatten", "flatten"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES),
    ]
    network = read_network(write_model(tmp_path / "m", layers))
    x = plain.one_hots(generator, 3, LENGTH)
    maps = [plain.correlate(s, kernel, bias, before=2, after=3).ravel() for s in x]
    agree(network, x, np.array(maps) @ dense + dense_bias)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    width=st.integers(1, 6),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same", "causal"]),
    size=st.integers(1, 4),
    pool_stride=st.integers(1, 3),
    pool_padding=st.sampled_from(["valid", "same"]),
    kind=st.sampled_from(["Max", "Average"]),
)
def test_any_convolution_and_pooling_of_keras_2_agrees(
    tmp_path_factory, seed, width, stride, dilation, padding, size, pool_stride, pool_padding, kind
):
    generator = np.random.default_rng(seed)
    kernel, bias = draw(generator, width, 4, FILTERS), draw(generator, FILTERS)
    reach = (width - 1) * dilation + 1
    assume(padding != "valid" or (LENGTH - reach) // stride + 1 >= size)
    total = max((-(-LENGTH // stride) - 1) * stride + reach - LENGTH, 0)
    before, after = {
        "valid": (0, 0),
        "same": (total // 2, total - total // 2),
        "causal": (reach - 1, 0),
    }[padding]
    x = plain.one_hots(generator, 3, LENGTH)
    how = np.max if kind == "Max" else np.mean
    options = {"before": before, "after": after, "stride": stride, "dilation": dilation}
    maps = [plain.correlate(s, kernel, bias, **options) for s in x]
    same = pool_padding == "same"
    features = np.array(
        [plain.pool(m, size, pool_stride, same=same, how=how).ravel() for m in maps]
    )
    dense, dense_bias = draw(generator, features.shape[1], CLASSES), draw(generator, CLASSES)
    layers = [
        layer(
            "Conv1D",
            "conv",
            [kernel, bias],
            filters=FILTERS,
            kernel_size=[width],
            strides=[stride],
            dilation_rate=[dilation],
            padding=padding,
            batch_input_shape=[None, LENGTH, 4],
        ),
        layer(
            f"{kind}Pooling1D", "pool", pool_size=size, strides=pool_stride, padding=pool_padding
        ),
        layer("Flatten", "flatten"),
        layer("Dense", "dense", [dense, dense_bias], units=CLASSES),
    ]
    network = read_network(write_model(tmp_path_factory.mktemp("m"), layers))
    agree(network, x, features @ dense + dense_bias)


def small(generator, names=("conv", "pool", "dense")):
    return [
        layer(
            "Conv1D",
            names[0],
            [draw(generator, 3, 4, FILTERS), draw(generator, FILTERS)],
            filters=FILTERS,
            kernel_size=[3],
            batch_input_shape=[None, LENGTH, 4],
        ),
        layer("GlobalMaxPooling1D", names[1]),
        layer(
            "Dense",
            names[2],
            [draw(generator, FILTERS, CLASSES), draw(generator, CLASSES)],
            units=CLASSES,
        ),
    ]


def test_one_file_that_holds_everything_is_the_same_network(tmp_path, generator):
    layers = small(generator)
    pair = read_network(write_model(tmp_path / "m", layers, backend="theano"))
    whole = read_network(write_whole(tmp_path / "m.h5", layers, backend="theano"))
    given_apart = read_network(
        tmp_path / "m" / "weights.h5", architecture=tmp_path / "m" / "architecture.json"
    )
    given_back = read_network(
        tmp_path / "m" / "architecture.json", weights=tmp_path / "m" / "weights.h5"
    )
    x = plain.one_hots(generator, 3, LENGTH)
    for network in (whole, given_apart, given_back):
        np.testing.assert_array_equal(outputs(network, x), outputs(pair, x))


def test_weights_under_other_names_are_matched_by_order_and_said(tmp_path, generator):
    layers = small(generator)
    named = read_network(write_model(tmp_path / "m", layers))
    for item in layers:
        item["name"] = f"other_{item['name']}"
    write_model(tmp_path / "n", layers)
    network = read_network(
        tmp_path / "m" / "architecture.json", weights=tmp_path / "n" / "weights.h5"
    )
    x = plain.one_hots(generator, 3, LENGTH)
    np.testing.assert_array_equal(outputs(network, x), outputs(named, x))
    assert any("by their order" in finding.what for finding in network.findings)


@pytest.mark.parametrize("kind", ["Masking", "Embedding", "LocallyConnected1D", "Lambda", "Dance"])
def test_unsupported_layers_are_refused_by_name(tmp_path, generator, kind):
    layers = [*small(generator), layer(kind, "odd_one")]
    with pytest.raises(ModelFileError, match="Layer 'odd_one'"):
        read_network(write_model(tmp_path / "m", layers))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filters": 5}, "needs weights of shape"),
        ({"kernel_size": [0]}, "makes no sense"),
        ({"kernel_size": None}, "makes no sense"),
        ({"padding": "mirror"}, "padding 'mirror'"),
        ({"data_format": ["x"], "kernel_size": [2]}, "needs weights of shape"),
        ({"dim_ordering": ["x"], "kernel_size": [2]}, "needs weights of shape"),
        ({"activation": "os.system"}, "activation 'os.system'"),
        ({"filters": None}, "configuration of layer 'conv' is broken"),
        (
            {"batch_input_shape": [None, None, 4]},
            "leaves the length of its sequences open: its input is",
        ),
        ({"batch_input_shape": [None, 20, 5]}, "one-hot DNA has an axis of 4"),
        ({"batch_input_shape": None}, "does not say the shape"),
        ({"padding": "same", "kernel_size": [10**12]}, "needs weights of shape"),
    ],
)
def test_broken_options_give_one_sentence(tmp_path, generator, change, message):
    layers = small(generator)
    layers[0]["options"].update(change)
    with pytest.raises(ModelFileError, match=message):
        read_network(write_model(tmp_path / "m", layers))


def test_a_class_without_a_program_in_the_file_is_refused(tmp_path, generator):
    folder = write_model(tmp_path / "m", small(generator))
    path = folder / "architecture.json"
    path.write_text(path.read_text().replace("Sequential", "MyModel"))
    with pytest.raises(ModelFileError, match="class 'MyModel', whose program is not in the file"):
        read_network(folder)


def test_a_huge_border_takes_no_memory(tmp_path, generator):
    layers = small(generator)
    layers.insert(1, layer("ZeroPadding1D", "pad", padding=10**12))
    with pytest.raises(ModelFileError, match="'pad'"):
        read_network(write_model(tmp_path / "m", layers))
