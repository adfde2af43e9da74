"""Gradient ascent on feature maps, batched over (class, trial) rows."""
