import json
import pickle

import h5py
import numpy as np
import pytest

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.read import read_network
from tests.networks.keras_files import layer, write_model, write_weights, write_whole

LENGTH = 23


def layers():
    g = np.random.default_rng(0)
    return [
        layer(
            "Conv1D",
            "conv",
            [g.normal(size=(3, 4, 7)), g.normal(size=7)],
            filters=7,
            kernel_size=[3],
            batch_input_shape=[None, LENGTH, 4],
        ),
        layer("GlobalMaxPooling1D", "pool"),
        layer("Dense", "dense", [g.normal(size=(7, 2)), g.normal(size=2)], units=2),
    ]


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "model", layers())


def refuse(path, message, **options):
    with pytest.raises(ModelFileError, match=message) as caught:
        read_network(path, **options)
    assert "\n" not in str(caught.value)


def test_what_is_missing_is_named(model, tmp_path):
    refuse(tmp_path / "nothing", "There is no file or folder")
    refuse(model / "architecture.json", "has an architecture but no weights")
    refuse(model / "weights.h5", "holds weights only")
    (model / "weights.h5").unlink()
    refuse(model, "holds no weights")
    empty = tmp_path / "empty"
    empty.mkdir()
    refuse(empty, "holds no weights")


def test_several_weight_files_are_not_guessed_among(model):
    (model / "other.h5").write_bytes((model / "weights.h5").read_bytes())
    refuse(model, "several files that could be meant: other.h5, weights.h5")
    assert read_network(model, weights=model / "other.h5").input_length == LENGTH


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"hello, this is text", "is not a model file"),
        (b"PK\x03\x04rest", "zip archive"),
        (pickle.dumps({"a": 1}), "Python pickle"),
        (bytes(range(200, 256)), "is not a model file"),
    ],
)
def test_other_files_are_refused_by_kind(tmp_path, model, data, message):
    path = tmp_path / "file.h5"
    path.write_bytes(data)
    refuse(path, message)
    refuse(model / "architecture.json", message, weights=path)
    refuse(model / "weights.h5", message, architecture=path)


def test_a_pickle_is_never_run(tmp_path):
    trace = tmp_path / "ran"

    class Bomb:
        def __reduce__(self):
            return (trace.touch, ())

    path = tmp_path / "model.h5"
    path.write_bytes(pickle.dumps(Bomb()))
    refuse(path, "pickle")
    assert not trace.exists()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_weight_file_is_refused(model, share):
    path = model / "weights.h5"
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    refuse(model, "not a readable HDF5 file|broken")


@pytest.mark.parametrize("text", ['{"a":', "{" * 100_000, '{"a": 1}', '{"class_name": 1}', '"{}"'])
def test_json_that_is_no_model_is_refused(model, text):
    (model / "architecture.json").write_text(text)
    refuse(model, "JSON")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ([], "no layers"),
        ({"layers": None}, "no layers"),
        ([3], "layer without a configuration"),
        ([{"class_name": "Dense"}], "layer without a configuration"),
        (
            [{"class_name": "InputLayer", "config": {"batch_input_shape": [None, 9, 4]}}],
            "no layers",
        ),
    ],
)
def test_an_architecture_without_proper_layers_is_refused(model, config, message):
    data = {"class_name": "Sequential", "config": config}
    (model / "architecture.json").write_text(json.dumps(data))
    refuse(model, message)


def test_weights_that_are_not_finite_are_refused_by_name(tmp_path):
    for value in (np.nan, np.inf):
        broken = layers()
        broken[2]["arrays"][1] = np.array([0.0, value])
        refuse(write_model(tmp_path / str(value), broken), "'dense_1' holds NaN or infinite")


def test_links_to_other_files_are_not_followed(tmp_path, model):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        write_weights(file, layers())
        write_weights(file.create_group("model_weights"), layers())
    with h5py.File(model / "weights.h5", "a") as file:
        del file["conv"]["conv_0"]
        file["conv"]["conv_0"] = h5py.ExternalLink(str(secret), "/conv/conv_0")
    refuse(model, "not followed")
    with h5py.File(model / "weights.h5", "w") as file:
        file["model_weights"] = h5py.ExternalLink(str(secret), "/model_weights")
    refuse(model, "not followed")
    with h5py.File(model / "weights.h5", "w") as file:
        write_weights(file, layers())
        file["elsewhere"] = file["conv"]["conv_0"]
        del file["conv"]["conv_0"]
        file["conv"]["conv_0"] = h5py.SoftLink("/elsewhere")
    refuse(model, "not followed")


def test_virtual_and_external_arrays_are_not_followed(tmp_path, model):
    with h5py.File(model / "weights.h5", "a") as file:
        del file["conv"]["conv_1"]
        layout = h5py.VirtualLayout(shape=(7,), dtype="f4")
        layout[:] = h5py.VirtualSource("secret.h5", "x", shape=(7,))
        file["conv"].create_virtual_dataset("conv_1", layout)
    refuse(model, "outside its file")
    (tmp_path / "secret.bin").write_bytes(b"\0" * 28)
    with h5py.File(model / "weights.h5", "a") as file:
        del file["conv"]["conv_1"]
        file["conv"].create_dataset(
            "conv_1", (7,), "f4", external=[(str(tmp_path / "secret.bin"), 0, 28)]
        )
    refuse(model, "outside its file")


def test_a_shape_is_checked_before_anything_is_read(model):
    with h5py.File(model / "weights.h5", "a") as file:
        del file["dense"]["dense_0"]
        file["dense"].create_dataset("dense_0", (10**6, 10**6), "f4", chunks=(10, 10))
    refuse(model, r"\(1000000, 1000000\)")


def test_arrays_that_are_missing_left_over_or_not_numbers_are_refused(model):
    with h5py.File(model / "weights.h5", "a") as file:
        del file["dense"]["dense_1"]
    refuse(model, "named in the file, but not there")
    with h5py.File(model / "weights.h5", "a") as file:
        file["dense"]["dense_1"] = np.array([b"a", b"b"])
    refuse(model, "does not hold floating-point numbers")
    with h5py.File(model / "weights.h5", "w") as file:
        write_weights(file, layers()[:2])
    refuse(model, "needs weights of shape .* has none")
    with h5py.File(model / "weights.h5", "w") as file:
        write_weights(file, [*layers(), layer("Dense", "extra", [np.ones((2, 2))])])
    refuse(model, "needs weights of shape|does not have")
    with h5py.File(model / "weights.h5", "w") as file:
        file["x"] = 1
    refuse(model, "holds no Keras weights")


def test_a_broken_architecture_inside_a_whole_model_is_refused(tmp_path):
    path = write_whole(tmp_path / "m.h5", layers())
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = "{"
    refuse(path, "model_config .* not readable as JSON")
