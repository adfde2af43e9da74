"""Programs of torch.export (.pt2), read as a zip of JSON and raw bytes.

`torch.export.load` is never called: it unpickles parts of a file, and evaluates text.

archive      the zip: its graph and its arrays
model        the whole: inputs, nodes in turn, outputs
arguments    arguments of a node as the JSON tells them
table        what each operation is in our graph
shapes, numbers, layers, norms, sequences  by kind
"""
