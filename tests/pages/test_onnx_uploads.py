"""ONNX files that come with more than themselves: a second file of numbers, an open length."""

import json
from urllib.parse import urlencode

import onnx
import pytest
from onnx.external_data_helper import convert_model_to_external_data

from tests.networks.zoo_files import ZOO
from tests.pages.test_keras_uploads import OURS

MODEL = ZOO / "same" / "legacy.onnx"
DATA = "net.onnx.data"

pytestmark = pytest.mark.usefixtures("read_here")


def send(client, files, **more):
    announced = json.dumps([(name, len(data)) for name, data in files.items()])
    query = urlencode({"files": announced, **more})
    return client.post(f"/upload/model?{query}", data=b"".join(files.values()), headers=OURS).json


def test_a_model_and_its_numbers_are_taken_together_and_asked_for_alone(client, tmp_path):
    model = onnx.load(MODEL)
    convert_model_to_external_data(model, location=DATA, size_threshold=0)
    onnx.save(model, tmp_path / "net.onnx")
    files = {name: (tmp_path / name).read_bytes() for name in ("net.onnx", DATA)}
    refused = send(client, {"net.onnx": files["net.onnx"]})["refused"]
    assert f"second file, '{DATA}', which is not there. Give both files together" in refused
    both = send(client, files)
    assert both["name"] == "net"
    assert send(client, {"one.onnx": MODEL.read_bytes()})["id"] == both["id"]


def test_the_length_is_asked_for_and_asked_again_until_the_program_takes_it(client):
    files = {"steps.pt2": (ZOO / "any_length" / "steps.pt2").read_bytes()}
    first = send(client, files)
    assert first["length"]
    assert first["refused"].endswith("saved with an example of 80 bp. Say it below.")
    again = send(client, files, length="90")
    assert again["length"]
    assert "24 to 2,000 bp in steps of 4, not of 90 bp" in again["refused"]
    assert send(client, files, length="100")["href"].startswith("/models/")
