"""Keras models as a user would upload them, made on the spot."""

import numpy as np

from tests.networks.keras_files import layer, write_model

LENGTH, WIDTH = 101, 11


def write_keras(folder, *, n_classes=1, n_filters=8, n_hidden=16, seed=0):
    """Write architecture.json and weights.h5: convolution, global max-pool, two dense layers.

    The same layout as the published models of transcription factors: Keras 1.2, Theano order.
    """
    g = np.random.default_rng(seed)

    def draw(*shape):
        return g.normal(size=shape) * 0.5

    layers = [
        layer(
            "Convolution2D",
            "convolution2d_1",
            [draw(n_filters, 4, 1, WIDTH), draw(n_filters)],
            nb_filter=n_filters,
            nb_row=1,
            nb_col=WIDTH,
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
            pool_size=[1, LENGTH],
            strides=[1, LENGTH],
            border_mode="valid",
            dim_ordering="th",
        ),
        layer("Flatten", "flatten_1"),
        layer(
            "Dense",
            "dense_1",
            [draw(n_filters, n_hidden), draw(n_hidden)],
            output_dim=n_hidden,
            activation="relu",
        ),
        layer("Dropout", "dropout_1", p=0.1),
        layer(
            "Dense",
            "dense_2",
            [draw(n_hidden, n_classes), draw(n_classes)],
            output_dim=n_classes,
            activation="linear",
        ),
        layer("Activation", "activation_1", activation="sigmoid"),
    ]
    return write_model(folder, layers, version="1.2.0")
