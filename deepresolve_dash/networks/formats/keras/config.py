"""Keras configurations of all versions, told in the words of Keras 2."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepresolve_dash.errors import ModelFileError

Config = dict[str, Any]

_RENAMED = {
    "nb_filter": "filters",
    "subsample": "strides",
    "stride": "strides",
    "subsample_length": "strides",
    "border_mode": "padding",
    "dim_ordering": "data_format",
    "bias": "use_bias",
    "output_dim": "units",
    "filter_length": "kernel_size",
    "pool_length": "pool_size",
    "atrous_rate": "dilation_rate",
    "poolsize": "pool_size",
    "inner_activation": "recurrent_activation",
    "batch_shape": "batch_input_shape",
}
FUNCTION = "function "
"""How the kind of an entry begins that is an operation between layers."""

_MODULES = ("keras", "tf_keras", "tensorflow", "builtins")
_FORMATS = {"th": "channels_first", "tf": "channels_last"}


@dataclass(frozen=True)
class LayerConfig:
    """One layer: class name, name, and options as Keras 2 calls them."""

    kind: str
    name: str
    options: Config

    @property
    def input_shape(self) -> list | None:
        """Shape of its input without the batch axis, None when the file is silent."""
        options = self.options
        shape = options.get("batch_input_shape")
        if isinstance(shape, list):
            return shape[1:]
        if options.get("input_shape") is not None:
            return list(options["input_shape"])
        if options.get("input_dim") is not None:  # of layers in one dimension, channels-last
            return [options.get("input_length"), options["input_dim"]]
        return None


def raw_entry(entry: object) -> tuple[str, str | None, Config]:
    """Return class name, name if there is one, and options of a layer as its file has them.

    Raises
    ------
    ModelFileError
        When it is not a layer, or one of a class that is not from Keras.
    """
    if not isinstance(entry, dict):
        raise ModelFileError("The Keras model has a layer without a configuration.")
    if "class_name" not in entry and isinstance(entry.get("name"), str):  # Keras 0
        return entry["name"], entry.get("custom_name"), entry
    config = entry.get("config")
    if isinstance(config, list):  # a Sequential model of Keras 1
        config = {"layers": config}
    if not isinstance(config, dict):
        raise ModelFileError("The Keras model has a layer without a configuration.")
    kind, name = str(entry.get("class_name")), config.get("name") or entry.get("name")
    _check_origin(entry, kind, name)
    if _is_operation(entry, config):
        kind = FUNCTION + kind.lower()
    elif kind in ("TFOpLambda", "SlicingOpLambda"):  # tf.keras: a name of a function
        word = str(config.get("function")).rpartition(".")[2]
        kind = FUNCTION + word.replace("_", "").lower()
    return kind, str(name) if name else None, config


def layer_config(entry: object, number: int, *, name: str | None = None) -> LayerConfig:
    """Return a layer with its options in the words of Keras 2.

    Parameters
    ----------
    entry : object
        As the file has it.
    number : int
        Its place in the file, for layers without a name.
    name : str, optional
        Instead of the name in the file.
    """
    kind, found, options = raw_entry(entry)
    return LayerConfig(kind, name or found or f"{kind.lower()}_{number + 1}", _modern(options))


def channels_last(layer: LayerConfig, *, default: bool) -> bool:
    """Return the order of axes that a layer works in.

    One-dimensional layers of Keras 1 are always channels-last; two-dimensional ones that do not say
    take what comes.
    """
    order = layer.options.get("data_format")
    if order is None:
        return default or n_axes(layer) == 1
    return order == "channels_last"


def n_axes(layer: LayerConfig) -> int:
    """Return the number of spatial axes, from names such as "Conv1D"."""
    return 2 if "2D" in layer.kind else 1


def per_axis(layer: LayerConfig, option: str, default: Any = None) -> tuple[int, ...]:
    """Return an option as one positive whole number per spatial axis."""
    given = layer.options.get(option)
    given = default if given is None else given
    n = n_axes(layer)
    values = tuple(given) if isinstance(given, list | tuple) else (given,) * n
    if len(values) != n or not all(isinstance(item, int) and item > 0 for item in values):
        raise ModelFileError(f"Layer '{layer.name}' has {option} {given}, which makes no sense.")
    return values


def border(layer: LayerConfig, given: Any) -> list[tuple[int, int]]:
    """Return Keras's many ways to write a border as pairs (before, after)."""
    n = n_axes(layer)
    if isinstance(given, int):
        return [(given, given)] * n
    flat = np.asarray(given).ravel().tolist() if isinstance(given, list | tuple) else []
    if n == 2 and len(flat) == 2:
        flat = [flat[0], flat[0], flat[1], flat[1]]
    if len(flat) != 2 * n or not all(isinstance(item, int) and item >= 0 for item in flat):
        raise ModelFileError(f"Layer '{layer.name}' has padding {given}, which makes no sense.")
    return list(zip(flat[::2], flat[1::2], strict=True))


def _check_origin(entry: Config, kind: str, name: object) -> None:
    """Refuse a class of somebody's own that has the name of one of Keras."""
    module = entry.get("module")
    registered = str(entry.get("registered_name") or "")
    own = module is not None and str(module).partition(".")[0] not in _MODULES
    if (own or ">" in registered) and kind != "Lambda":
        raise ModelFileError(
            f"Layer '{name}' is of the class {registered or f'{module}.{kind}'}, which is not from "
            "Keras: its program is not in the file.",
            "Rebuild the model with layers of Keras only, or export it as ONNX.",
        )


def _is_operation(entry: Config, config: Config) -> bool:
    """Tell whether an entry of Keras 3 is an operation: by its module, which .h5 files leave out.

    Layers say the type of their numbers.
    """
    if entry.get("module"):
        return ".ops" in str(entry["module"])
    nodes = entry.get("inbound_nodes")
    in_words_of_3 = isinstance(nodes, list) and bool(nodes) and isinstance(nodes[0], dict)
    return in_words_of_3 and not {"dtype", "trainable", "layers"} & config.keys()


def _modern(options: Config) -> Config:
    """Rename the options of Keras 1."""
    renamed = {_RENAMED.get(name, name): value for name, value in options.items()}
    if "nb_row" in options:
        renamed["kernel_size"] = [options["nb_row"], options["nb_col"]]
    order = str(renamed.get("data_format"))
    if order in _FORMATS:
        renamed["data_format"] = _FORMATS[order]
    return renamed
