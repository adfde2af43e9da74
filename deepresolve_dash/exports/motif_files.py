"""What channels see as motif files that other programs read."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.motifs.channel_names import LARGEST_Q
from deepresolve_dash.motifs.faces import ACTIVATION, FILTER, all_faces, main_face
from deepresolve_dash.motifs.filters import BASES, consensus
from deepresolve_dash.motifs.matrices import trimmed
from deepresolve_dash.motifs.names import best_name

_MEME_SITES = 20  # what MEME writes where there are no sites
_COUNTS = 1000  # that probabilities are counted in, where there are no sites
_LEAST_P = 0.001  # HOMER takes logarithms


class Entry(NamedTuple):
    """One motif of a file.

    Attributes
    ----------
    id : str
        Layer, channel and face; without blanks.
    name : str
        Like the known motif that matches best, or the consensus.
    matrix : float64 array (offset, base), rows sum to 1
    n_sites : int
        0 where it is not made of fragments.
    """

    id: str
    name: str
    matrix: NDArray[np.float64]
    n_sites: int


def entries(
    faces: xr.Dataset,
    matches: xr.Dataset,
    *,
    layer: str,
    names: tuple[str, ...] | None = None,
    dead: bool = False,
) -> list[Entry]:
    """Return the motifs of a layer as files hold them: the matrices that were matched.

    Parameters
    ----------
    faces, matches : xarray.Dataset
        As `motifs.faces` and `motifs.names` describe them.
    layer : str
    names : tuple of str, optional
        Faces wanted; the main face without it.
    dead : bool
        Keep dead channels and uniform logos.
    """
    found = []
    for one in all_faces(faces, names=names or (main_face(faces),), dead=dead):
        start, stop = (0, len(one.matrix)) if one.name == FILTER else trimmed(one.matrix)
        matrix = one.matrix[start:stop]
        best = best_name(matches, one.channel, name=one.name, facet=one.facet)
        like = best is not None and best.q_value <= LARGEST_Q
        name = f"{word(best.name)}_like" if best is not None and like else consensus(matrix)
        n_sites = one.n_sites if one.name == ACTIVATION else 0
        found.append(
            Entry(entry_id(layer, one.channel, one.name, one.facet), name, matrix, n_sites)
        )
    return found


def entry_id(layer: str, channel: int, name: str, facet: int) -> str:
    """Return the id of a motif: layer, channel, face, and the number of a further facet."""
    further = f"_{facet + 1}" if facet else ""
    return f"{word(layer)}_ch{channel:03d}_{name}{further}"


def word(text: str) -> str:
    """Return a text as one word of letters that every format bears."""
    one = re.sub(r"[^\w.:()+-]+", "_", text, flags=re.ASCII) or "_"
    return f"_{one}" if one[0] in "+-" else one  # else a spreadsheet would compute it


def meme_text(motifs: Sequence[Entry]) -> str:
    """Return motifs in MEME's minimal format; rows sum to 1 after rounding."""
    parts = [
        "MEME version 5\n\nALPHABET= ACGT\n\nstrands: + -\n\n"
        "Background letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n"
    ]
    for one in motifs:
        rows = "".join(
            " " + " ".join(f"{value / 1e6:.6f}" for value in row) + "\n"
            for row in _rounded(one.matrix, 1_000_000)
        )
        parts.append(
            f"\nMOTIF {one.id} {one.name}\nletter-probability matrix: alength= 4 "
            f"w= {len(one.matrix)} nsites= {one.n_sites or _MEME_SITES} E= 0\n{rows}"
        )
    return "".join(parts)


def jaspar_text(motifs: Sequence[Entry]) -> str:
    """Return motifs in JASPAR's format, as counts: of sites, else in thousandths."""
    parts = []
    for one in motifs:
        counts = _counts(one)
        rows = "".join(
            f"{base}  [ {' '.join(f'{n:5d}' for n in counts[:, place])} ]\n"
            for place, base in enumerate(BASES)
        )
        parts.append(f">{one.id}\t{one.name}\n{rows}")
    return "\n".join(parts)


def transfac_text(motifs: Sequence[Entry]) -> str:
    """Return motifs in TRANSFAC's format, as counts: of sites, else in thousandths."""
    parts = []
    for one in motifs:
        rows = "".join(
            f"{place:02d} {' '.join(f'{n:6d}' for n in row)}      {letter}\n"
            for place, (row, letter) in enumerate(
                zip(_counts(one), consensus(one.matrix), strict=True), 1
            )
        )
        parts.append(
            f"AC  {one.id}\nXX\nID  {one.name}\nXX\nP0      A      C      G      T\n{rows}XX\n//\n"
        )
    return "".join(parts)


def homer_text(motifs: Sequence[Entry]) -> str:
    """Return motifs in HOMER's format.

    *Choice:* the detection threshold is 0.7 of the highest log-odds score, natural logarithms
    against 0.25; probabilities are at least 0.001, since HOMER takes logarithms.
    """
    parts = []
    for one in motifs:
        matrix = np.clip(one.matrix, _LEAST_P, None)
        matrix /= matrix.sum(axis=1, keepdims=True)
        threshold = 0.7 * float(np.log(matrix.max(axis=1) / 0.25).sum())
        rows = "".join("\t".join(f"{value:.6f}" for value in row) + "\n" for row in matrix)
        parts.append(f">{consensus(one.matrix)}\t{one.id}\t{threshold:.6f}\n{rows}")
    return "".join(parts)


def _counts(one: Entry) -> NDArray[np.int64]:
    return _rounded(one.matrix, one.n_sites or _COUNTS)


def _rounded(matrix: NDArray, total: int) -> NDArray[np.int64]:
    """Return whole numbers in these proportions, each row adding up to the total."""
    exact = matrix / matrix.sum(axis=1, keepdims=True) * total
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(counts - exact, axis=1, kind="stable")  # largest remainder first
    missing = total - counts.sum(axis=1)
    for row, (places, n) in enumerate(zip(order, missing, strict=True)):
        counts[row, places[:n]] += 1
    return counts
