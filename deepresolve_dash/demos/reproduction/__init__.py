"""The experiments of the paper once more, as tables to print."""
