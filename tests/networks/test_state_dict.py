import os
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import ACTIVATIONS
from deepresolve_dash.networks.cut import cut, find_layers
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.formats.state_dict import architecture, model, stack
from deepresolve_dash.networks.formats.state_dict.architecture import wired_network
from deepresolve_dash.networks.formats.state_dict.model import read_state_dict
from deepresolve_dash.networks.formats.state_dict.modules import find_modules, natural_order
from deepresolve_dash.networks.formats.state_dict.tensors import read_tensors
from deepresolve_dash.networks.read import read_network

EXAMPLES = Path(architecture.__file__).parent / "examples"
PLAIN = """
input_length = 30
layers = [
  { kind = "conv", activation = "relu" },
  { kind = "max_pool", size = 3 },
  { kind = "flatten" },
  { kind = "dense", activation = "sigmoid" },
]
"""


class Pooled(nn.Module):
    def forward(self, x):
        return torch.cat([x.amax(-1), x.mean(-1)], 1)


class Recurrent(nn.LSTM):
    def forward(self, x):
        return super().forward(x.transpose(1, 2))[0]


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(-1)


def deepsea():
    return nn.Sequential(
        nn.Conv1d(4, 5, 8), nn.ReLU(), nn.MaxPool1d(4), nn.Dropout(0.2),
        nn.Conv1d(5, 6, 8), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(6, 7, 8), nn.ReLU(), nn.Flatten(),
        nn.Linear(7 * 53, 9), nn.ReLU(), nn.Linear(9, 3), nn.Sigmoid(),
    )  # fmt: skip


def deepbind():
    return nn.Sequential(
        nn.Conv1d(4, 6, 24), nn.ReLU(), Pooled(), nn.Linear(12, 5), nn.ReLU(), nn.Linear(5, 1),
        nn.Sigmoid(),
    )  # fmt: skip


def basset():
    def block(n, m, width, size):
        pads = nn.Conv1d(n, m, width, padding=width // 2)
        return [pads, nn.BatchNorm1d(m), nn.ReLU(), nn.MaxPool1d(size)]

    return nn.Sequential(
        *block(4, 5, 19, 3), *block(5, 6, 11, 4), *block(6, 7, 7, 4), nn.Flatten(),
        nn.Linear(7 * 12, 9), nn.BatchNorm1d(9), nn.ReLU(),
        nn.Linear(9, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2), nn.Sigmoid(),
    )  # fmt: skip


def danq():
    return nn.Sequential(
        nn.Conv1d(4, 6, 26), nn.ReLU(), nn.MaxPool1d(13),
        Recurrent(6, 4, bidirectional=True, batch_first=True), nn.Flatten(),
        nn.Linear(75 * 8, 7), nn.ReLU(), nn.Linear(7, 3), nn.Sigmoid(),
    )  # fmt: skip


def basenji():
    def dilated(step):
        conv = nn.Conv1d(6, 6, 3, padding="same", dilation=step)
        return Residual(conv, nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3))

    return nn.Sequential(
        nn.Conv1d(4, 5, 15, padding="same"), nn.BatchNorm1d(5), nn.ReLU(), nn.MaxPool1d(8),
        nn.Conv1d(5, 6, 5, padding="same"), nn.BatchNorm1d(6), nn.ReLU(), nn.MaxPool1d(4),
        dilated(2), dilated(4), Mean(), nn.Linear(6, 2), nn.Softplus(),
    )  # fmt: skip


NETWORKS = {"deepsea": deepsea, "deepbind": deepbind, "basset": basset, "danq": danq,
            "basenji": basenji}  # fmt: skip


def trained(make):
    """A network whose weights and running averages are random, as it is at prediction."""
    torch.manual_seed(0)
    made = make().eval()
    for module in made.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    return made


def plain():
    return nn.Sequential(nn.Conv1d(4, 5, 7), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(),
                         nn.Linear(5 * 8, 2), nn.Sigmoid())  # fmt: skip


