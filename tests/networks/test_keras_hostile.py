"""Keras files that would harm whoever trusts them: one plain sentence each, and nothing is run."""

import copy
import io
import json
import marshal
import random
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.read import read_network
from tests.networks.keras_files import layer, write_model, write_whole

ZOO = Path(__file__).parent / "zoo" / "keras3"


def members(name="danq"):
    with zipfile.ZipFile(ZOO / f"{name}.keras") as archive:
        return {member: archive.read(member) for member in archive.namelist()}


def rewrite(path, *, config=None, weights=None, more=None):
    """The archive of a sound network with its configuration or weights changed."""
    found = members()
    if config is not None:
        data = json.loads(found["config.json"])
        config(data)
        found["config.json"] = json.dumps(data).encode()
    if weights is not None:
        stream = io.BytesIO(found["model.weights.h5"])
        with h5py.File(stream, "r+") as file:
            weights(file)
        found["model.weights.h5"] = stream.getvalue()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**found, **(more or {})}.items():
            archive.writestr(name, data)
    return path


def refuse(path, message):
    with pytest.raises(ModelFileError, match=message) as caught:
        read_network(path)
    assert "\n" not in str(caught.value)


def code_that_writes(path):
    code = compile(f"lambda x: open({str(path)!r}, 'w')", "lambda", "eval")
    return marshal.dumps(code.co_consts[0]).hex()


def insert(config):
    """Put an entry after the convolution, as the last thing that is read of the row."""
    return lambda data: data["config"]["layers"].insert(2, config)


def set_option(name, value, place=1):
    return lambda data: data["config"]["layers"][place]["config"].update({name: value})


def test_a_lambda_is_refused_by_name_in_every_container(tmp_path):
    trace = tmp_path / "ran"
    function = {"class_name": "__lambda__", "config": {"code": code_that_writes(trace)}}
    options = {"name": "sly", "trainable": True, "function": function}
    entry = {"module": "keras.layers", "class_name": "Lambda", "config": options}
    archive = rewrite(tmp_path / "m.keras", config=insert(entry))
    refuse(archive, "'sly' is a Lambda: it holds program code, which is never run.* conv")
    old = {"function": [code_that_writes(trace), None, None], "function_type": "lambda"}
    layers = [
        layer("Lambda", "sly", **old, batch_input_shape=[None, 9, 4]),
        layer("GlobalMaxPooling1D", "pool"),
    ]
    refuse(write_whole(tmp_path / "m.h5", layers), "'sly' is a Lambda")
    refuse(write_model(tmp_path / "pair", layers), "'sly' is a Lambda")
    merge = {"mode_type": "lambda", "mode": code_that_writes(trace), "layers": None}
    layers[0] = layer("Merge", "sly", **merge, batch_input_shape=[None, 9, 4])
    refuse(write_model(tmp_path / "merge", layers), "'sly' merges by program code")
    assert not trace.exists()


@pytest.mark.parametrize(
    "entry",
    [
        {"module": "os", "class_name": "system", "config": {"name": "x", "command": "id"}},
        {"module": "mine.layers", "class_name": "Dense", "config": {"name": "x", "units": 2}},
        {"class_name": "Dense", "config": {"name": "x"}, "registered_name": "Evil>Dense"},
        {"module": "builtins", "class_name": "eval", "config": {"name": "x"}},
        {"module": "keras.layers", "class_name": "TorchModuleWrapper", "config": {"name": "x"}},
    ],
)
def test_a_class_that_is_not_from_keras_is_refused_by_name(tmp_path, entry):
    path = rewrite(tmp_path / "m.keras", config=insert(entry))
    refuse(path, "Layer 'x' is of the")


def test_an_activation_of_somebodys_own_is_refused(tmp_path):
    function = {"module": "os", "class_name": "function", "config": "system"}
    path = rewrite(tmp_path / "m.keras", config=set_option("activation", function))
    refuse(path, "activation 'system', which is not from Keras")
    path = rewrite(tmp_path / "m.keras", config=set_option("activation", "__import__"))
    refuse(path, "activation '__import__' of a layer is not one")


