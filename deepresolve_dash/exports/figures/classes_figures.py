"""The figures of the page of all classes."""

from deepresolve_dash.exports.figures import (
    association_figure,
    cells_figure,
    clusters_figure,
    disagreement_figure,
    matrices_figure,
    ofiv_map_figure,
    pair_figure,
    scatter_figure,
)

PANELS = (
    *matrices_figure.PANELS,
    *scatter_figure.PANELS,
    *pair_figure.PANELS,
    *clusters_figure.PANELS,
    *disagreement_figure.PANELS,
    *association_figure.PANELS,
    *ofiv_map_figure.PANELS,
    *cells_figure.PANELS,
)
