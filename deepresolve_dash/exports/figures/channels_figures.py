"""The figures of the table of channels."""

from deepresolve_dash.exports.figures import artefacts_figure, sheet_figure

PANELS = (*sheet_figure.PANELS, *artefacts_figure.PANELS)
