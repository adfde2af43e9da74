"""What channels see as tables: matches, instances, one line per channel; any file by its format."""

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash import __version__
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.motif_files import (
    Entry,
    entries,
    entry_id,
    homer_text,
    jaspar_text,
    meme_text,
    transfac_text,
    word,
)
from deepresolve_dash.motifs.faces import (
    ACTIVATION,
    RELATIONS,
    all_faces,
    face,
    main_face,
    n_facets,
    sites,
)
from deepresolve_dash.motifs.filters import BASES, consensus, information_bits
from deepresolve_dash.motifs.matrices import trimmed
from deepresolve_dash.motifs.names import Named, best_name, named

_LISTED_Q = 0.5  # MEME's own limit of what is listed


def tomtom_text(
    matches: xr.Dataset,
    *,
    layer: str,
    names: tuple[str, ...],
    largest_q: float = _LISTED_Q,
) -> str:
    """Return matches in the columns of Tomtom's TSV, the best ten of a motif up to a q-value."""
    lines = ["\t".join(_TOMTOM)]
    for query in range(matches.sizes["query"]):
        if str(matches["face"].values[query]) not in names:
            continue
        channel, facet = (int(matches[name].values[query]) for name in ("channel", "facet"))
        title = entry_id(layer, channel, str(matches["face"].values[query]), facet)
        for hit in named(matches, query):
            if hit.q_value <= largest_q:
                lines.append("\t".join(map(str, _tomtom_row(title, hit))))
    told = matches.attrs
    lines += [
        "",
        f"# Tomtom by memelite, DeepResolve Dash {__version__}. The best ten targets of a query "
        f"with q <= {largest_q:g}.",
        f"# Targets: {told['n_targets']} of {told['database']}. Distance: {told['distance']}. "
        f"Background: {told['background']}. Both strands.",
        "# E-value: p-value x targets. q-value: Benjamini and Hochberg over the targets of a "
        "query.",
    ]
    return "\n".join(lines) + "\n"


def bed_text(faces: xr.Dataset, *, layer: str) -> str:
    """Return the fragments above the threshold as BED, in bases of the sequences as given.

    The score is 1,000 x activation / the channel's largest; the ends are those of the informative
    part of the activation logo.

    Raises
    ------
    SettingsError
        When the sequences were random ones.
    """
    if faces.attrs["source"] != "sequences":
        raise SettingsError(
            "There are no instances without sequences: these channels were seen on random ones.",
            "Name a FASTA file with --sequences.",
        )
    lines = []
    names = faces["sequence_name"].values
    first_base, length = faces["sequence_start"].values, faces["sequence_length"].values
    for one in all_faces(faces, names=(ACTIVATION,)):
        title = entry_id(layer, one.channel, ACTIVATION, one.facet)
        facet = None if one.share == 1 else one.facet
        chosen = sites(faces, one.channel, facet=facet)
        sequence, start, strand, value = (
            faces[name].values[one.channel][chosen]
            for name in ("site_sequence", "site_start", "site_strand", "site_activation")
        )
        first, last = trimmed(one.matrix)
        ahead = np.where(strand < 0, len(one.matrix) - last, first)
        begin = start + ahead + first_base[sequence]
        stop = np.minimum(begin + last - first, length[sequence])
        begin = np.maximum(begin, 0)
        highest = float(faces["activation_max"].values[one.channel])
        share = value / highest if highest > 0 else np.ones(len(value))
        score = np.clip(np.round(1000 * share), 0, 1000).astype(int)
        lines += [
            f"{names[sequence[i]]}\t{begin[i]}\t{stop[i]}\t{title}\t{score[i]}"
            f"\t{'-' if strand[i] < 0 else '+'}"
            for i in np.flatnonzero(begin < stop)
        ]
    return "".join(f"{line}\n" for line in lines)


def table_text(faces: xr.Dataset, matches: xr.Dataset) -> str:
    """Return one line per channel: faces, best match, activation, family, flags."""
    main = main_face(faces)
    lines = ["\t".join(_COLUMNS)]
    for channel in range(faces.sizes["channel"]):
        one = face(faces, channel, main)
        best = best_name(matches, channel, name=main)
        told = (
            [
                word(best.id),
                word(best.name),
                f"{best.p_value:.3g}",
                f"{best.e_value:.3g}",
                f"{best.q_value:.3g}",
            ]
            if best
            else [""] * 5
        )
        values = [
            channel,
            main,
            consensus(one.matrix),
            f"{information_bits(one.matrix).sum():.3f}",
            *told,
            *(f"{float(faces[name].values[channel]):.6g}" for name in _ACTIVE),
            face(faces, channel, ACTIVATION).n_sites,
            n_facets(faces, channel),
            int(faces["family"].values[channel]),
            RELATIONS[int(faces["family_relation"].values[channel])],
            int(faces["dead"].values[channel]),
            int(one.uniform),
        ]
        lines.append("\t".join(map(str, values)))
    return "\n".join(lines) + "\n"


_TOMTOM = (
    *("Query_ID", "Target_ID", "Optimal_offset", "p-value", "E-value", "q-value", "Overlap"),
    *("Query_consensus", "Target_consensus", "Orientation"),
)
_ACTIVE = ("activation_max", "activation_mean", "background_max", "background_mean")
_COLUMNS = (
    *("channel", "face", "consensus", "information_bits", "motif_id", "motif_name"),
    *("p_value", "e_value", "q_value", *_ACTIVE, "n_sites", "n_facets"),
    *("family", "relation", "dead", "uniform"),
)

MOTIF_FORMATS: dict[str, Callable[[Sequence[Entry]], str]] = {
    "meme": meme_text,
    "jaspar": jaspar_text,
    "transfac": transfac_text,
    "homer": homer_text,
}
FORMATS = (*MOTIF_FORMATS, "tomtom", "tsv", "bed")


def file_text(
    faces: xr.Dataset,
    matches: xr.Dataset,
    file_format: str,
    *,
    layer: str,
    names: tuple[str, ...] | None = None,
    dead: bool = False,
) -> str:
    """Return a file of any of `FORMATS`.

    Raises
    ------
    SettingsError
        When there is no such format, or no instances.
    """
    if file_format in MOTIF_FORMATS:
        found = entries(faces, matches, layer=layer, names=names, dead=dead)
        return MOTIF_FORMATS[file_format](found)
    if file_format == "tomtom":
        return tomtom_text(matches, layer=layer, names=names or (main_face(faces),))
    if file_format == "bed":
        return bed_text(faces, layer=layer)
    if file_format == "tsv":
        return table_text(faces, matches)
    raise SettingsError(f"There is no format '{file_format}'.", f"Choose {', '.join(FORMATS)}.")


def _tomtom_row(query: str, hit: Named) -> tuple:
    return (
        query,
        word(hit.id),
        hit.offset,
        f"{hit.p_value:.6g}",
        f"{hit.e_value:.6g}",
        f"{hit.q_value:.6g}",
        hit.overlap,
        _spelled(hit.matrix),
        _spelled(hit.pwm if hit.strand == "+" else hit.pwm[::-1, ::-1]),
        hit.strand,
    )


def _spelled(matrix: NDArray) -> str:
    return "".join(BASES[base] for base in matrix.argmax(axis=1))
