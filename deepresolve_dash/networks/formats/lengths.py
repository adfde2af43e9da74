"""Models that take sequences of any length: the user says which is meant; without torch."""

from collections.abc import Sequence

from deepresolve_dash.errors import ModelFileError


class LengthNeeded(ModelFileError):
    """A model leaves the length of its sequences open, and none was given."""


def length_needed(shape: Sequence[int | None]) -> LengthNeeded:
    """Return the refusal of a model whose input has a shape with open sizes."""
    sizes = " x ".join("?" if size is None else str(size) for size in shape)
    return LengthNeeded(
        f"The model leaves the length of its sequences open: its input is {sizes}.",
        "Say the length with --length BP, the one that it was trained with or is used at.",
    )
