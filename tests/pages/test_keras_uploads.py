from pathlib import Path

import numpy as np
import pytest

from deepresolve_dash.pages.context import context
from tests.networks.keras_files import layer, write_whole
from tests.pages.test_models_pages import OURS, send_files

ZOO = Path(__file__).parents[1] / "networks" / "zoo" / "keras3"

pytestmark = pytest.mark.usefixtures("read_here")


def send_open(client, path, length=""):
    data = path.read_bytes()
    query = f'name=any&files=[["any.h5",{len(data)}]]&length={length}'
    return client.post(f"/upload/model?{query}", data=data, headers=OURS).json


def test_a_keras_archive_is_taken_in(client, inside):
    model = send_files(client, [("danq.keras", (ZOO / "danq.keras").read_bytes())])["id"]
    card = context().models.open(model).card
    assert card["format"].startswith("Keras 3")
    assert card["advised_layer"] == "pool"


def test_architecture_and_weights_of_keras_3_are_taken_in_together(client, inside):
    names = ("danq.json", "danq.weights.h5")
    alone = send_files(client, [("danq.keras", (ZOO / "danq.keras").read_bytes())])["id"]
    files = [(name, (ZOO / name).read_bytes()) for name in names]
    assert send_files(client, files)["id"] == alone


def test_a_model_of_any_length_asks_for_one(client, inside, tmp_path):
    g = np.random.default_rng(0)
    layers = [
        layer(
            "Conv1D", "conv", [g.normal(size=(3, 4, 5)), g.normal(size=5)], filters=5,
            kernel_size=[3], batch_input_shape=[None, None, 4],
        ),
        layer("GlobalMaxPooling1D", "best"),
        layer("Dense", "scores", [g.normal(size=(5, 2)), g.normal(size=2)], units=2),
    ]  # fmt: skip
    path = write_whole(tmp_path / "any.h5", layers)
    for wrong in ("", "0", "-3", "x", "10000001", "²"):
        asked = send_open(client, path, wrong)
        assert asked["length"] is True
        assert "input is ? x 4. Say it below." in asked["refused"]
    model = send_open(client, path, "70")["id"]
    card = context().models.open(model).card
    assert card["input"]["length"] == 70
    assert any("70 bp long" in finding["what"] for finding in card["findings"])
