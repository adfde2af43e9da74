"""The receptive-field ascents of a channel with more or less of what is weak in them left out."""

import xarray as xr

from deepresolve_dash.motifs.faces import ASCENT, face
from deepresolve_dash.motifs.laid import shown_facets
from deepresolve_dash.motifs.matrices import ASCENT_THRESHOLD

USUAL = 100 * ASCENT_THRESHOLD  # percent


def ascents(faces: xr.Dataset, channel: int, percent: float) -> dict:
    """Return the ascent logos of a channel, one for each facet.

    What is below a share of the largest value of an ascent is 0 before positions are divided by
    their sums: without it the weakest positions would look as sure as the strongest. The names of
    known motifs are those at a quarter, whatever is shown.

    Parameters
    ----------
    percent : float
        Of the largest value, from 0 to 100.

    Returns
    -------
    dict
        `percent`, and `logos` with `facet` and `matrix` (offset, base).
    """
    shown = shown_facets(faces["facet"].values[channel])
    ones = [face(faces, channel, ASCENT, facet=one, threshold=percent / 100) for one in shown]
    return {
        "percent": percent,
        "logos": [{"facet": one.facet, "matrix": one.matrix.round(5)} for one in ones],
    }
