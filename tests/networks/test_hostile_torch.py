"""Files of PyTorch and ONNX that lie, or want to run: each is refused in one sentence, or read."""

import io
import json
import os
import pickle
import zipfile
from contextlib import suppress

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.read import read_network
from tests.networks.zoo_files import TORCH, stored

DEEPSEA = TORCH / "deepsea.pt2"
GRAPH = "deepsea/models/model.json"
WEIGHTS = "deepsea/data/weights/model_weights_config.json"
ONNX = TORCH / "deepsea.legacy.onnx"


class Canary:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def members(path=DEEPSEA):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def write(path, parts, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def changed(tmp_path, name, change):
    """deepsea.pt2 with one JSON member changed in place."""
    parts = members()
    told = json.loads(parts[name])
    change(told)
    parts[name] = json.dumps(told).encode()
    return write(tmp_path / "m.pt2", parts)


def refuse(path, message, **options):
    with pytest.raises(ModelFileError, match=message) as caught:
        read_network(path, **options)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_pickled_sample_inputs_are_never_opened(tmp_path):
    canary = tmp_path / "canary"
    parts = members()
    (sample,) = (name for name in parts if "sample_inputs" in name)
    buffer = io.BytesIO()
    torch.save(Canary(canary), buffer)
    parts[sample] = buffer.getvalue()
    network = read_network(write(tmp_path / "m.pt2", parts))
    assert network_hash(network) == network_hash(read_network(DEEPSEA))
    assert not canary.exists()


def test_expressions_of_sizes_are_never_evaluated(tmp_path):
    canary = tmp_path / "canary"
    code = f"__import__('os').mkdir({str(canary)!r})"
    text = (members()[GRAPH]).decode()
    symbol = text.split('"expr_str": "')[1].split('"')[0]
    parts = members() | {GRAPH: text.replace(symbol, code).encode()}
    network = read_network(write(tmp_path / "m.pt2", parts))
    assert network_hash(network) == network_hash(read_network(DEEPSEA))
    assert not canary.exists()


def test_pickled_weights_are_refused(tmp_path):
    canary = tmp_path / "canary"
    path = changed(
        tmp_path, WEIGHTS, lambda told: told["config"]["0.weight"].update(use_pickle=True)
    )
    parts = members(path) | {"deepsea/data/weights/weight_0": pickle.dumps(Canary(canary))}
    refuse(write(path, parts), r"'0\.weight' .* is a Python pickle")
    assert not canary.exists()


def test_programs_of_older_versions_are_refused_with_the_way_out(tmp_path):
    old = {"serialized_exported_program.json": b"{}", "serialized_state_dict.pt": b"x"}
    refuse(write(tmp_path / "old.pt2", old), "older PyTorch, .* export-snippet")
    parts = {name: data for name, data in members().items() if "weights_config" not in name}
    refuse(write(tmp_path / "m.pt2", parts), "older PyTorch, .* export-snippet")


def node(told, index):
    return told["graph_module"]["graph"]["nodes"][index]


GRAPHS = {
    "an operation that reads files": (
        lambda g: node(g, 2).update(target="torch.ops.aten.from_file.default"),
        "from_file.default', which is not supported",
    ),
    "an operation of another library": (
        lambda g: node(g, 2).update(target="torch.ops.evil.run.default"),
        "torch.ops.evil.run.default', which is not supported",
    ),
    "a function of Python": (
        lambda g: node(g, 2).update(target="os.system"),
        "'os.system', which is not supported",
    ),
    "a graph in the graph": (
        lambda g: node(g, 2)["inputs"].append({"name": "x", "arg": {"as_graph": {}}, "kind": 1}),
        "as_graph",
    ),
    "a value that is not there": (
        lambda g: node(g, 2)["inputs"][0]["arg"]["as_tensor"].update(name="nothing"),
        "not a sound program",
    ),
    "a strange argument": (
        lambda g: node(g, 2)["inputs"].append({"name": "x", "arg": {"as_int": 1}, "kind": 1}),
        "not supported|not fit",
    ),
    "a window of 10^12": (
        lambda g: node(g, 3)["inputs"][1]["arg"].update(as_ints=[10**12]),
        "does not fit|not supported",
    ),
    "a pad of 10^12": (
        lambda g: node(g, 3).update(
            target="torch.ops.aten.constant_pad_nd.default",
            inputs=[
                node(g, 3)["inputs"][0],
                {"name": "pad", "arg": {"as_ints": [0, 10**12]}, "kind": 1},
            ],
        ),
        "more numbers than fit into memory|does not fit",
    ),
    "a constant of 10^12": (
        lambda g: node(g, 0).update(
            target="torch.ops.aten.full.default",
            inputs=[
                {"name": "size", "arg": {"as_ints": [10**6, 10**6]}, "kind": 1},
                {"name": "fill_value", "arg": {"as_int": 0}, "kind": 1},
            ],
            outputs=[{"as_tensor": {"name": "large"}}],
        ),
        "larger than fits into memory",
    ),
    "no nodes": (lambda g: g["graph_module"]["graph"].pop("nodes"), "not a sound program"),
    "text for nodes": (
        lambda g: g["graph_module"]["graph"].update(nodes="abc"), "not a sound program"
    ),
    "no outputs": (
        lambda g: g["graph_module"]["signature"].update(output_specs=[]), "No output"
    ),
    "an input without bases": (
        lambda g: g["graph_module"]["graph"]["tensor_values"]["input"]["sizes"][1].update(as_int=5),
        "No input is one-hot DNA",
    ),
    "a length of 10^13": (
        lambda g: g["graph_module"]["graph"]["tensor_values"]["input"]["sizes"][2].update(
            as_int=10**13
        ),
        "fit|memory|impossible|long",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), GRAPHS.values(), ids=GRAPHS)
def test_a_program_that_is_not_sound_is_refused(tmp_path, change, message):
    refuse(changed(tmp_path, GRAPH, change), message)


def array(told):
    return told["config"]["0.weight"]["tensor_meta"]


ARRAYS = {
    "sizes beyond the bytes": lambda a: a["sizes"].__setitem__(0, {"as_int": 10**12}),
    "strides beyond the bytes": lambda a: a["strides"].__setitem__(0, {"as_int": 10**12}),
    "an offset beyond the bytes": lambda a: a.update(storage_offset={"as_int": 10**12}),
    "an offset before the bytes": lambda a: a.update(storage_offset={"as_int": -8}),
    "a stride that goes back": lambda a: a["strides"].__setitem__(0, {"as_int": -1}),
    "another kind of numbers": lambda a: a.update(dtype=8),
    "an unknown kind of numbers": lambda a: a.update(dtype=99),
    "complex numbers": lambda a: a.update(dtype=10),
    "sizes that are text": lambda a: a.update(sizes=[{"as_expr": {"expr_str": "1"}}]),
}


@pytest.mark.parametrize("change", ARRAYS.values(), ids=ARRAYS)
def test_an_array_that_is_not_its_bytes_is_refused(tmp_path, change):
    path = changed(tmp_path, WEIGHTS, lambda told: change(array(told)))
    refuse(path, "claims the shape|unknown kind|not a sound program|does not fit")


def test_an_array_of_zero_strides_is_no_memory_bomb(tmp_path):
    def change(told):
        array(told).update(
            sizes=[{"as_int": 10**5}] * 3, strides=[{"as_int": 0}] * 3
        )  # 10^15 numbers of four bytes

    refuse(changed(tmp_path, WEIGHTS, change), "claims the shape")


def test_names_of_a_zip_stay_inside(tmp_path):
    for name in ("../out", "/etc/out", "a\\..\\..\\out"):
        refuse(write(tmp_path / "m.pt2", members() | {name: b"x"}), "points out of the archive")
    path = changed(
        tmp_path, WEIGHTS, lambda told: told["config"]["0.bias"].update(path_name="../../x")
    )
    refuse(path, "lacks its part")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    parts = members() | {"deepsea/zeros": bytes(50 * 2**20)}
    refuse(write(tmp_path / "m.pt2", parts, zipfile.ZIP_DEFLATED), "more than a thousand times")


def test_weights_that_are_not_finite_or_of_another_machine_are_refused(tmp_path):
    parts = members()
    bias = np.frombuffer(parts["deepsea/data/weights/weight_1"], dtype=np.float32).copy()
    bias[0] = np.nan
    parts["deepsea/data/weights/weight_1"] = bias.tobytes()
    refuse(write(tmp_path / "m.pt2", parts), "holds NaN or infinite")
    refuse(write(tmp_path / "m.pt2", members() | {"deepsea/byteorder": b"big"}), "order of bytes")


@pytest.mark.parametrize("share", np.linspace(0.01, 0.99, 9).round(2))
def test_truncated_files_are_refused(tmp_path, share):
    for source in (DEEPSEA, ONNX):
        data = source.read_bytes()
        path = tmp_path / source.name
        path.write_bytes(data[: int(len(data) * share)])
        refuse(path, "damaged|readable|not a model|zip|claims|lacks|there")


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float64"])
def test_other_floating_point_numbers_are_read_as_float32(tmp_path, name):
    kinds = {"float16": 6, "bfloat16": 13, "float64": 8}
    parts = members()
    told = json.loads(parts[WEIGHTS])
    for entry in told["config"].values():
        entry["tensor_meta"]["dtype"] = kinds[name]
        key = f"deepsea/data/weights/{entry['path_name']}"
        values = torch.frombuffer(bytearray(parts[key]), dtype=torch.float32)
        raw = values.to(getattr(torch, name)).view(torch.uint8)
        parts[key] = raw.numpy().tobytes()
    parts[WEIGHTS] = json.dumps(told).encode()
    network = read_network(write(tmp_path / "m.pt2", parts))
    assert all(array.dtype == np.float32 for array in network.weights.values())
    x, (expected,) = stored(DEEPSEA)
    found = forward(network, torch.tensor(x))[network.outputs[0].node]
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-2)


