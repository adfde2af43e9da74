"""Lines of Python that a user runs where the network was made, to get a file that is read here."""

SNIPPET = """\
import numpy, torch

model = ...  # your network with its weights, in the environment that it was made in
x = torch.eye(4)[torch.randint(4, (2, 1000))].transpose(1, 2).contiguous()  # (2, 4, your length)

model = model.eval().cpu()
with torch.no_grad():
    numpy.savez("model.npz", input=x.numpy(), output=model(x).numpy())
try:
    assert torch.__version__ >= (2, 9), "older versions pickle what they export"
    rows = ({0: torch.export.Dim("rows", min=1, max=65536)},)
    torch.export.save(torch.export.export(model, (x,), dynamic_shapes=rows), "model.pt2")
except Exception as reason:
    print("Writing ONNX instead of .pt2:", reason)
    torch.onnx.export(model, (x,), "model.onnx", input_names=["sequence"], opset_version=17,
                      dynamic_axes={"sequence": {0: "rows"}}, dynamo=False)
"""
"""Writes `model.pt2`, or `model.onnx` where that fails, and an example beside it, `model.npz`."""
