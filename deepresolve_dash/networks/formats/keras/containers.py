"""Which arrays belong to which layer, wherever Keras 0 to 3 put them in a weight file."""

import re
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.keras.architecture import FIRST_LAYERS, Model
from deepresolve_dash.networks.formats.keras.hdf5 import dataset, group, texts, weight_root
from deepresolve_dash.networks.formats.keras.weights import Named, Place, Weights

_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
_PARTS = (
    "cell",
    "forward_layer",
    "backward_layer",
    "layer",
    "query_dense",
    "key_dense",
    "value_dense",
    "output_dense",
)
"""Parts of a layer of Keras 3 that hold arrays, in the order of `layer.weights`."""

_WITHOUT_WEIGHTS = re.compile(
    "Input|Activation|Add|Alpha|Average|Avg|Concat|Cropping|Dot$|Dropout|ELU|Flatten|Gaussian|Global"
    "|Lambda|Leaky|Mask|Max|Merge|Min|Multiply|Permute|ReLU|Repeat|Reshape|Softmax|Spatial|Subtract"
    "|Threshold|Unit|UpSampling|ZeroPadding|Rescaling"
)


def open_weights(file: h5py.File, model: Model, path: Path) -> Weights:
    """Find the arrays of each layer of a model in an open file of any version of Keras.

    Raises
    ------
    ModelFileError
        When it holds no weights, or what it names is not there.
    """
    root = weight_root(file)
    if "layer_names" in root.attrs or "layer_names0" in root.attrs:
        return _by_names(root, model, path)
    container = next((name for name in _CONTAINERS if name in set(root)), None)
    if container is not None:
        arrays = dict(_inside(group(root, container), model, ()))
        return Weights(arrays, [], path)
    if "graph" in set(root) or "layer_0" in set(root):
        return _by_numbers(root, model, path)
    raise ModelFileError(f"{path} holds no Keras weights.", "Give the file of weights.")


def _by_names(root: h5py.Group, model: Model, path: Path) -> Weights:
    """Find arrays by `layer_names` and `weight_names`, as Keras 1, 2 and 3 write them into .h5."""
    groups: dict[str, Named] = {}
    for name in texts(root, "layer_names"):
        inner = group(root, name)
        found = [(array, dataset(inner, array)) for array in texts(inner, "weight_names")]
        if found:
            groups[name] = found
    known = {layer.name for layer in model.all_layers()} | set(model.layers)
    by_order = not set(groups) <= known
    if by_order:
        names = [name for name in model.layers if _has_weights(model, name)]
        renamed = dict(zip(names, groups.values(), strict=False))
        groups = renamed | dict(list(groups.items())[len(renamed) :])
    arrays, pool = {}, []
    _spread(model, (), groups, arrays, pool)
    arrays |= {(name,): found for name, found in groups.items()}  # left over
    return Weights(arrays, pool, path, by_order=by_order)


def _spread(
    model: Model, place: Place, groups: dict[str, Named], arrays: dict[Place, Named], pool: Named
) -> None:
    """Give each layer of a model its group, those inside its models as well."""
    for name in model.layers:
        inner = model.models.get(name)
        if inner is None and name in groups:
            arrays[(*place, name)] = groups.pop(name)
        elif inner is not None and name in groups:
            whole = groups.pop(name)
            divided = _divided(inner, whole)
            if divided is None:
                pool += whole
            else:
                _spread(inner, (*place, name), divided, arrays, pool)
        elif inner is not None:
            _spread(inner, (*place, name), groups, arrays, pool)


def _divided(model: Model, whole: Named) -> dict[str, Named] | None:
    """Divide the arrays of a model among its layers by their names, None when they do not tell.

    Their order does not tell: arrays that are not trained come last, after those of all layers.
    """
    divided: dict[str, Named] = {}
    longest_first = sorted(model.layers, key=len, reverse=True)
    for name, item in whole:
        parts = name.split("/")
        exact = [part for part in parts if part in model.layers]
        begun = [layer for layer in longest_first if parts[0].startswith(f"{layer}_")]
        if not exact and not begun:
            return None
        divided.setdefault((exact or begun)[0], []).append((name, item))
    return divided


