"""Convert networks of `keras2/` to ONNX with tf2onnx: channels last, other names, other operations.

Run where tf-keras, tensorflow-cpu and tf2onnx 1.17 are installed: python make_tf2onnx.py
"""

from pathlib import Path

import tensorflow as tf
import tf2onnx
import tf_keras as keras

ZOO = Path(__file__).parent
OPSETS = {"bpnet": 18, "danq": 13, "picture": 9, "residual": 13}

if __name__ == "__main__":
    for name, opset in OPSETS.items():
        model = keras.models.load_model(ZOO / "keras2" / f"{name}.h5", compile=False)
        given = tuple(
            tf.TensorSpec((None, *each.shape[1:]), tf.float32, name=each.name.split(":")[0])
            for each in model.inputs
        )
        path = ZOO / "tf2onnx" / f"{name}.{opset}.onnx"
        tf2onnx.convert.from_keras(model, given, opset=opset, output_path=str(path))
