"""Where the sequences of a batch are in a file that was saved for a fixed number of them.

Sizes alone can leave it open: (16, 8) after 16 positions of 1 sequence with 8 features may have the
sequences among the positions or among the features. Every meaning is tried in turn until the file
makes sense; that the sequences do not change each other is checked afterwards, on several.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from deepresolve_dash.errors import ModelFileError

_MOST_TRIES = 30
_Meaning = TypeVar("_Meaning")
_Found = TypeVar("_Found")


class Guesses:
    """Meanings taken for the reshapes of a file; the same reshape always has the same."""

    def __init__(self) -> None:
        self._taken: dict[Hashable, list[int]] = {}  # reshape -> place of its meaning, their number

    def meaning(self, reshape: Hashable, meanings: Sequence[_Meaning]) -> _Meaning:
        """Return what a reshape is taken to mean; the first of its meanings comes first."""
        place, _ = self._taken.setdefault(reshape, [0, len(meanings)])
        return meanings[place]

    def go_on(self) -> bool:
        """Take the next meaning of the latest reshape that has one left; False when none has."""
        while self._taken:
            reshape, (place, n) = self._taken.popitem()
            if place + 1 < n:
                self._taken[reshape] = [place + 1, n]
                return True
        return False


def first_that_fits(read: Callable[[Guesses], _Found]) -> _Found:
    """Return what is read with the first guesses that make sense.

    Raises
    ------
    ModelFileError
        What was wrong with the first guesses, when no others are better.
    """
    guesses = Guesses()
    first = None
    for _ in range(_MOST_TRIES):
        try:
            return read(guesses)
        except ModelFileError as error:
            first = first or error
        if not guesses.go_on():
            break
    assert first is not None
    raise first