def test_a_switch_for_unsafe_loading_changes_nothing(tmp_path):
    def config(data):
        data["enable_unsafe_deserialization"] = True
        data["config"]["safe_mode"] = False

    assert read_network(rewrite(tmp_path / "m.keras", config=config)).input_length == 40


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"../../escaped": b"x"}, "points out of the archive"),
        ({"/etc/passwd": b"x"}, "points out of the archive"),
        ({"..\\escaped": b"x"}, "points out of the archive"),
        ({"zeros": bytes(10**7)}, "more than a thousand times"),
        ({f"member{number}": b"x" for number in range(20_001)}, "members"),
        ({"config.json": b"{"}, "config.json .* not readable as JSON"),
        ({"config.json": b"[" * 100_000}, "config.json .* not readable as JSON"),
        ({"model.weights.h5": b"no"}, "not a readable HDF5 file"),
        ({"metadata.json": b"3"}, None),
    ],
)
def test_an_archive_is_checked_before_it_is_unpacked(tmp_path, more, message):
    path = rewrite(tmp_path / "m.keras", more=more)
    if message is None:
        assert read_network(path).format == "Keras 3 Sequential"
    else:
        refuse(path, message)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m.keras"]


def test_an_archive_that_is_not_whole_is_refused(tmp_path):
    path = tmp_path / "m.keras"
    for left_out in ("config.json", "model.weights.h5"):
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members().items():
                if name != left_out:
                    archive.writestr(name, data)
        refuse(path, f"has no {left_out}: it is not a whole Keras model")
    data = (ZOO / "danq.keras").read_bytes()
    for share in (0.02, 0.3, 0.7, 0.999):
        path.write_bytes(data[: int(len(data) * share)])
        refuse(path, "zip archive")
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 0xFF
    path.write_bytes(damaged)
    refuse(path, "not a readable .keras archive")


def test_links_out_of_the_weights_are_not_followed(tmp_path):
    def external(file):
        del file["layers/conv1d"]
        file["layers/conv1d"] = h5py.ExternalLink("/etc/secret.h5", "/x")

    def soft(file):
        del file["layers/conv1d/vars/0"]
        file["layers/conv1d/vars/0"] = h5py.SoftLink("/layers/dense/vars/0")

    def virtual(file):
        del file["layers/conv1d/vars/1"]
        layout = h5py.VirtualLayout(shape=(6,), dtype="f4")
        layout[:] = h5py.VirtualSource("secret.h5", "x", shape=(6,))
        file["layers/conv1d/vars"].create_virtual_dataset("1", layout)

    refuse(rewrite(tmp_path / "m.keras", weights=external), "link out of the file: not followed")
    refuse(rewrite(tmp_path / "m.keras", weights=soft), "link out of the file: not followed")
    refuse(rewrite(tmp_path / "m.keras", weights=virtual), "lies outside its file")


def test_weights_that_are_missing_or_left_over_are_refused(tmp_path):
    def missing(file):
        del file["layers/dense"]

    def renamed(file):
        file["layers/dense"]["vars"].attrs["name"] = "other"
        file["layers"].move("dense", "odd")

    def more(file):
        file["layers/conv1d/vars"]["2"] = np.ones(3, np.float32)

    def hidden(file):
        file["layers/conv1d"].create_group("adapter")["0"] = np.ones(3, np.float32)

    def huge(file):
        del file["layers/dense/vars/0"]
        file["layers/dense/vars"].create_dataset("0", (10**6, 10**6), "f4", chunks=(10, 10))

    refuse(rewrite(tmp_path / "m.keras", weights=missing), "'hidden' needs weights .* has none")
    refuse(rewrite(tmp_path / "m.keras", weights=renamed), "has weights for odd, which")
    refuse(rewrite(tmp_path / "m.keras", weights=more), r"'conv' needs .* has .*, \(3,\)")
    refuse(rewrite(tmp_path / "m.keras", weights=hidden), "'conv' has weights that a Conv1D does")
    refuse(rewrite(tmp_path / "m.keras", weights=huge), r"\(1000000, 1000000\)")