def wired(path, text=PLAIN):
    path.write_text(text)
    return path


def agree(network, reference):
    letters = torch.randint(
        4, (3, network.input_length), generator=torch.Generator().manual_seed(1)
    )
    x = nn.functional.one_hot(letters, 4).transpose(1, 2).float()
    with torch.no_grad():
        (given,) = forward(network, x).values()
        assert given.numpy() == pytest.approx(reference(x).numpy(), abs=1e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_examples_wire_the_networks_they_are_named_after(name, tmp_path):
    reference = trained(NETWORKS[name])
    torch.save(reference.state_dict(), tmp_path / "weights.pt")
    network = read_state_dict(tmp_path / "weights.pt", EXAMPLES / f"{name}.toml")
    agree(network, reference)
    offered = [layer.name for layer in find_layers(network) if layer.can_cut]
    assert len(offered) >= 2
    for layer in (offered[0], offered[-1]):
        cut(network, layer)  # which refuses parts that do not give the scores of the whole


def test_every_example_is_tested():
    assert sorted(path.stem for path in EXAMPLES.glob("*.toml")) == sorted(NETWORKS)


@pytest.mark.parametrize(
    "held",
    [
        lambda weights: weights,
        lambda weights: {f"module.{name}": value for name, value in weights.items()},
        lambda weights: {
            "epoch": 3,
            "state_dict": {f"model.net.{name}": value for name, value in weights.items()},
            "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(9)}}}],
        },
        lambda weights: {name: value.half() for name, value in weights.items()},
        lambda weights: {name: value.double() for name, value in weights.items()},
    ],
    ids=["plain", "parallel", "lightning", "half", "double"],
)
def test_a_checkpoint_of_any_trainer_gives_the_network(held, tmp_path):
    reference = trained(plain)
    torch.save(held(reference.state_dict()), tmp_path / "w.ckpt")
    network = read_state_dict(tmp_path / "w.ckpt", wired(tmp_path / "net.toml"))
    if held(reference.state_dict()).get("0.weight", torch.zeros(1)).dtype == torch.half:
        reference.load_state_dict({k: v.half().float() for k, v in reference.state_dict().items()})
    agree(network, reference)


def test_safetensors_are_taken_in_natural_order(tmp_path):
    assert natural_order(["a.10.w", "a.2.w", "a.1.b"]) == ["a.1.b", "a.2.w", "a.10.w"]
    reference = trained(basset)
    save_file(reference.state_dict(), tmp_path / "w.safetensors")
    agree(read_state_dict(tmp_path / "w.safetensors", EXAMPLES / "basset.toml"), reference)


def test_a_layer_can_name_its_weights(tmp_path):
    reference = trained(plain)
    text = PLAIN.replace('"dense",', '"dense", from = "4",').replace(
        '"conv",', '"conv", from = "0",'
    )
    torch.save(reference.state_dict(), tmp_path / "w.pth")
    agree(read_state_dict(tmp_path / "w.pth", wired(tmp_path / "a.toml", text)), reference)


def test_what_the_file_tells_of_the_input_and_the_classes_is_kept(tmp_path):
    torch.save(trained(plain).state_dict(), tmp_path / "w.pt")
    text = 'alphabet = "AGCT"\nunknown_base = 0.0\nclass_names = ["on", "off"]\n' + PLAIN
    network = read_state_dict(tmp_path / "w.pt", wired(tmp_path / "a.toml", text))
    assert (network.alphabet, network.unknown_base) == ("AGCT", 0.0)
    assert network.class_names == ("on", "off")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("input_length = 30", "input_length = 40", "does not fit"),
        ("input_length = 30", "", "how long the sequences are"),
        ("input_length = 30", "length = 30", "'length', which is not known"),
        ("size = 3", "size = 3, strides = 2", "no option 'strides'"),
        (", size = 3", "", "'max_pool' needs a size"),
        ("size = 3", "size = 0", "does not fit"),
        ("size = 3", 'size = "a"', "makes no sense"),
        ('"max_pool"', '"maxpool"', "kind 'maxpool'"),
        ('"sigmoid"', '"sigmoidal"', "'sigmoidal', which is not supported"),
        ('"flatten" },', '"flatten" }, { kind = "dense" },', "no further weights"),
        ('{ kind = "conv", activation = "relu" },', "", "for these weights: 0"),
        ('{ kind = "dense", activation = "sigmoid" },', "", "no layer for these weights: 4"),
        ('"conv",', '"conv", from = "4",', "no '4' with weights of the kind conv"),
        ("layers = [", 'layers = [ { kind = "add", branches = [[]] },', "at least two"),
        ("layers = [", "layers = [ 7,", "list of tables"),
        ("input_length = 30", 'input_length = 30\nalphabet = "ACGU"', "not an order"),
        ("layers = [", "layers = [[", "not readable as TOML"),
        ("size = 3", "size = 1000000000000", "does not fit"),
    ],
)  # fmt: skip
def test_an_architecture_that_does_not_fit_is_one_sentence(old, new, says, tmp_path):
    torch.save(trained(plain).state_dict(), tmp_path / "w.pt")
    assert old in PLAIN
    with pytest.raises(ModelFileError, match=says) as caught:
        read_state_dict(tmp_path / "w.pt", wired(tmp_path / "a.toml", PLAIN.replace(old, new)))
    assert "\n" not in caught.value.message


