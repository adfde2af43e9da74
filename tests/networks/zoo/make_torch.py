"""Write the networks of `torch_networks` as .pt2 and ONNX, with what they answer.

    python tests/networks/zoo/make_torch.py FOLDER [NETWORK ...]

Needs torch 2.13, onnx 1.23 and onnxscript 0.7; the tests only read the files.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent))

from torch_networks import LENGTH, NETWORKS  # noqa: E402

LAYOUTS = {
    "deepsea_2d": lambda x: x[:, :, None],
    "recurrent": lambda x: x.transpose(1, 2),
    "enformer": lambda x: x.transpose(1, 2),
}
DECOMPOSED = ("basset", "transformer", "both_strands")
ONE_ROW = ("danq", "transformer")
"""Networks that are saved for one sequence at a time as well."""
OPSET = 18


def random_state(network: torch.nn.Module) -> torch.nn.Module:
    """Give batch normalisation something to do; make scores differ between sequences."""
    for name, value in network.state_dict().items():
        if "running_mean" in name:
            value.normal_(0, 0.1)
        if "running_var" in name:
            value.uniform_(0.5, 1.5)
    return network.eval()


def inputs(name: str, n: int) -> tuple[torch.Tensor, ...]:
    """Return random sequences in the network's own layout, and a control of zeros."""
    letters = torch.randint(4, (n, LENGTH), generator=torch.Generator().manual_seed(1))
    x = torch.nn.functional.one_hot(letters, 4).transpose(1, 2).float()
    given = LAYOUTS.get(name, lambda x: x)(x).contiguous()
    return (given, torch.zeros(n, 2, LENGTH)) if name == "bpnet" else (given,)


def write(name: str, folder: Path) -> None:
    """Write one network in all formats."""
    torch.manual_seed(0)
    network = random_state(NETWORKS[name]())
    folder.mkdir(parents=True, exist_ok=True)
    given = inputs(name, 3)
    with torch.no_grad():
        answer = network(*given)
    answers = answer if isinstance(answer, tuple) else (answer,)
    arrays = {f"output{index}": each.numpy() for index, each in enumerate(answers)}
    layout = given[0].numpy()
    np.savez_compressed(folder / f"{name}.npz", input=layout.astype(np.uint8), **arrays)
    dynamic = tuple({0: torch.export.Dim("batch", min=1, max=4096)} for _ in given)
    program = torch.export.export(network, inputs(name, 2), dynamic_shapes=dynamic)
    torch.export.save(program, folder / f"{name}.pt2")
    if name in DECOMPOSED:
        torch.export.save(program.run_decompositions(), folder / f"{name}.core.pt2")
    if name in ONE_ROW:
        one = torch.export.export(network, inputs(name, 1))
        torch.export.save(one, folder / f"{name}.one.pt2")
        torch.onnx.export(
            network, inputs(name, 1), str(folder / f"{name}.one.onnx"), input_names=["sequence"],
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    names = ["sequence", "control"][: len(given)]
    for kind in ("legacy", "dynamo"):
        options = {"dynamic_axes": {each: {0: "batch"} for each in names}}
        if kind == "dynamo":
            options = {"dynamic_shapes": dynamic, "external_data": False}
        try:
            torch.onnx.export(
                network, given, str(folder / f"{name}.{kind}.onnx"), input_names=names,
                opset_version=OPSET, dynamo=kind == "dynamo", **options,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001
            print(f"{name}: the {kind} exporter fails: {str(error)[:300]}")  # noqa: T201


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for each in sys.argv[2:] or NETWORKS:
        write(each, Path(sys.argv[1]))
