"""Readers of model files: each turns what it finds into the graph, and runs nothing of it."""