def model():
    return onnx.load_model_from_string(ONNX.read_bytes())


def save(tmp_path, changed_model):
    path = tmp_path / "m.onnx"
    path.write_bytes(changed_model.SerializeToString())
    return path


def external(m):
    array = m.graph.initializer[0]
    array.ClearField("raw_data")
    array.data_location = TensorProto.EXTERNAL
    array.external_data.add(key="location", value="../../etc/passwd")


def huge(m):
    m.graph.initializer[0].dims[:] = [10**6, 10**6]


def wrong_size(m):
    m.graph.initializer[0].dims[0] += 1


def text(m):
    m.graph.initializer[0].CopyFrom(
        helper.make_tensor(m.graph.initializer[0].name, TensorProto.STRING, [1], [b"a"])
    )


def not_finite(m):
    array = numpy_helper.to_array(m.graph.initializer[0]) * np.float32(np.nan)
    m.graph.initializer[0].CopyFrom(numpy_helper.from_array(array, m.graph.initializer[0].name))


def looped(m):
    m.graph.node[1].input[0] = m.graph.node[5].output[0]


def loop(m):
    body = helper.make_graph([], "body", [], [])
    m.graph.node[1].CopyFrom(
        helper.make_node("Loop", ["", "", m.graph.node[0].output[0]], ["x"], body=body)
    )


