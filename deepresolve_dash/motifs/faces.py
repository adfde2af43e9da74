"""What a channel sees, as data: the contract between the computation and whoever shows it.

A *face* is a picture of a channel as a motif. There are three: `filter` (first layers only),
`activation` (the fragments of sequences that turn it on) and `ascent` (the receptive-field ascent,
which may have several *facets*). The raw material of all three is one dataset, `faces.nc`; every
matrix is derived from it here with numpy, at any threshold, so that a slider needs no torch.

Coordinates of the dataset: `channel`, `base` (A C G T), `offset` (bp of the frame that fragments
are cut with: the receptive field before pooling, or a piece of it where that is wide),
`filter_offset`, `site` (fragments, strongest first), `start` (starts of the ascent), `sequence`,
`place` (bp of a sequence), `level` (shares of the maximum), `target` (classes, with labels).

=====================  ==========================  =================================================
variable               dimensions                  meaning
=====================  ==========================  =================================================
letters                sequence place              0 to 3 for A C G T, 4 for N
sequence_name          sequence                    identifier in the FASTA file
sequence_length        sequence                    bp there
sequence_start         sequence                    base of it at place 0; negative when padded
filter                 channel filter_offset base  kernel in reading direction; first layers only
site_sequence          channel site                sequence of a fragment; -1 when there are fewer
site_start             channel site                first base of its frame; may be negative
site_strand            channel site                1, or -1 when the frame is read backwards
site_facet             channel site                facet that it is most like
site_activation        channel site                value of the channel there; NaN when none
threshold              channel                     default of the activation face
activation_max, _mean  channel                     of the maxima over the sequences
background_max, _mean  channel                     the same over their dinucleotide shuffles
n_above                channel level               sequences whose maximum reaches level x maximum
ascent                 channel start offset base   deviation from 0.25; NaN when there is no start
ascent_activation      channel start               value of the channel at the end
ascent_site            channel start               the fragment it began with; -1 for none
facet                  channel start               cluster, 0 the largest; -1 for none
facet_motif            channel start               facets of one motif on either strand share it
facet_shift, _strand   channel start               how it lies on the first start of its facet
dead                   channel                     never active, or the same everywhere
family                 channel                     number of its family, by its smallest channel
family_relation        channel                     place in `RELATIONS`, to the family's head
family_shift, _strand  channel                     how it lies on the head
positive_activation    target channel              mean maximum over the positives of a class
negative_activation    target channel              the same over the negatives
n_positive             target                      positives of a class
=====================  ==========================  =================================================

Attributes: `question` (JSON), `receptive_field_bp`, `_stride_bp`, `_offset_bp`, `localised` (1 when
the frame is a piece of a wide receptive field), `source` (`sequences` or `random`), `code_version`.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.motifs.filters import filter_pwm, information_bits
from deepresolve_dash.motifs.laid import shown_facets
from deepresolve_dash.motifs.matrices import (
    ASCENT_THRESHOLD,
    UNKNOWN,
    facet_matrix,
    frequencies,
)

FILTER, ACTIVATION, ASCENT = "filter", "activation", "ascent"
FACES = FILTER, ACTIVATION, ASCENT
RELATIONS = "head", "same motif", "shifted", "reverse complement", "half"
_FEWEST = 3  # fragments of a further facet
UNIFORM_BITS = 0.05  # of the best position, below which a logo says nothing


class Face(NamedTuple):
    """One picture of a channel.

    Attributes
    ----------
    channel : int
    name : str
        `filter`, `activation` or `ascent`.
    facet : int
        0 but for channels with several facets.
    matrix : float64 array (offset, base), rows sum to 1
    n_sites : int
        Fragments or starts that it is made of; 0 for a filter.
    share : float
        Of the starts or fragments of the channel; 1 for a filter.
    """

    channel: int
    name: str
    facet: int
    matrix: NDArray[np.float64]
    n_sites: int
    share: float

    @property
    def uniform(self) -> bool:
        """Whether the logo says nothing."""
        return bool(information_bits(self.matrix).max(initial=0) < UNIFORM_BITS)


def main_face(faces: xr.Dataset) -> str:
    """Return the face that stands for a channel.

    *Source:* the paper: the filter in a first layer, the ascent in a deeper one.
    """
    return FILTER if "filter" in faces else ASCENT


def face_names(faces: xr.Dataset) -> tuple[str, ...]:
    """Return the faces that channels of this layer have."""
    return tuple(name for name in FACES if name != FILTER or "filter" in faces)


def face(
    faces: xr.Dataset,
    channel: int,
    name: str,
    *,
    facet: int | None = None,
    threshold: float | None = None,
) -> Face:
    """Return one picture of a channel.

    *Source:* for `activation`, Basset: the frequencies of the bases in all fragments above the
    threshold. *Choice:* a facet of it is made of the fragments that are most like that facet of
    the ascent.

    Parameters
    ----------
    faces : xarray.Dataset
        As this module describes it.
    channel : int
    name : {"filter", "activation", "ascent"}
    facet : int, optional
        Without it all fragments for `activation`, and the largest facet for `ascent`.
    threshold : float, optional
        For `activation`, a value of the channel; for `ascent`, a share of the largest value.

    Raises
    ------
    SettingsError
        When there is no such channel or face.
    """
    if not 0 <= channel < faces.sizes["channel"]:
        raise SettingsError(
            f"There is no channel {channel}.", f"Channels are 0 to {faces.sizes['channel'] - 1}."
        )
    if name not in face_names(faces):
        raise SettingsError(
            f"Channels of this layer have no face '{name}'.",
            f"They have {', '.join(face_names(faces))}.",
        )
    if name == FILTER:
        return Face(channel, name, 0, filter_pwm(faces["filter"].values[channel]), 0, 1.0)
    if name == ACTIVATION:
        return _activation(faces, channel, facet, threshold)
    limit = ASCENT_THRESHOLD if threshold is None else threshold
    return _ascent(faces, channel, facet or 0, limit)


def n_facets(faces: xr.Dataset, channel: int) -> int:
    """Return how many facets the ascent of a channel has; 0 when it never started."""
    return int(faces["facet"].values[channel].max(initial=-1)) + 1


def all_faces(
    faces: xr.Dataset, *, names: tuple[str, ...] | None = None, dead: bool = False
) -> list[Face]:
    """Return the faces that are matched and written, channel by channel.

    *Choice:* dead channels, uniform logos, facets of less than a tenth of the starts and further
    facets of fewer than three fragments are left out: they match things by chance. The activation
    face of a channel with several facets is one for each; of one with a single facet it is made of
    all fragments.

    Parameters
    ----------
    faces : xarray.Dataset
    names : tuple of str, optional
        Faces wanted; all without it.
    dead : bool
        Keep dead channels and uniform logos.
    """
    found: list[Face] = []
    for channel in range(faces.sizes["channel"]):
        if faces["dead"].values[channel] and not dead:
            continue
        shown = shown_facets(faces["facet"].values[channel])
        for name in names or face_names(faces):
            several = name == ASCENT or (name == ACTIVATION and len(shown) > 1)
            ones = [face(faces, channel, name, facet=f) for f in shown] if several else []
            ones = ones or [face(faces, channel, name)]
            found += ones if dead else [one for one in ones if not one.uniform and _told(one)]
    return found


def sites(
    faces: xr.Dataset, channel: int, *, threshold: float | None = None, facet: int | None = None
) -> NDArray[np.int64]:
    """Return the fragments (places on the axis `site`) whose activation reaches a threshold.

    *Source:* Basset's way. *Choice:* the default threshold is half of the maximum over the
    sequences where that is positive, else the 99th percentile of their maxima. Only the strongest
    1,000 fragments are kept: a logo at a lower threshold is made of those. With a facet, those of
    that facet alone.
    """
    limit = float(faces["threshold"].values[channel]) if threshold is None else threshold
    values = faces["site_activation"].values[channel]
    kept = (faces["site_sequence"].values[channel] >= 0) & (values >= limit)
    if facet is not None:
        kept &= faces["site_facet"].values[channel] == facet
    return np.flatnonzero(kept)


def fragments(faces: xr.Dataset, channel: int, chosen: NDArray) -> NDArray[np.uint8]:
    """Return the letters of fragments as they lie in the frame.

    Returns
    -------
    uint8 array (fragment, offset)
        0 to 3 for A C G T; 4 for N and beyond the ends of the sequence.
    """
    letters, width = faces["letters"].values, faces.sizes["offset"]
    rows = faces["site_sequence"].values[channel][chosen].astype(np.int64)
    begin = faces["site_start"].values[channel][chosen].astype(np.int64)
    strand = faces["site_strand"].values[channel][chosen]
    places = begin[:, None] + np.arange(width)
    inside = (places >= 0) & (places < letters.shape[1])
    found = letters[rows[:, None], np.clip(places, 0, letters.shape[1] - 1)]
    found = np.where(inside, found, UNKNOWN).astype(np.uint8)
    turned = np.where(found < UNKNOWN, 3 - found, UNKNOWN)[:, ::-1]
    return np.where((strand < 0)[:, None], turned, found).astype(np.uint8)


def positions(
    faces: xr.Dataset, channel: int, *, threshold: float | None = None, n_bins: int = 20
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count where along the sequences the middle of a channel's fragments lies.

    Returns
    -------
    counts : int array (bin,)
    edges : float array (bin + 1,), bp
    """
    begin = faces["site_start"].values[channel][sites(faces, channel, threshold=threshold)]
    middle = begin.astype(np.float64) + faces.sizes["offset"] / 2
    return np.histogram(middle, bins=n_bins, range=(0, faces.sizes["place"]))


def _activation(
    faces: xr.Dataset, channel: int, facet: int | None, threshold: float | None
) -> Face:
    n = len(sites(faces, channel, threshold=threshold))
    chosen = sites(faces, channel, threshold=threshold, facet=facet)
    matrix = frequencies(fragments(faces, channel, chosen))
    share = len(chosen) / n if n else 0.0
    return Face(channel, ACTIVATION, facet or 0, matrix, len(chosen), share)


def _ascent(faces: xr.Dataset, channel: int, facet: int, threshold: float) -> Face:
    deviation, clusters, shift, strand = (
        faces[name].values[channel] for name in ("ascent", "facet", "facet_shift", "facet_strand")
    )
    n = int((clusters == facet).sum())
    matrix = facet_matrix(deviation, clusters, shift, strand, facet, threshold=threshold)
    share = n / int((clusters >= 0).sum()) if n else 0.0
    return Face(channel, ASCENT, facet, matrix, n, share)


def _told(one: Face) -> bool:
    """Tell whether a face is made of enough to be matched."""
    return one.name != ACTIVATION or one.facet == 0 or one.n_sites >= _FEWEST
