"""Write models the way Keras 1.2 and Keras 2 laid them out on disk."""

import json

import h5py
import numpy as np


def layer(kind, name, arrays=(), **options):
    return {"kind": kind, "name": name, "arrays": list(arrays), "options": options}


def architecture(layers, *, version="2.2.4", backend=None, nested=False):
    entries = [
        {"class_name": item["kind"], "config": {"name": item["name"], **item["options"]}}
        for item in layers
    ]
    config = {"name": "sequential_1", "layers": entries} if nested else entries
    data = {"class_name": "Sequential", "config": config}
    if version:
        data["keras_version"] = version
    if backend:
        data["backend"] = backend
    return data


def write_weights(group, layers):
    group.attrs["layer_names"] = np.array([item["name"].encode() for item in layers])
    for item in layers:
        inner = group.create_group(item["name"])
        names = [f"{item['name']}_{index}" for index in range(len(item["arrays"]))]
        inner.attrs["weight_names"] = np.array([name.encode() for name in names], dtype="S40")
        for name, array in zip(names, item["arrays"], strict=True):
            inner[name] = np.asarray(array, dtype=np.float32)


def write_model(folder, layers, *, version="2.2.4", backend=None, nested=False):
    """Two files: architecture and weights."""
    folder.mkdir(parents=True, exist_ok=True)
    data = architecture(layers, version=version, backend=backend, nested=nested)
    (folder / "architecture.json").write_text(json.dumps(data))
    with h5py.File(folder / "weights.h5", "w") as file:
        write_weights(file, layers)
    return folder


def write_whole(path, layers, *, version="2.2.4", backend=None):
    """One file that holds both."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(architecture(layers, version=None))
        file.attrs["keras_version"] = version
        if backend:
            file.attrs["backend"] = backend
        write_weights(file.create_group("model_weights"), layers)
    return path
