"""ONNX models, parsed and read as data; nothing runs them.

file         bytes to a parsed model, and its arrays
model        the whole: inputs, nodes in turn, outputs
node         attributes and inputs of one node
table        what each operation is in our graph
shapes, numbers, layers, recurrent  by kind
"""
