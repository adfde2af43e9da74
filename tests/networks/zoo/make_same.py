"""Write one network in every format, each by the library that the format belongs to.

    python tests/networks/zoo/make_same.py numbers     the weights, and the architecture file
    python tests/networks/zoo/make_same.py torch       needs torch 2.13, onnxscript 0.7
    python tests/networks/zoo/make_same.py keras3      needs Keras 3.15
    python tests/networks/zoo/make_same.py keras2      needs tf-keras 2.21
    python tests/networks/zoo/make_same.py tf2onnx     needs tf2onnx 1.17 and TensorFlow

The tests only read the files.
"""

import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "same"
LENGTH, FILTERS, WIDTH, POOL, HIDDEN, CLASSES = 60, 6, 7, 4, 8, 3
PLACES = (LENGTH - WIDTH + 1) // POOL


def numbers() -> None:
    """Draw the weights, in the layout of PyTorch: channels before positions."""
    g = np.random.default_rng(9)
    shapes = {
        "conv.weight": (FILTERS, 4, WIDTH),
        "conv.bias": (FILTERS,),
        "hidden.weight": (HIDDEN, FILTERS * PLACES),
        "hidden.bias": (HIDDEN,),
        "out.weight": (CLASSES, HIDDEN),
        "out.bias": (CLASSES,),
    }
    made = {name: (g.normal(size=shape) * 0.4).astype(np.float32) for name, shape in shapes.items()}
    np.savez_compressed(FOLDER / "weights.npz", **made)


def weights() -> dict[str, np.ndarray]:
    """Return the weights as they are stored."""
    with np.load(FOLDER / "weights.npz") as stored:
        return dict(stored)


def in_torch() -> None:
    """A program, ONNX of both exporters, and checkpoints without an architecture."""
    import torch
    from safetensors.torch import save_file
    from torch import nn

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv1d(4, FILTERS, WIDTH)
            self.pool = nn.MaxPool1d(POOL)
            self.hidden = nn.Linear(FILTERS * PLACES, HIDDEN)
            self.out = nn.Linear(HIDDEN, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.pool(torch.relu(self.conv(x))).flatten(1)
            return torch.sigmoid(self.out(torch.relu(self.hidden(x))))

    network = Network().eval()
    state = {name: torch.tensor(value) for name, value in weights().items()}
    network.load_state_dict(state)
    x = torch.zeros(2, 4, LENGTH)
    rows = torch.export.Dim("batch", min=1, max=4096)
    torch.export.save(
        torch.export.export(network, (x,), dynamic_shapes=({0: rows},)), FOLDER / "program.pt2"
    )
    legacy = {"dynamic_axes": {"sequence": {0: "batch"}}, "dynamo": False}
    newer = {"dynamic_shapes": ({0: rows},), "external_data": False, "dynamo": True}
    for name, options in (("legacy", legacy), ("dynamo", newer)):
        torch.onnx.export(
            network, (x,), str(FOLDER / f"{name}.onnx"), input_names=["sequence"],
            opset_version=18, **options,
        )  # fmt: skip
    save_file(state, FOLDER / "weights.safetensors")
    torch.save(state, FOLDER / "weights.pt")
    lightning = {f"model.{name}": value for name, value in state.items()}
    held = {"state_dict": lightning, "epoch": 3, "pytorch-lightning_version": "2.5.0"}
    torch.save(held, FOLDER / "weights.ckpt")


def keras_model(layers, Sequential, Input):  # noqa: ANN001, ANN201, N803
    """Return the network in Keras; its flattening has the channels inside the positions."""
    model = Sequential(
        [
            Input((LENGTH, 4)),
            layers.Conv1D(FILTERS, WIDTH, activation="relu", name="conv"),
            layers.MaxPooling1D(POOL, name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(HIDDEN, activation="relu", name="hidden"),
            layers.Dense(CLASSES, activation="sigmoid", name="out"),
        ]
    )
    w = weights()
    hidden = w["hidden.weight"].reshape(HIDDEN, FILTERS, PLACES).transpose(2, 1, 0)
    model.set_weights(
        [
            w["conv.weight"].transpose(2, 1, 0),
            w["conv.bias"],
            hidden.reshape(PLACES * FILTERS, HIDDEN),
            w["hidden.bias"],
            w["out.weight"].T,
            w["out.bias"],
        ]
    )
    return model


def in_keras3() -> None:
    """The archive of Keras 3, and its HDF5 file."""
    import keras

    model = keras_model(keras.layers, keras.Sequential, keras.Input)
    model.save(FOLDER / "keras3.keras")
    model.save(FOLDER / "keras3.h5")


def in_keras2() -> None:
    """The HDF5 file of Keras 2."""
    import tf_keras as keras

    keras_model(keras.layers, keras.Sequential, keras.Input).save(FOLDER / "keras2.h5")


def in_tf2onnx() -> None:
    """ONNX with channels last, as the converter of TensorFlow writes it."""
    import tensorflow as tf
    import tf2onnx
    import tf_keras as keras

    model = keras_model(keras.layers, keras.Sequential, keras.Input)
    given = (tf.TensorSpec((None, LENGTH, 4), tf.float32, name="sequence"),)
    tf2onnx.convert.from_keras(model, given, opset=15, output_path=str(FOLDER / "tf2onnx.onnx"))


WRITERS = {
    "numbers": numbers,
    "torch": in_torch,
    "keras3": in_keras3,
    "keras2": in_keras2,
    "tf2onnx": in_tf2onnx,
}

if __name__ == "__main__":
    for each in sys.argv[1:]:
        WRITERS[each]()