def test_weights_without_names_are_counted_by_class(tmp_path):
    def strip(file):
        for group in file["layers"].values():
            del group["vars"].attrs["name"]

    sound = read_network(ZOO / "danq.keras")
    network = read_network(rewrite(tmp_path / "m.keras", weights=strip))
    for name, array in sound.weights.items():
        np.testing.assert_array_equal(network.weights[name], array)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (set_option("batch_shape", [None, 10**12, 4], 0), "makes no sense"),
        (set_option("batch_shape", [None, 10**9, 4], 0), "more numbers than fit into memory"),
        (set_option("batch_shape", [None, 40, -4], 0), "makes no sense"),
        (set_option("batch_shape", "x", 0), "does not say the shape"),
        (set_option("filters", 10**12), "needs weights of shape"),
        (set_option("filters", -1), "needs weights of shape"),
        (set_option("strides", [0]), "makes no sense"),
        (set_option("groups", 3), "groups, which makes no sense"),
        (set_option("pool_size", [10**12], 2), "does not fit what comes before it"),
        (set_option("layer", {"class_name": "Dense", "config": {}}, 4), "in both directions"),
        (set_option("layer", None, 4), "without a configuration"),
        (set_option("name", "pool", 1), "Two layers .* 'pool'"),
        (lambda data: data.update(class_name="Functional"), "architecture is broken"),
        (lambda data: data.update(class_name="Mine"), "class 'Mine', whose program is not"),
        (lambda data: data["config"].update(layers=[]), "no layers"),
        (lambda data: data["config"].update(layers=[3] * 20_001), "too many to be one"),
    ],
)
def test_broken_and_absurd_options_give_one_sentence(tmp_path, config, message):
    refuse(rewrite(tmp_path / "m.keras", config=config), message)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"class_name": "RepeatVector", "config": {"n": 10**12}}, "'x' does not|broken"),
        ({"class_name": "UpSampling1D", "config": {"size": 10**11}}, "more numbers than fit|fit"),
        ({"class_name": "ZeroPadding1D", "config": {"padding": 10**12}}, "more numbers than fit"),
        ({"class_name": "Reshape", "config": {"target_shape": [-1, 10**9]}}, "does not fit"),
        ({"class_name": "Masking", "config": {}}, "kind Masking, which hides positions"),
        ({"class_name": "LSTM", "config": {"units": 3, "activation": "snake"}}, "snake"),
    ],
)
def test_absurd_layers_take_no_memory(tmp_path, entry, message):
    entry = {"module": "keras.layers", **entry, "config": {"name": "x", **entry["config"]}}
    refuse(rewrite(tmp_path / "m.keras", config=insert(entry)), message)


def test_models_inside_models_have_an_end(tmp_path):
    def config(data):
        inner = data["config"]["layers"][1]
        for number in range(40):
            inner = {
                "class_name": "Sequential",
                "config": {"name": f"deep{number}", "layers": [inner]},
            }
        data["config"]["layers"][1] = inner

    refuse(rewrite(tmp_path / "m.keras", config=config), "models more than 16 deep")


VALUES = [None, 0, -1, 2, 10**12, 1.5, "x", [], {}, [1, 2], True, "same", ["a", 0, 0], 10**400]


def test_no_changed_configuration_gives_more_than_one_sentence(tmp_path):
    source = json.loads(members("twice")["config.json"])
    stored = {name: data for name, data in members("twice").items() if name != "config.json"}
    refusals = []
    for seed in range(20):
        chance = random.Random(seed)
        data = copy.deepcopy(source)
        for _ in range(chance.randint(1, 3)):
            holder, key = chance.choice(list(places(data)))
            holder[key] = copy.deepcopy(chance.choice(VALUES))
        path = tmp_path / "m.keras"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(data))
            for name, member in stored.items():
                archive.writestr(name, member)
        try:
            read_network(path)
        except ModelFileError as error:
            refusals.append(str(error))
    assert len(refusals) > 7
    assert not any("\n" in refusal for refusal in refusals)


def places(data):
    """Every place of nested JSON, as what holds it and the key."""
    keys = list(data) if isinstance(data, dict) else range(len(data))
    for key in keys:
        yield data, key
        if isinstance(data[key], dict | list):
            yield from places(data[key])