def inner_graph(m):
    body = helper.make_graph([], "body", [], [])
    m.graph.node[1].attribute.append(helper.make_attribute("body", body))


def other_domain(m):
    m.graph.node[1].domain = "com.evil"


def functions(m):
    m.functions.append(onnx.FunctionProto(name="f", domain="d"))


def window(m):
    pool = next(each for each in m.graph.node if each.op_type == "MaxPool")
    next(each for each in pool.attribute if each.name == "kernel_shape").ints[:] = [10**12]


def no_shape(m):
    m.graph.input[0].type.tensor_type.ClearField("shape")


def open_length(m):
    m.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "length"


def old(m):
    m.opset_import[0].version = 6


def constant(m):
    shape = numpy_helper.from_array(np.array([10**6, 10**6]), "shape")
    m.graph.initializer.append(shape)
    m.graph.node.insert(0, helper.make_node("ConstantOfShape", ["shape"], ["x"]))


def counting(m):
    for name, value in (("a", 0), ("b", 10**12), ("c", 1)):
        m.graph.initializer.append(numpy_helper.from_array(np.array(value), name))
    m.graph.node.insert(0, helper.make_node("Range", ["a", "b", "c"], ["x"]))


ONNX_CHANGES = {
    "external data": (external, "not the name of a file beside it"),
    "10^12 numbers": (huge, "impossible shape"),
    "a shape of other contents": (wrong_size, "has other contents"),
    "text for numbers": (text, "of a kind that is not read"),
    "NaN": (not_finite, "holds NaN or infinite"),
    "a cycle": (looped, "which is not there"),
    "a loop": (loop, "'Loop', which is not supported"),
    "a graph in an attribute": (inner_graph, "graphs inside"),
    "operations of another domain": (other_domain, "which is not supported"),
    "functions": (functions, "functions or sparse arrays"),
    "a window of 10^12": (window, "does not fit"),
    "an input without a shape": (no_shape, "No input is one-hot DNA"),
    "an open length": (open_length, "leaves the length .* --length"),
    "old operations": (old, "version 6 of the ONNX operations"),
    "a constant of 10^12": (constant, "larger than fits into memory"),
    "counting to 10^12": (counting, "larger than fits into memory"),
}


