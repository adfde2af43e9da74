"""Models that take sequences of any length: the user says which is meant; without torch."""

from collections.abc import Sequence

from deepresolve_dash.errors import ModelFileError

_WAY = "Say the length with --length BP, the one that it was trained with or is used at."


class LengthNeeded(ModelFileError):
    """A model leaves the length of its sequences open, and none was given, or none it takes."""


def length_needed(shape: Sequence[int | None], example: int | None = None) -> LengthNeeded:
    """Return the refusal of a model whose input has a shape with open sizes.

    Parameters
    ----------
    shape : list of int or None
        Without the batch.
    example : int, optional
        Length of the sequences that the model was saved with, bp.
    """
    sizes = " x ".join("?" if size is None else str(size) for size in shape)
    saved = "" if example is None else f"; it was saved with an example of {example:,} bp"
    return LengthNeeded(
        f"The model leaves the length of its sequences open: its input is {sizes}{saved}.", _WAY
    )


def length_outside(length: int, least: int, most: int | None, step: int) -> LengthNeeded:
    """Return the refusal of a length that a model does not take.

    Parameters
    ----------
    length, least : int
        What was given, and the shortest, bp.
    most : int or None
        The longest, bp; None for no limit.
    step : int
        From one length that it takes to the next, bp.
    """
    taken = f"{least:,} bp or longer" if most is None else f"{least:,} to {most:,} bp"
    steps = f" in steps of {step}" if step > 1 else ""
    return LengthNeeded(f"The model takes sequences of {taken}{steps}, not of {length:,} bp.", _WAY)
