"""Which version of the card a program writes, without torch."""

CARD_VERSION = 4
"""Raised when a card tells something new, so that older ones can be told apart.

1 is a card that does not name its version. 2 adds what each layer takes (`from`) and its weights. 3
adds `choices`. 4 counts convolutions in the way that an ascent takes.
"""