@pytest.mark.parametrize(("change", "message"), ONNX_CHANGES.values(), ids=ONNX_CHANGES)
def test_an_onnx_model_that_is_not_sound_is_refused(tmp_path, change, message):
    m = model()
    change(m)
    refuse(save(tmp_path, m), message)


def test_an_open_length_is_taken_when_it_is_told(tmp_path):
    m = model()
    open_length(m)
    network = read_network(save(tmp_path, m), length=120)
    x, (expected,) = stored(ONNX)
    found = forward(network, torch.tensor(x))[network.outputs[0].node]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_onnx_of_sixteen_bits_is_widened(tmp_path):
    m = model()
    for each in m.graph.initializer:
        array = numpy_helper.to_array(each).astype(np.float16)
        each.CopyFrom(numpy_helper.from_array(array, each.name))
    network = read_network(save(tmp_path, m))
    assert all(array.dtype == np.float32 for array in network.weights.values())


OTHERS = {
    "caffe": (b"name: 'net'\nlayer {", "Caffe"),
    "lua": (b"\x04\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x00V 1", "Torch for Lua"),
    "r": (b"RDX3\nX\n", "a file of R"),
    "zipped r": (b"\x1f\x8b\x08\x00", "perhaps one of R"),
    "pickle": (pickle.dumps({"a": 1}), "Python pickle"),
}


@pytest.mark.parametrize(("data", "message"), OTHERS.values(), ids=OTHERS)
def test_files_of_others_are_refused_with_the_way_out(tmp_path, data, message):
    path = tmp_path / "model"
    path.write_bytes(data)
    refuse(path, f"{message}.*export-snippet")


def test_torchscript_is_refused_with_the_way_out(tmp_path):
    parts = {"m/constants.pkl": b"x", "m/data.pkl": b"x", "m/code/x.py": b"x"}
    refuse(write(tmp_path / "m.pt", parts), "TorchScript.* never run.*export-snippet")


@pytest.mark.parametrize("seed", range(4))
def test_files_with_bytes_changed_are_read_or_refused(tmp_path, seed):
    generator = np.random.default_rng(seed)
    for source in (DEEPSEA, ONNX):
        for _ in range(5):
            data = bytearray(source.read_bytes())
            for place in generator.integers(len(data), size=8):
                data[place] = generator.integers(256)
            path = tmp_path / source.name
            path.write_bytes(bytes(data))
            with suppress(ModelFileError):
                read_network(path)