def test_branches_do_not_nest_without_end():
    layers = []
    for _ in range(20):
        layers = [{"kind": "add", "branches": [layers, []]}]
    with pytest.raises(ModelFileError, match="too many branches"):
        wired_network({"input_length": 9, "layers": layers}, [])


class Canary:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    ("name", "held", "says"),
    [
        ("pickle", lambda folder: Canary(folder / "canary"), "Python objects"),
        ("whole", lambda folder: trained(plain), "Python objects"),
        (
            "bomb",
            lambda folder: {"a": torch.zeros(1), "b": Canary(folder / "canary")},
            "Python obj",
        ),
        ("empty", lambda folder: {"epoch": 3}, "holds no weights"),
        ("counters", lambda folder: {"n": torch.tensor(3)}, "holds no weights"),
        ("large", lambda folder: {"w": torch.zeros(1).expand(10**6, 10**6)}, "plain numbers"),
        ("complex", lambda folder: {"w": torch.zeros(2, dtype=torch.complex64)}, "plain numbers"),
    ],
)
def test_what_is_no_state_dict_is_refused_and_nothing_is_run(name, held, says, tmp_path):
    torch.save(held(tmp_path), tmp_path / "w.pt")
    with pytest.raises(ModelFileError, match=says):
        read_tensors(tmp_path / "w.pt")
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("cut_at", [0, 1, 7, 9, 60, 500])
def test_a_truncated_file_is_refused(cut_at, tmp_path):
    weights = trained(plain).state_dict()
    torch.save(weights, tmp_path / "w.pt")
    save_file(weights, tmp_path / "w.safetensors")
    for name in ("w.pt", "w.safetensors"):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:cut_at])
        with pytest.raises(ModelFileError):
            read_tensors(tmp_path / name)


def test_a_header_of_safetensors_that_claims_too_much_is_refused(tmp_path):
    for header in (b'{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4]}}', b"{"):
        (tmp_path / "w").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
        with pytest.raises(ModelFileError):
            read_tensors(tmp_path / "w")
    with zipfile.ZipFile(tmp_path / "z.pt", "w") as packed:
        packed.writestr("a/data.pkl", b"\x80\x02}q\x00.")
    with pytest.raises(ModelFileError):
        read_tensors(tmp_path / "z.pt")


def rows(state):
    arrays = {name: value.numpy() for name, value in state.items() if value.is_floating_point()}
    return model.described(find_modules(arrays))


