"""Screens: layouts, callbacks and the routes that feed them; the selection is the address."""
