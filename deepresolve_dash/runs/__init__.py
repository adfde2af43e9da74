"""A run: spec, ensemble, summary and the folder that holds them."""
