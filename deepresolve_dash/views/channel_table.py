"""All channels of a layer in one table: what each sees and what it says of one class."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.motifs.artefacts import artefacts
from deepresolve_dash.motifs.channel_names import LARGEST_Q, channel_names
from deepresolve_dash.motifs.faces import (
    ACTIVATION,
    FILTER,
    RELATIONS,
    face,
    face_names,
    main_face,
)
from deepresolve_dash.motifs.families import family_ofiv
from deepresolve_dash.motifs.filters import filter_pwm, information_bits
from deepresolve_dash.motifs.names import best_name, corrected_p
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.selection import (
    IMPORTANCE,
    MODES,
    Selection,
    of_class,
    regime_for,
)


def shown_faces(run: Run, faces: xr.Dataset | None) -> tuple[str, ...]:
    """Return the faces that there are; before anything was looked at, at most filters."""
    if faces is not None:
        return face_names(faces)
    return (FILTER,) if run.offsets else ()


def shown_face(there: tuple[str, ...], wanted: str = "") -> str:
    """Return the face that is shown: the wanted one, else the first of activation and filter."""
    return next((name for name in (wanted, ACTIVATION, *there) if name in there), "")


def seen(run: Run, faces: xr.Dataset | None, matches: xr.Dataset | None, wanted: str) -> dict:
    """Return what is the same for all classes: faces, matches, families, flags.

    Parameters
    ----------
    run : Run
    faces, matches : xarray.Dataset or None
        As `motifs.faces` and `motifs.names` describe them.
    wanted : str
        Face that is shown and whose match is told; empty for the usual one.

    Returns
    -------
    dict
        Lists over channels, in the order of the run; what is not known is missing.
    """
    channels, there = run.summary.channel.values, shown_faces(run, faces)
    name = shown_face(there, wanted)
    told = {
        "face": name,
        "faces": list(there),
        "q": LARGEST_Q,
        "database": "" if matches is None else str(matches.attrs["database"]),
        "source": "" if faces is None else str(faces.attrs["source"]),
        "channel": channels,
    }
    if faces is not None:
        told |= _seen(faces, channels)
    if matches is not None:
        told |= _matched(matches, channels, name)
    return told


def data(
    run: Run,
    selection: Selection,
    faces: xr.Dataset | None,
    matches: xr.Dataset | None,
    known: dict,
) -> dict:
    """List all channels of the layer: what each sees, and its numbers for one class.

    A match is a resemblance of two pictures, not a proof of what binds; a channel named after
    nothing may still carry half of a motif, and a motif may be shared out over a family.

    Parameters
    ----------
    run : Run
    selection : Selection
    faces, matches : xarray.Dataset or None
        As `motifs.faces` and `motifs.names` describe them.
    known : dict
        As `seen` returned it.

    Returns
    -------
    dict
        That, and lists over channels of what the class decides.
    """
    summary = run.summary
    channels = summary.channel.values
    ofiv = of_class(summary, selection, IMPORTANCE).ofiv.values
    modes = of_class(summary, selection, MODES)
    told = known | {
        "ofiv": ofiv,
        "rank": _ranks(ofiv),
        "level": modes.inconsistency.values,
        "kind": modes.kind.values.astype(int),
        "regimes": {
            "ofiv": regime_for(summary, selection, IMPORTANCE),
            "modes": regime_for(summary, selection, MODES),
        },
    }
    if faces is not None:
        told["family_ofiv"] = family_ofiv(ofiv, faces["family"].values[channels])
        told["activity"] = activity(faces, matches, channels, selection.target)
        told["artefact"] = artefact_flags(told["activity"], ofiv)
    return told


def logos(run: Run, faces: xr.Dataset | None, name: str) -> NDArray[np.uint8]:
    """Return the logos of all channels, probabilities times 255.

    Returns
    -------
    uint8 array (channel, offset, base)
    """
    if faces is None:
        pwms = [filter_pwm(kernel) for kernel in run.ensemble["filter"].values]
    else:
        pwms = [face(faces, int(k), name).matrix for k in run.summary.channel.values]
    return np.rint(np.stack(pwms) * 255).astype(np.uint8)


def activity(
    faces: xr.Dataset, matches: xr.Dataset | None, channels: NDArray, target: int
) -> dict[str, NDArray[np.float64]] | None:
    """Set activation against motif p: artefacts are important, quiet, and like no known motif.

    Filled points are the quarter of channels that speak most for the class; the darker, the more
    information. A quiet channel may still matter where few positives carry its motif.

    Returns
    -------
    dict or None
        `positive`, `negative`: mean maximum over those of the class; `p`: min(1, E) of the face
        that stands for the channel, NaN where it was not matched. None without labels or names.
    """
    if matches is None or "positive_activation" not in faces:
        return None
    rows = np.flatnonzero(faces["target"].values == target)
    if not len(rows):
        return None
    p = corrected_p(matches, faces.sizes["channel"], name=main_face(faces))
    return {
        "positive": faces["positive_activation"].values[rows[0]][channels],
        "negative": faces["negative_activation"].values[rows[0]][channels],
        "p": p[channels],
    }


def artefact_flags(active: dict[str, NDArray] | None, ofiv: NDArray) -> list[bool] | None:
    """Return which channels look like artefacts; None where that is not known."""
    if active is None or not np.isfinite(ofiv).all():
        return None
    if not np.isfinite(active["positive"]).all():
        return None
    return artefacts(ofiv, active["p"], active["positive"]).tolist()


def _seen(faces: xr.Dataset, channels: NDArray) -> dict:
    """Return what the sequences say of each channel."""
    family, relation = faces["family"].values[channels], faces["family_relation"].values[channels]
    plain = [face(faces, int(k), main_face(faces)) for k in channels]
    size = {one: int((family == one).sum()) for one in set(family.tolist())}
    return {
        "maximum": faces["activation_max"].values[channels],
        "background": faces["background_max"].values[channels],
        "dead": faces["dead"].values[channels].astype(bool).tolist(),
        "uniform": [one.uniform for one in plain],
        "bits": [float(information_bits(one.matrix).sum()) for one in plain],
        "family": family,
        "relation": [RELATIONS[int(one)] for one in relation],
        "members": [size[one] for one in family.tolist()],
    }


def _matched(matches: xr.Dataset, channels: NDArray, name: str) -> dict:
    """Return the best match of the shown face, and what the channel is called everywhere."""
    best = [best_name(matches, int(k), name=name) for k in channels]
    called = channel_names(matches)
    return {
        "match": [None if one is None else [one.name, one.id] for one in best],
        "q_value": [None if one is None else one.q_value for one in best],
        "p_value": [None if one is None else one.p_value for one in best],
        "called": [called.get(int(k)) for k in channels],
    }


def _ranks(ofiv: NDArray) -> list[int]:
    """Return the place of each channel by falling OFIV, from 1; NaN last."""
    ranks = np.empty(len(ofiv), int)
    ranks[np.argsort(-ofiv, kind="stable")] = np.arange(1, len(ofiv) + 1)
    return ranks.tolist()
