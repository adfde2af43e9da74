"""ONNX models whose numbers lie in a second file: beside the model, under a plain name, or not."""

import os

import onnx
import pytest
from onnx.external_data_helper import convert_model_to_external_data

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.intake import take_in
from deepresolve_dash.networks.read import read_network
from tests.networks.zoo_files import ZOO

MODEL = ZOO / "same" / "legacy.onnx"
DATA = "my net.onnx.data"


@pytest.fixture
def saved(tmp_path):
    """The model as the onnx package saves it with all its numbers in a second file."""
    path = tmp_path / "net.onnx"
    model = onnx.load(MODEL)
    convert_model_to_external_data(model, location=DATA, size_threshold=0)
    onnx.save(model, path)
    assert (tmp_path / DATA).stat().st_size > 3000
    return path


def refuse(path, message):
    with pytest.raises(ModelFileError, match=message) as caught:
        read_network(path)
    assert "\n" not in str(caught.value)


def change(path, key, value):
    model = onnx.load(path, load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        if entry.key == key:
            entry.value = value
    path.write_bytes(model.SerializeToString())


def test_numbers_beside_the_model_are_read(saved):
    assert network_hash(read_network(saved)) == network_hash(read_network(MODEL))
    assert network_hash(read_network(saved.parent)) == network_hash(read_network(MODEL))


def test_both_files_of_an_upload_make_the_model(saved, tmp_path, read_here):
    """An upload gives its files plain names; numbers may look like any kind of file."""
    data = saved.parent / DATA
    data.write_bytes(b'{"a": 1}' + data.read_bytes())
    model = onnx.load(saved, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "offset":
                entry.value = str(int(entry.value) + 8)
    saved.write_bytes(model.SerializeToString())
    data.rename(data.with_name("my_net.onnx.data"))
    card = take_in(saved.parent, tmp_path / "out")
    assert card["hash"] == network_hash(read_network(MODEL))


def test_a_second_file_that_is_not_there_is_asked_for_by_its_name(saved):
    (saved.parent / DATA).unlink()
    refuse(saved, f"second file, '{DATA}', which is not there. Give both files together")


def test_a_second_file_that_is_too_short_is_refused(saved):
    data = saved.parent / DATA
    data.write_bytes(data.read_bytes()[:-4])
    refuse(saved, "too short: it was cut off")


@pytest.mark.parametrize(
    "name", ["../other.data", "/etc/passwd", "..", "", ".hidden", "a/b", "c:d", "a\\b", "x" * 300]
)
def test_a_path_is_not_followed(saved, name):
    (saved.parent.parent / "other.data").write_bytes(bytes(10_000))
    change(saved, "location", name)
    refuse(saved, "not the name of a file beside it|which is no plain file")


def test_a_link_or_a_pipe_is_not_followed(saved):
    data = saved.parent / DATA
    real = data.rename(data.with_name("real"))
    data.symlink_to(real)
    refuse(saved, "no plain file")
    data.unlink()
    os.mkfifo(data)
    refuse(saved, "no plain file")
    data.unlink()
    data.mkdir()
    refuse(saved, "no plain file")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("length", "8", "of another size"),
        ("length", "-1", "of another size"),
        ("offset", "x", "of another size"),
        ("offset", "9" * 17, "too short"),
    ],
)
def test_a_place_that_does_not_fit_the_shape_is_refused(saved, key, value, message):
    change(saved, key, value)
    refuse(saved, message)


def test_a_shape_that_claims_more_than_there_is_costs_nothing(saved):
    model = onnx.load(saved, load_external_data=False)
    model.graph.initializer[0].dims[:] = [10**6, 10**6]
    saved.write_bytes(model.SerializeToString())
    refuse(saved, "of another size")
    tensor = model.graph.initializer[0]
    del tensor.external_data[:]
    tensor.external_data.add(key="location", value=DATA)
    saved.write_bytes(model.SerializeToString())
    refuse(saved, "too short")
