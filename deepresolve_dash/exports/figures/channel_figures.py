"""The figures of the page of one channel."""

from deepresolve_dash.exports.figures import (
    faces_figure,
    kin_figure,
    motifs_figure,
    speaks_figure,
    where_figure,
)

PANELS = (
    *faces_figure.PANELS,
    *motifs_figure.PANELS,
    *where_figure.PANELS,
    *speaks_figure.PANELS,
    *kin_figure.PANELS,
)
