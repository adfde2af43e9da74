"""Write networks that take sequences of any length, and what they answer at another than saved.

    python tests/networks/zoo/make_any_length.py

Needs torch 2.13, onnx 1.23 and onnxscript 0.7; the tests only read the files.
"""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

FOLDER = Path(__file__).parent / "any_length"
SAVED, USED = 80, 100


class Steps(nn.Module):
    """Lengths in steps of 4, and a control track with a number for each step."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 7, padding=3)
        self.out = nn.Linear(8, 2)

    def forward(self, sequence: Tensor, control: Tensor) -> Tensor:
        best = torch.relu(self.conv(sequence)).amax(-1)
        return self.out(torch.cat([best, control.mean(-1)], 1))


class Plain(nn.Module):
    """A convolution and what it saw best."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 7)
        self.out = nn.Linear(6, 2)

    def forward(self, sequence: Tensor) -> Tensor:
        return self.out(torch.relu(self.conv(sequence)).amax(-1))


def main() -> None:
    """Write all."""
    torch.manual_seed(0)
    rows, length = torch.export.Dim("rows", min=1, max=4096), torch.export.Dim("bp", min=20)
    quarter = torch.export.Dim("quarter", min=6, max=500)
    steps, plain = Steps().eval(), Plain().eval()
    letters = torch.randint(4, (3, USED), generator=torch.Generator().manual_seed(1))
    x = nn.functional.one_hot(letters, 4).transpose(1, 2).float()
    with torch.no_grad():
        answers = {"steps": steps(x, torch.zeros(3, 2, USED // 4)), "plain": plain(x)}
    for name, answer in answers.items():
        np.savez_compressed(FOLDER / f"{name}.npz", input=x.byte(), output0=answer)
    given = torch.zeros(2, 4, SAVED), torch.zeros(2, 2, SAVED // 4)
    shapes = ({0: rows, 2: 4 * quarter}, {0: rows, 2: quarter})
    torch.export.save(
        torch.export.export(steps, given, dynamic_shapes=shapes), FOLDER / "steps.pt2"
    )
    shapes = ({0: rows, 2: length},)
    torch.export.save(
        torch.export.export(plain, given[:1], dynamic_shapes=shapes), FOLDER / "plain.pt2"
    )
    axes = {"sequence": {0: "rows", 2: "bp"}}
    for kind, options in (
        ("legacy", {"dynamic_axes": axes, "dynamo": False}),
        ("dynamo", {"dynamic_shapes": shapes, "external_data": False}),
    ):
        torch.onnx.export(
            plain, given[:1], str(FOLDER / f"plain.{kind}.onnx"), input_names=["sequence"],
            opset_version=18, **options,
        )  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
