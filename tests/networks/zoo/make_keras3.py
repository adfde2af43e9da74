"""Write the networks of `keras3/` with Keras itself: small, random weights, example and answer.

Run where Keras 3 is installed, with any backend: KERAS_BACKEND=torch python make_keras3.py
Names of networks as arguments make these alone.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

FOLDER = Path(__file__).parent / "keras3"
LENGTH, N = 40, 3


def sequence():
    return keras.Input((LENGTH, 4), name="sequence")


def residual():
    """Sums written in both ways, causal, dilated, grouped, separable and strided convolutions."""
    x = layers.Conv1D(8, 7, padding="same", activation="relu", name="stem")(sequence_ := sequence())
    y = layers.BatchNormalization(name="norm1")(x)
    y = layers.Conv1D(8, 3, padding="same", dilation_rate=2, activation="relu", name="dilated")(y)
    x = layers.Add(name="sum1")([x, y])
    y = layers.SeparableConv1D(8, 3, padding="same", depth_multiplier=2, name="separable")(x)
    x = x + y
    x = layers.DepthwiseConv1D(4, depth_multiplier=2, activation="silu", name="depthwise")(x)
    x = layers.Conv1D(8, 3, groups=4, padding="causal", activation="elu", name="grouped")(x)
    x = layers.Cropping1D((2, 3), name="crop")(x)
    x = layers.Conv1D(6, 4, strides=2, padding="same", name="strided")(x)
    x = layers.GlobalAveragePooling1D(name="mean")(x)
    x = layers.Dense(2, activation="sigmoid", name="scores")(x)
    return keras.Model(sequence_, x)


def danq():
    """Convolution, pooling, LSTM in both directions, dense."""
    return keras.Sequential(
        [
            layers.Input((LENGTH, 4)),
            layers.Conv1D(6, 5, activation="relu", name="conv"),
            layers.MaxPooling1D(3, name="pool"),
            layers.Dropout(0.2, name="dropout"),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="lstm"),
            layers.Flatten(name="flatten"),
            layers.Dense(7, activation="relu", name="hidden"),
            layers.Dense(3, activation="sigmoid", name="scores"),
        ]
    )


def recurrent():
    """Every recurrent layer, every way round."""
    x = layers.Conv1D(6, 5, strides=3, name="conv")(sequence_ := sequence())
    x = layers.GRU(4, return_sequences=True, name="gru")(x)
    x = layers.GRU(5, reset_after=False, return_sequences=True, go_backwards=True, name="old")(x)
    x = layers.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True, name="hard")(x)
    x = layers.GRU(4, recurrent_activation="hard_sigmoid", return_sequences=True, name="hard2")(x)
    x = layers.Bidirectional(
        layers.GRU(3, return_sequences=True), merge_mode="sum", name="both_sum"
    )(x)
    x = layers.Bidirectional(
        layers.SimpleRNN(3, return_sequences=True), merge_mode="ave", name="both_mean"
    )(x)
    x = layers.SimpleRNN(5, use_bias=False, return_sequences=True, name="simple")(x)
    last = layers.Bidirectional(layers.LSTM(3), name="both_last")(x)
    end = layers.LSTM(3, go_backwards=True, name="last")(x)
    x = layers.Concatenate(name="join")([last, end])
    return keras.Model(sequence_, layers.Dense(2, name="scores")(x))


def transformer():
    """Attention with heads, and without; layer, group, root mean square and unit normalisation."""
    x = layers.Conv1D(8, 5, strides=2, activation="relu", name="stem")(sequence_ := sequence())
    for block in (1, 2):
        y = layers.LayerNormalization(name=f"before{block}")(x)
        y = layers.MultiHeadAttention(2, 5, value_dim=3, name=f"attend{block}")(y, y)
        x = layers.Add(name=f"attended{block}")([x, y])
        y = layers.LayerNormalization(axis=[1, 2], center=False, name=f"wide{block}")(x)
        y = layers.Dense(16, activation="gelu", name=f"up{block}")(y)
        y = layers.Dense(8, name=f"down{block}")(y)
        x = layers.Add(name=f"block{block}")([x, y])
    x = layers.MultiHeadAttention(2, 3, use_bias=False, output_shape=6, name="last")(
        query=x, value=x, use_causal_mask=True
    )
    x = layers.GroupNormalization(3, name="grouped")(x)
    y = layers.UnitNormalization(name="unit")(x)
    x = layers.Attention(use_scale=True, name="plain")([x, y])
    x = layers.GlobalMaxPooling1D(name="best")(x)
    return keras.Model(sequence_, layers.Dense(3, activation="softmax", name="scores")(x))


def bpnet():
    """A control track beside the sequence, a profile and a count as heads."""
    control = keras.Input((LENGTH, 2), name="control")
    x = layers.Conv1D(6, 5, padding="same", activation="relu", name="stem")(sequence_ := sequence())
    for rate in (2, 4):
        y = layers.Conv1D(
            6, 3, padding="same", dilation_rate=rate, activation="relu", name=f"dilated{rate}"
        )(x)
        x = layers.Add(name=f"sum{rate}")([x, y])
    both = layers.Concatenate(name="with_control")([x, control])
    profile = layers.Conv1D(2, 7, padding="same", name="profile")(both)
    total = layers.GlobalAveragePooling1D(name="mean")(x)
    control_total = layers.GlobalAveragePooling1D(name="control_mean")(control)
    counts = layers.Concatenate(name="with_control_mean")([total, control_total])
    counts = layers.Dense(2, name="counts")(counts)
    return keras.Model([sequence_, control], [profile, counts])


def twice():
    """A model inside the model that is used twice, on the sequence and its reverse complement."""
    inner = keras.Sequential(
        [
            layers.Input((LENGTH, 4)),
            layers.Conv1D(6, 5, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.MaxPooling1D(4, name="pool"),
        ],
        name="strand",
    )
    deeper = keras.Sequential([inner, layers.Conv1D(5, 3, name="conv")], name="deeper")
    sequence_ = sequence()
    other = ops.flip(sequence_, axis=(1, 2))
    dense = layers.Dense(4, activation="tanh", name="shared")
    one, two = dense(deeper(sequence_)), dense(deeper(other))
    x = layers.Maximum(name="either")([one, two])
    x = layers.GlobalMaxPooling1D(name="best")(x)
    return keras.Model(sequence_, layers.Dense(2, activation="sigmoid", name="scores")(x))


def picture(shape, kernel, pool):
    """A convolution of two axes over a picture of the sequence."""
    return keras.Sequential(
        [
            layers.Input(shape),
            layers.Conv2D(6, kernel, activation="relu", name="conv"),
            layers.MaxPooling2D(pool, padding="same", name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(2, name="scores"),
        ]
    )


def shapes():
    """Layers that move, repeat, pad and merge."""
    x = layers.ZeroPadding1D((2, 1), name="pad")(sequence_ := sequence())
    x = layers.Conv1D(6, 4, strides=2, name="conv")(x)
    x = layers.UpSampling1D(2, name="twice")(x)
    x = layers.Conv1DTranspose(5, 4, strides=2, padding="same", name="wider")(x)
    x = layers.Conv1DTranspose(4, 5, strides=2, activation="relu", name="wider2")(x)
    x = layers.Conv1DTranspose(4, 2, strides=3, name="gaps")(x)
    x = layers.MaxPooling1D(16, name="pool")(x)
    turned = layers.Permute((2, 1), name="turn")(x)
    product = layers.Dot(axes=(2, 1), name="product")([x, turned])
    x = layers.Dot(axes=1, normalize=True, name="cosines")([product, x])
    y = layers.Reshape((-1, 4), name="fold")(x)
    flat = layers.Flatten(name="flat")(y)
    again = layers.RepeatVector(3, name="again")(flat)
    again = layers.TimeDistributed(layers.Dense(4, activation="relu"), name="steps")(again)
    again = layers.Reshape((3, 4, 1), name="steps_of_maps")(again)
    again = layers.TimeDistributed(layers.Conv1D(3, 2), name="small")(again)
    again = layers.Flatten(name="flat2")(again)
    one, two = layers.Dense(5, name="one")(flat), layers.Dense(5, name="two")(again)
    merged = [
        kind()([one, two])
        for kind in (layers.Subtract, layers.Multiply, layers.Average, layers.Minimum)
    ]
    x = layers.Rescaling(0.5, offset=0.1, name="scale")(layers.Concatenate(name="join")(merged))
    return keras.Model(sequence_, layers.Dense(2, name="scores")(x))


def functions():
    """Activations, also over other axes, and operations that are no layers."""
    x = layers.Conv1D(6, 5, activation="gelu", name="conv")(sequence_ := sequence())
    x = layers.PReLU(name="slopes")(x)
    x = layers.PReLU(shared_axes=[1], name="shared")(x)
    x = layers.LeakyReLU(negative_slope=0.2, name="leaky")(x)
    x = layers.ReLU(negative_slope=0.1, name="relu")(x)
    x = layers.ReLU(max_value=1.5, name="limit")(x)
    x = layers.ELU(alpha=0.7, name="elu")(x)
    x = x * layers.Softmax(axis=1, name="attention")(x) * 36.0
    x = layers.AveragePooling1D(4, name="pool")(x)
    x = ops.sqrt(ops.exp(x * 0.5) + 1.0) - 2.0 / (ops.exp(x) + 3.0)
    x = ops.concatenate([x, ops.negative(x)], axis=-1)
    x = ops.maximum(ops.mean(x, axis=1), ops.max(x, axis=1) - 0.3)
    x = layers.LayerNormalization(name="before")(x)
    names = "exponential selu softplus softsign tanh mish hard_sigmoid hard_silu relu6 leaky_relu"
    each = [layers.Dense(3, activation=name, name=name)(x) for name in names.split()]
    x = layers.Concatenate(name="all")(each)
    x = layers.LayerNormalization(name="norm")(x)
    return keras.Model(sequence_, layers.Dense(2, activation="hard_sigmoid", name="scores")(x))


def steps():
    """Recurrent layers with other functions than tanh and sigmoid, in both directions too."""
    x = layers.Conv1D(6, 5, strides=6, name="conv")(sequence_ := sequence())
    more = {"return_sequences": True}
    straight = {"recurrent_activation": "hard_sigmoid"} | more
    rows = [
        layers.LSTM(4, activation="relu", **more, name="relu"),
        layers.LSTM(4, activation="softsign", **straight, name="straight"),
        layers.GRU(5, activation="linear", **straight, name="linear"),
        layers.GRU(4, activation="elu", reset_after=False, **more, name="elu"),
        layers.LSTM(4, "hard_sigmoid", recurrent_activation="tanh", **more, name="odd"),
        layers.SimpleRNN(4, activation="relu", **more, name="simple"),
    ]
    for number, row in enumerate(rows):
        x = layers.LayerNormalization(name=f"norm{number}")(row(x))
    both = layers.GRU(3, activation="selu", recurrent_activation="hard_sigmoid")
    x = layers.Bidirectional(both, name="both")(x)
    return keras.Model(sequence_, layers.Dense(2, name="scores")(x))


def strands():
    """The sequence and its reverse complement, through the same layers."""
    inputs = sequence(), keras.Input((LENGTH, 4), name="reverse")
    stem = layers.Conv1D(6, 7, activation="relu", name="stem")
    pool = layers.GlobalMaxPooling1D(name="pool")
    x = layers.Maximum(name="either")([pool(stem(one)) for one in inputs])
    x = layers.Dense(5, activation="relu", name="hidden")(x)
    return keras.Model(inputs, layers.Dense(2, activation="sigmoid", name="scores")(x))


NETWORKS = {
    "residual": residual,
    "danq": danq,
    "recurrent": recurrent,
    "transformer": transformer,
    "bpnet": bpnet,
    "twice": twice,
    "rows": lambda: picture((4, LENGTH, 1), (4, 5), (1, 3)),
    "columns": lambda: picture((LENGTH, 4, 1), (5, 4), (3, 1)),
    "one_by_n": lambda: picture((1, LENGTH, 4), (1, 5), (1, 3)),
    "shapes": shapes,
    "functions": functions,
    "steps": steps,
    "strands": strands,
}


def randomise(model, generator):
    """Give every weight a value that counts."""
    for weight in model.weights:
        if not str(weight.dtype).startswith("float"):
            continue
        fan_in = np.prod(weight.shape[:-1]) if len(weight.shape) > 1 else 10
        value = generator.normal(size=weight.shape) * 1.5 / np.sqrt(fan_in)
        if "variance" in weight.path or "gamma" in weight.path or "alpha" in weight.path:
            value = generator.uniform(0.5, 1.5, weight.shape)
        weight.assign(value)


def examples(model, generator):
    """One-hot sequences in the shape of the input, other strands, and zeros for other inputs."""
    inputs = []
    bases = generator.integers(4, size=(N, LENGTH))
    for tensor in model.inputs:
        shape = tuple(tensor.shape[1:])
        value = np.zeros((N, *shape), np.float32)
        if 4 in shape and LENGTH in shape:
            pair = np.eye(4, dtype=np.float32)[bases]
            if tensor.name == "reverse":
                pair = pair[:, ::-1, ::-1]
            rows = shape.index(4) < shape.index(LENGTH)
            value = (pair.transpose(0, 2, 1) if rows else pair).reshape(value.shape)
        inputs.append(value)
    return np.eye(4)[bases].transpose(0, 2, 1), inputs


def main():
    FOLDER.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or NETWORKS
    for number, (name, make) in enumerate(NETWORKS.items()):
        if name not in wanted:
            continue
        keras.utils.clear_session()
        generator = np.random.default_rng(number)
        model = make()
        randomise(model, generator)
        sequences, inputs = examples(model, generator)
        found = model(inputs if len(inputs) > 1 else inputs[0])
        found = found if isinstance(found, list | tuple) else [found]
        answers = {f"y{k}": ops.convert_to_numpy(ops.stop_gradient(y)) for k, y in enumerate(found)}
        np.savez(FOLDER / f"{name}.npz", sequences=sequences.astype(np.int8), **answers)
        model.save(FOLDER / f"{name}.keras")
        if name in ("danq", "twice"):
            model.save(FOLDER / f"{name}.h5")
            model.save_weights(FOLDER / f"{name}.weights.h5")
            text = json.dumps(json.loads(model.to_json()), indent=None)
            (FOLDER / f"{name}.json").write_text(text)


if __name__ == "__main__":
    main()
