"""One channel: what it sees, like which known motif, where, and what it says of the classes."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.motifs.channel_names import LARGEST_Q, channel_names
from deepresolve_dash.motifs.faces import (
    ACTIVATION,
    ASCENT,
    FILTER,
    RELATIONS,
    Face,
    face,
    face_names,
    fragments,
    positions,
    sites,
)
from deepresolve_dash.motifs.families import family_ofiv
from deepresolve_dash.motifs.filters import filter_information, filter_pwm
from deepresolve_dash.motifs.laid import shown_facets
from deepresolve_dash.motifs.matrices import trimmed
from deepresolve_dash.motifs.names import named, null_line, queries_of
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class, regime_for

PILE = 40  # fragments shown below each other
_LETTERS = np.array(list("ACGTN"))


def place_of(run: Run, channel: int) -> int:
    """Return the place of a channel in the run.

    Raises
    ------
    RunNotFound
        When the run has none of this number.
    """
    found = np.flatnonzero(run.summary.channel.values == channel)
    if not len(found):
        raise RunNotFound(f"This run has no channel {channel}.", "The table lists those there are.")
    return int(found[0])


def data(
    run: Run,
    selection: Selection,
    channel: int,
    faces: xr.Dataset | None,
    matches: xr.Dataset | None,
) -> dict:
    """Show all pictures of one channel, the known motifs they resemble, and its numbers.

    Each picture answers another question and they may differ; one that is made of few fragments, or
    of fragments that overlap, looks clearer than what it is made of.

    Returns
    -------
    dict
        `logos`: one for each face and facet; `activation`, `relatives`: None before a look.
    """
    place = place_of(run, channel)
    modes = of_class(run.summary, selection, MODES)
    called = channel_names(matches)
    told = {
        "channel": channel,
        "called": called.get(channel),
        "layer": run.info["spec"].get("layer", ""),
        "q": LARGEST_Q,
        "kind": int(modes.kind.values[place]),
        "level": float(modes.inconsistency.values[place]),
        "logos": logos(run, channel, faces, matches),
        "filter": _filter(run, place),
        "database": "" if matches is None else str(matches.attrs["database"]),
        "n_targets": 0 if matches is None else int(matches.attrs["n_targets"]),
        "null": None if matches is None else null_line(matches),
        "activation": None,
        "relatives": None,
        **classes(run.summary, selection, channel),
    }
    if faces is not None:
        told["activation"] = activation(faces, channel, None)
        told["relatives"] = relatives(run, selection, channel, faces, called)
        told["field"] = int(faces.attrs["receptive_field_bp"])  # before pooling
        told["pooled"] = run.info.get("network", {}).get("receptive_field_bp")
        told["localised"] = bool(faces.attrs["localised"])
        told["dead"] = bool(faces["dead"].values[channel])
    return told


def logos(
    run: Run, channel: int, faces: xr.Dataset | None, matches: xr.Dataset | None
) -> list[dict]:
    """Return all pictures of a channel with their best matches."""
    if faces is None:
        if not run.offsets:
            return []
        kernel = run.ensemble["filter"].values[place_of(run, channel)]
        return [_logo(Face(channel, FILTER, 0, filter_pwm(kernel), 0, 1.0), matches)]
    facets = shown_facets(faces["facet"].values[channel])
    found = []
    for name in face_names(faces):
        several = name == ASCENT or (name == ACTIVATION and len(facets) > 1)
        ones = [face(faces, channel, name, facet=one) for one in facets] if several else []
        if name == ACTIVATION or not several:
            found.append({**_logo(face(faces, channel, name), matches), "whole": True})
        found += [{**_logo(one, matches), "whole": False} for one in ones]
    return found


def activation(faces: xr.Dataset, channel: int, percent: float | None) -> dict:
    """Show where along the sequences the channel fires, and the fragments that fire it most.

    A channel that fires at one place of all sequences may follow how they were chosen and not a
    motif; the fragments are the strongest ones, not a fair sample.

    Parameters
    ----------
    percent : float, optional
        Threshold as a share of the largest activation; the usual one without it.

    Returns
    -------
    dict
        `matrix` of the fragments above the threshold, their number, `counts` and `edges` (bp) of
        their places, and the strongest `pile` as text.
    """
    largest = float(faces["activation_max"].values[channel])
    usual = float(faces["threshold"].values[channel])
    threshold = usual if percent is None else largest * percent / 100
    one = face(faces, channel, ACTIVATION, threshold=threshold)
    chosen = sites(faces, channel, threshold=threshold)
    counts, edges = positions(faces, channel, threshold=threshold)
    top = chosen[:PILE]
    spelled = fragments(faces, channel, top)
    values = faces["site_activation"].values[channel]
    known = values[np.isfinite(values)]
    return {
        "threshold": threshold,
        "largest": largest,
        "mean": float(faces["activation_mean"].values[channel]),
        "background": float(faces["background_max"].values[channel]),
        "percent": 100 * threshold / largest if largest > 0 else None,
        "least": 100 * float(known.min()) / largest if largest > 0 and len(known) else None,
        "kept": int((faces["site_sequence"].values[channel] >= 0).sum()),
        "n_sites": one.n_sites,
        "n_sequences": int(len(np.unique(faces["site_sequence"].values[channel][chosen]))),
        "of_sequences": int(faces.sizes["sequence"]),
        "matrix": one.matrix.round(5),
        "counts": counts,
        "edges": edges,
        "pile": [
            _fragment(faces, channel, int(i), "".join(_LETTERS[row]))
            for i, row in zip(top, spelled, strict=True)
        ],
    }


def classes(summary: xr.Dataset, selection: Selection, channel: int) -> dict:
    """Show which classes the channel speaks for, and which against, by its OFIV in each.

    It compares one channel over classes; a class in which all channels have small OFIV, such as a
    rare one, is not thereby less well explained.
    """
    regime = regime_for(summary, selection, IMPORTANCE)
    ofiv = summary.ofiv.sel(regime=regime, channel=channel).values
    rows = summary.ofiv.sel(regime=regime).values
    mine = rows[:, summary.channel.values.tolist().index(channel)]
    ranks = 1 + (rows > mine[:, None]).sum(axis=1)
    return {"ofiv": ofiv, "ranks": ranks, "regime": regime}


def relatives(
    run: Run, selection: Selection, channel: int, faces: xr.Dataset, called: dict[int, str]
) -> dict:
    """Show the channels that see the same motif, and what they weigh together.

    Importance may be shared out over twins, so that none of them ranks high alone; a relation says
    that pictures are alike, not that the network uses them alike.
    """
    channels = run.summary.channel.values
    families = faces["family"].values
    ofiv = of_class(run.summary, selection, IMPORTANCE).ofiv.values
    together = family_ofiv(ofiv, families[channels])
    members = [int(k) for k in channels if families[k] == families[channel]]
    name = face_names(faces)[0]
    return {
        "ofiv": float(together[place_of(run, channel)]),
        "face": name,
        "members": [
            {
                "channel": k,
                "called": called.get(k),
                "relation": RELATIONS[int(faces["family_relation"].values[k])],
                "shift": int(faces["family_shift"].values[k]),
                "strand": int(faces["family_strand"].values[k]),
                "ofiv": float(ofiv[place_of(run, k)]),
                "matrix": face(faces, k, name).matrix.round(5),
            }
            for k in members
        ],
    }


def _filter(run: Run, place: int) -> dict | None:
    """Return the weights of a filter and the information in what it likes and avoids."""
    if not run.offsets:
        return None
    kernel = run.ensemble["filter"].values[place].astype(np.float64)
    likes, avoids = filter_information(kernel)
    avoided = filter_pwm(-kernel).round(5)
    return {"weights": kernel, "avoided": avoided, "likes": likes, "avoids": avoids}


def _logo(one: Face, matches: xr.Dataset | None) -> dict:
    start, stop = (0, len(one.matrix)) if one.name == FILTER else trimmed(one.matrix)
    told = {
        "face": one.name,
        "facet": one.facet,
        "share": one.share,
        "n": one.n_sites,
        "matrix": one.matrix.round(5),
        "uniform": one.uniform,
        "core": [start, stop],
        "matches": None,
    }
    if matches is None:
        return told
    queries = queries_of(matches, one.channel, name=one.name, facet=one.facet)
    if len(queries):
        query = int(queries[0])
        told["matches"] = [_match(hit) for hit in named(matches, query)]
        told["control"] = float(matches["control_p"].values[query])
    return told


def _match(hit) -> dict:
    told = hit._asdict()
    return {**told, "pwm": hit.pwm.round(5), "matrix": hit.matrix.round(5)}


def _fragment(faces: xr.Dataset, channel: int, site: int, letters: str) -> dict:
    row = {
        name: faces[f"site_{name}"].values[channel, site]
        for name in ("sequence", "start", "strand", "facet", "activation")
    }
    sequence = int(row["sequence"])
    return {
        "letters": letters,
        "name": str(faces["sequence_name"].values[sequence]),
        "start": int(row["start"]) + int(faces["sequence_start"].values[sequence]),
        "strand": int(row["strand"]),
        "facet": int(row["facet"]),
        "value": float(row["activation"]),
    }


def matrix_of(
    run: Run,
    channel: int,
    faces: xr.Dataset | None,
    name: str,
    facet: int | None,
    percent: float | None,
) -> NDArray[np.float64]:
    """Return the matrix of one picture, of one facet, at a threshold for all but the filter.

    Raises
    ------
    DeepResolveError
        When there is no such picture.
    """
    place = place_of(run, channel)
    if faces is None:
        if name != FILTER or not run.offsets:
            raise RunNotFound(f"There is no picture '{name}' of this channel.", "Look at it first.")
        return filter_pwm(run.ensemble["filter"].values[place])
    if name == ACTIVATION and percent is not None:
        threshold = float(faces["activation_max"].values[channel]) * percent / 100
        return face(faces, channel, name, threshold=threshold).matrix
    floor = percent / 100 if name == ASCENT and percent is not None else None
    return face(faces, channel, name, facet=facet, threshold=floor).matrix
