"""How channels are looked at; without torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MotifSettings:
    """How channels are looked at.

    Attributes
    ----------
    n_sites : int
        Fragments kept per channel.
    n_top : int
        Starts of the ascent: the strongest fragments. The paper's ten.
    n_spread : int
        Further starts, spread evenly over the fragments above the threshold. *Choice:* the
        strongest fragments alone may all be of one facet.
    n_steps : int
        Of the ascent.
    n_sequences : int
        Sequences looked at, at most; a random choice of a larger set.
    n_background : int
        Shuffled ones, at most.
    seed : int
    """

    n_sites: int = 1000
    n_top: int = 10
    n_spread: int = 10
    n_steps: int = 40
    n_sequences: int = 5000
    n_background: int = 1000
    seed: int = 0