def _inside(container: h5py.Group, model: Model, place: Place) -> Iterator[tuple[Place, Named]]:
    """Yield the arrays of each layer as Keras 3 lays them out: groups by class, then by part."""
    for name, inner in _groups(container, model).items():
        if name in model.models:
            below = next((part for part in _CONTAINERS if part in set(inner)), None)
            if below is not None:
                yield from _inside(group(inner, below), model.models[name], (*place, name))
        else:
            found = list(_arrays(inner))
            if len(found) < _n_arrays(inner):
                raise ModelFileError(
                    f"Layer '{name}' has weights that a {model.layers[name].kind} does not have.",
                    "Save the model again with the current Keras.",
                )
            if found:
                yield (*place, name), found


def _groups(container: h5py.Group, model: Model) -> dict[str, h5py.Group]:
    """Return the group of each layer: named in an attribute, or counted by class."""
    groups = {name: group(container, name) for name in map(str, container)}
    named = {}
    for inner in groups.values():
        owner = inner["vars"].attrs.get("name") if "vars" in set(inner) else None
        named[str(owner)] = inner
    if len(named) == len(groups) and set(named) <= set(model.layers):
        return named
    counts: dict[str, int] = {}
    counted = {}
    for name, layer in model.layers.items():
        kind = _snake_case(layer.kind)
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        counted[f"{kind}_{number}" if number else kind] = name
    unknown = [name for name in groups if name not in counted and any(_arrays(groups[name]))]
    if unknown:
        raise ModelFileError(
            f"The file has weights for {', '.join(unknown[:20])}, which the architecture does not "
            "have.",
            "Check that architecture and weights belong together.",
        )
    return {counted[name]: inner for name, inner in groups.items() if name in counted}


def _arrays(inner: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    """Yield the arrays of a layer of Keras 3 in the order of `layer.weights`."""
    names = set(inner)
    if "vars" in names:
        variables = group(inner, "vars")
        for name in sorted(map(str, variables), key=lambda name: (len(name), name)):
            yield name, dataset(variables, name)
    for part in _PARTS:
        for name in (part, f"_{part}"):
            if name in names:
                yield from _arrays(group(inner, name))


def _n_arrays(inner: h5py.Group) -> int:
    """Return the number of arrays of floating-point numbers below a group."""
    found: list[str] = []

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
            found.append(name)

    inner.visititems(visit)
    return len(found)


def _snake_case(kind: str) -> str:
    """Name a class as Keras 3 names groups."""
    kind = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub("([a-z])([A-Z])", r"\1_\2", kind).lower()


def _by_numbers(root: h5py.Group, model: Model, path: Path) -> Weights:
    """Find arrays by numbers, as Keras 0 wrote them: layer_0/param_0, or graph/param_0."""
    arrays: dict[Place, Named] = {}
    pool: Named = []
    if "graph" in set(root):
        return Weights(arrays, _parameters(root, "graph"), path)
    names = list(model.layers)
    for number in range(int(np.int64(root.attrs.get("nb_layers", len(names))))):
        found = _parameters(root, f"layer_{number}")
        name = names[number] if number < len(names) else f"layer_{number}"
        if name in model.layers and (name in model.models or model.layers[name].kind == "Merge"):
            pool += found
        elif found:
            arrays[(name,)] = found
    return Weights(arrays, pool, path)


def _parameters(root: h5py.Group, name: str) -> Named:
    """Return param_0, param_1, ... of a group."""
    inner = group(root, name)
    n = int(np.int64(inner.attrs.get("nb_params", len(inner))))
    if not 0 <= n <= len(inner):
        raise ModelFileError(
            f"The group '{name}' says that it has {n} arrays; it has {len(inner)}."
        )
    return [(f"{name}/param_{k}", dataset(inner, f"param_{k}")) for k in range(n)]


def _has_weights(model: Model, name: str) -> bool:
    """Tell whether a layer has arrays."""
    if name in model.models:
        return any(_has_weights(model.models[name], inner) for inner in model.models[name].layers)
    kind = model.layers[name].kind
    return kind not in FIRST_LAYERS and (kind == "PReLU" or not _WITHOUT_WEIGHTS.match(kind))