@pytest.mark.parametrize(("name", "length"), [("deepsea", 1000), ("basset", 600)])
def test_the_wiring_of_a_plain_network_is_guessed_from_its_shapes(name, length, tmp_path):
    reference = trained(NETWORKS[name])
    found = stack.guess_layers(rows(reference.state_dict()), length)
    text = stack.architecture_text(found[0], length)
    torch.save(reference.state_dict(), tmp_path / "w.pt")
    agree(read_state_dict(tmp_path / "w.pt", wired(tmp_path / "a.toml", text)), reference)


def test_weights_sorted_by_name_are_put_in_order():
    reference = nn.ModuleDict({"bn": nn.BatchNorm1d(5), "conv": nn.Conv1d(4, 5, 7),
                               "fc": nn.Linear(5, 2)})  # fmt: skip
    (first, *_) = stack.guess_layers(rows(reference.state_dict()), 30)
    kinds = [layer["kind"] for layer in first]
    assert kinds == ["conv", "batch_norm", "global_max", "flatten", "dense"]


def test_the_shapes_of_a_stack_are_those_of_the_network_or_say_where_it_ends():
    weights = rows(trained(plain).state_dict())
    layers = stack.guess_layers(weights, 30)[0]
    shapes = list(stack.stack_shapes(layers, weights, 30))
    assert [(one.channels, one.width) for one in shapes] == [(5, 24), (5, 8), (40, 1), (2, 1)]
    with pytest.raises(ModelFileError, match="takes 40 features, and gets 45"):
        list(stack.stack_shapes(layers, weights, 33))
    with pytest.raises(ModelFileError, match="needs 7 positions, and 5 are left"):
        list(stack.stack_shapes(layers, weights, 5))


def test_the_form_offers_activations_that_there_are():
    assert set(stack.ACTIVATIONS) <= {*ACTIVATIONS, "softmax"}


def test_other_weights_are_not_guessed():
    odd = [{"name": "rnn", "kind": "lstm", "shape": [8, 4]}]
    with pytest.raises(ModelFileError, match="rnn is none of these"):
        stack.guess_layers(odd, 100)


@pytest.mark.parametrize("save", [torch.save, save_file], ids=["checkpoint", "safetensors"])
def test_a_folder_with_weights_and_their_wiring_is_a_model(save, tmp_path):
    reference = trained(plain)
    save(reference.state_dict(), tmp_path / "anything")
    wired(tmp_path / "net.toml")
    (tmp_path / "README.md").write_text("A network.")
    agree(read_network(tmp_path), reference)
    agree(read_network(tmp_path / "anything", architecture=tmp_path / "net.toml"), reference)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("w/data.pkl", b"")
        packed.writestr("w/data/0", bytes(10**7))
    with pytest.raises(ModelFileError, match="thousand times"):
        read_network(tmp_path / "w.pt")


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_a_program_is_refused(tmp_path):
    torch.jit.save(torch.jit.trace(plain().eval(), torch.zeros(1, 4, 30)), tmp_path / "w.pt")
    with pytest.raises(ModelFileError, match="TorchScript"):
        read_network(tmp_path / "w.pt")


def test_weights_alone_say_what_they_are(tmp_path):
    torch.save(trained(plain).state_dict(), tmp_path / "w.pt")
    with pytest.raises(stack.ArchitectureNeeded) as caught:
        read_state_dict(tmp_path / "w.pt")
    conv = {"name": "0", "kind": "conv", "shape": [5, 4, 7]}
    dense = {"name": "4", "kind": "dense", "shape": [2, 40]}
    assert caught.value.weights == [conv, dense]
    save_file(trained(plain).state_dict(), tmp_path / "w.pt")
    with pytest.raises(stack.ArchitectureNeeded) as caught:
        read_state_dict(tmp_path / "w.pt")
    assert caught.value.weights == [conv, dense]
