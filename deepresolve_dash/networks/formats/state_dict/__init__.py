"""Weights without a network: a state dict of PyTorch, and a file that says how it is wired.

model         the whole
tensors       the arrays of a .safetensors, .pt, .pth or .ckpt file
modules       arrays that belong together, and what kind of layer they can only be
architecture  the wiring, told in TOML; examples/ has those of well-known networks
layers        what each kind of layer in it does, as nodes of the graph
stack         the wiring of a plain network, guessed from the shapes; without torch
"""
