"""Write the networks of `keras2/` with Keras 2 itself: small, random weights, example and answer.

Run where tf-keras and tensorflow-cpu are installed: python make_keras2.py
Names of networks as arguments make these alone.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
import tf_keras as keras
from tf_keras import layers

FOLDER = Path(__file__).parent / "keras2"
LENGTH, N = 40, 3


def sequence():
    return keras.Input((LENGTH, 4), name="sequence")


def residual():
    """Sums of layers and of operators, a slice, a reversed strand, odd borders and strides."""
    sequence_ = sequence()
    reverse = tf.reverse(sequence_, axis=[1, 2])
    stem = layers.Conv1D(8, 6, padding="same", activation="relu", name="stem")
    x = layers.Maximum(name="strands")([stem(sequence_), stem(reverse)])
    y = layers.BatchNormalization(name="norm")(x)
    y = layers.SeparableConv1D(8, 3, padding="same", depth_multiplier=2, name="separable")(y)
    x = x + y
    x = x[:, 2:-3]
    y = layers.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="elu", name="causal")(x)
    x = layers.Average(name="mean_of_two")([x, y])
    x = layers.AveragePooling1D(4, padding="same", name="same_mean")(x)
    x = layers.MaxPooling1D(3, 2, padding="same", name="same_max")(x)
    x = layers.Conv1DTranspose(5, 4, strides=2, padding="same", name="wider")(x)
    x = layers.LeakyReLU(0.2, name="leaky")(x)
    x = tf.reduce_mean(x, axis=1)
    return keras.Model(sequence_, layers.Dense(2, activation="sigmoid", name="scores")(x))


def danq():
    """Convolution, pooling, LSTM in both directions with straight sigmoids, dense."""
    lstm = layers.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True)
    return keras.Sequential(
        [
            layers.Conv1D(6, 5, activation="relu", input_shape=(LENGTH, 4), name="conv"),
            layers.MaxPooling1D(3, name="pool"),
            layers.Dropout(0.2, name="dropout"),
            layers.Bidirectional(lstm, name="lstm"),
            layers.Flatten(name="flatten"),
            layers.Dense(7, activation="relu", name="hidden"),
            layers.Dense(3, activation="sigmoid", name="scores"),
        ]
    )


def recurrent():
    """Both kinds of GRU, a reversed LSTM, a simple one, and one in both directions."""
    x = layers.Conv1D(6, 5, strides=3, name="conv")(sequence_ := sequence())
    x = layers.GRU(4, return_sequences=True, name="gru")(x)
    x = layers.GRU(5, reset_after=False, return_sequences=True, go_backwards=True, name="old")(x)
    x = layers.TimeDistributed(layers.Dense(4, activation="tanh"), name="steps")(x)
    x = layers.Bidirectional(
        layers.GRU(3, return_sequences=True), merge_mode="mul", name="both_product"
    )(x)
    x = layers.SimpleRNN(5, return_sequences=True, name="simple")(x)
    x = layers.LSTM(3, go_backwards=True, name="last")(x)
    return keras.Model(sequence_, layers.Dense(2, name="scores")(x))


def bpnet():
    """A control track, a model inside with frozen layers, attention, a profile and a count."""
    control = keras.Input((LENGTH, 2), name="control")
    inner = keras.Sequential(
        [
            layers.Conv1D(6, 5, padding="same", activation="relu", name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Conv1D(6, 3, padding="same", name="second"),
            layers.BatchNormalization(name="norm2"),
        ],
        name="trunk",
    )
    inner.build((None, LENGTH, 4))
    inner.layers[0].trainable = False
    x = inner(sequence_ := sequence())
    y = layers.LayerNormalization(name="before")(x)
    x = layers.Add(name="attended")([x, layers.MultiHeadAttention(2, 3, name="attend")(y, y)])
    both = layers.Concatenate(name="with_control")([x, control])
    profile = layers.Conv1D(2, 7, padding="same", name="profile")(both)
    counts = layers.Dense(2, name="counts")(layers.GlobalAveragePooling1D(name="mean")(x))
    return keras.Model([sequence_, control], [profile, counts])


def picture():
    """A convolution of two axes, bases as rows, as the first networks had it."""
    return keras.Sequential(
        [
            layers.Conv2D(6, (4, 5), activation="relu", input_shape=(4, LENGTH, 1), name="conv"),
            layers.MaxPooling2D((1, 3), name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(2, activation="softmax", name="scores"),
        ]
    )


def steps():
    """Recurrent layers with other functions than tanh and sigmoid."""
    x = layers.Conv1D(6, 5, strides=6, name="conv")(sequence_ := sequence())
    x = layers.LSTM(4, activation="relu", return_sequences=True, name="relu")(x)
    straight = {"recurrent_activation": "hard_sigmoid", "return_sequences": True}
    x = layers.LSTM(4, activation="softplus", **straight, name="straight")(x)
    x = layers.GRU(5, activation="linear", **straight, name="linear")(x)
    x = layers.LayerNormalization(name="norm")(x)
    x = layers.LSTM(4, activation="hard_sigmoid", recurrent_activation="tanh", name="odd")(x)
    return keras.Model(sequence_, layers.Dense(2, name="scores")(x))


NETWORKS = {
    "residual": residual,
    "danq": danq,
    "recurrent": recurrent,
    "bpnet": bpnet,
    "picture": picture,
    "steps": steps,
}


def randomise(model, generator):
    """Give every weight a value that counts."""
    for weight in model.weights:
        fan_in = np.prod(weight.shape[:-1]) if len(weight.shape) > 1 else 10
        value = generator.normal(size=weight.shape) * 1.5 / np.sqrt(fan_in)
        if "variance" in weight.name or "gamma" in weight.name:
            value = generator.uniform(0.5, 1.5, weight.shape)
        weight.assign(value)


def main():
    FOLDER.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or NETWORKS
    for number, (name, make) in enumerate(NETWORKS.items()):
        if name not in wanted:
            continue
        keras.backend.clear_session()
        generator = np.random.default_rng(number)
        model = make()
        randomise(model, generator)
        one_hot = np.eye(4, dtype=np.float32)[generator.integers(4, size=(N, LENGTH))]
        rows = one_hot.transpose(0, 2, 1)
        value = rows[..., None] if name == "picture" else one_hot
        given = [value, np.zeros((N, LENGTH, 2))] if len(model.inputs) > 1 else value
        found = model.predict(given, verbose=0)
        found = found if isinstance(found, list) else [found]
        answers = {f"y{k}": y for k, y in enumerate(found)}
        np.savez(FOLDER / f"{name}.npz", sequences=rows.astype(np.int8), **answers)
        model.save(FOLDER / f"{name}.h5")
        if name in ("danq", "bpnet"):
            model.save(FOLDER / f"{name}.keras")
            model.save_weights(FOLDER / f"{name}.weights.h5", save_format="h5")
            text = json.dumps(json.loads(model.to_json()))
            (FOLDER / f"{name}.json").write_text(text)


if __name__ == "__main__":
    main()
