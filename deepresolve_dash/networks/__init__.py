"""A network as data: read it, cut it, run it, describe it."""
