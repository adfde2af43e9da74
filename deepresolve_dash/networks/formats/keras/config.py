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
}
_FORMATS = {"th": "channels_first", "tf": "channels_last"}


@dataclass(frozen=True)
class LayerConfig:
    """One layer: class name, name, and options as Keras 2 calls them."""

    kind: str
    name: str
    options: Config


@dataclass(frozen=True)
class Architecture:
    """A Sequential model as its file describes it.

    Attributes
    ----------
    version : str
        Version of Keras; "1" when the file does not say it and speaks like Keras 1.
    theano : bool
        Whether the model was made with Theano, as far as the file tells.
    evidence : str
        What tells it.
    """

    version: str
    theano: bool
    evidence: str
    layers: tuple[LayerConfig, ...]

    @property
    def is_keras1(self) -> bool:
        """Whether the weights are laid out as by Keras 1."""
        return self.version.startswith("1")


def parse_architecture(
    data: object, *, version: str | None = None, backend: str | None = None
) -> Architecture:
    """Check and translate the JSON of a Keras model.

    Parameters
    ----------
    data : object
        Parsed JSON.
    version, backend : str, optional
        What the weight file says of them, for JSON that does not.

    Raises
    ------
    ModelFileError
        When it is not a Sequential model of Keras 1 or 2.
    """
    if not isinstance(data, dict) or "class_name" not in data or "config" not in data:
        raise ModelFileError("The JSON file does not describe a Keras model.")
    if data["class_name"] != "Sequential":
        raise ModelFileError(
            f"This Keras model is of the kind '{data['class_name']}'; only Sequential models, "
            "layers in a row, are supported."
        )
    config = data["config"]
    entries = config.get("layers") if isinstance(config, dict) else config
    if not isinstance(entries, list) or not entries:
        raise ModelFileError("The Keras model has no layers.")
    raw = [_entry(entry) for entry in entries]
    version = str(data.get("keras_version") or version or _guess_version(raw))
    if version.startswith("3"):
        raise ModelFileError("This model was saved by Keras 3; Keras 1 and 2 are supported.")
    theano, evidence = _theano(raw, version, str(data.get("backend") or backend or ""))
    layers = tuple(LayerConfig(kind, name, _modern(options)) for kind, name, options in raw)
    return Architecture(version, theano, evidence, layers)


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


def _entry(entry: object) -> tuple[str, str, Config]:
    """Return class name, name and options of a layer."""
    config = entry.get("config") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(config, dict):
        raise ModelFileError("The Keras model has a layer without a configuration.")
    kind = str(entry.get("class_name"))
    return kind, str(config.get("name") or kind.lower()), config


def _guess_version(raw: list[tuple[str, str, Config]]) -> str:
    """Tell Keras 1 by its words."""
    words = {word for _, _, options in raw for word in options}
    return "1" if words & {"nb_filter", "output_dim", "border_mode"} else "2"


def _theano(raw: list[tuple[str, str, Config]], version: str, backend: str) -> tuple[bool, str]:
    """Tell whether a model was made with Theano, and from what."""
    if backend:
        return backend == "theano", f"The file names the backend '{backend}'."
    first = any(options.get("dim_ordering") == "th" for _, _, options in raw)
    if version.startswith("1") and first:
        return True, f"Keras {version} with dim_ordering 'th' points to Theano."
    return False, "The file does not name the backend."


def _modern(options: Config) -> Config:
    """Rename the options of Keras 1."""
    renamed = {_RENAMED.get(name, name): value for name, value in options.items()}
    if "nb_row" in options:
        renamed["kernel_size"] = [options["nb_row"], options["nb_col"]]
    order = str(renamed.get("data_format"))
    if order in _FORMATS:
        renamed["data_format"] = _FORMATS[order]
    return renamed
