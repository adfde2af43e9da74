"""One sequence: its class scores, what its bases give a class, the channels along it."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.probe.found import Bases, Reading

ACTIVATION, IMPORTANCE = "activation", "importance"
ORDERS = ACTIVATION, IMPORTANCE
N_CHANNELS = 12  # shown at first
N_DIGITS = 5  # significant, of what is drawn


class Along(NamedTuple):
    """How the channels of a reading are called, and what they say of the class.

    Attributes
    ----------
    called : mapping of str -> str
        Channel -> motif.
    ofiv : mapping of int -> float
        Channel -> overall importance for the class; empty without a run.
    """

    called: Mapping[str, str] = {}
    ofiv: Mapping[int, float] = {}


def given(letters: str, said: str) -> dict:
    """Show what the network reads of a pasted sequence: plain letters, or FASTA.

    Other lengths are centred and cropped, or padded with N; lower case is upper case, U is T, and
    any other letter is refused. The link of this page holds the letters as long as they are few.
    """
    return {"letters": letters, "said": said}


def scores(reading: Reading) -> dict:
    """Show the score of every class for this sequence, before and after its sigmoid or softmax.

    Logits of different classes have no common zero, and a sequence unlike those that the network
    was trained on gets a score all the same.
    """
    probabilities = reading.probabilities
    known = bool(np.isfinite(probabilities).all())
    return {
        "logits": rounded(reading.logits),
        "probabilities": rounded(probabilities) if known else None,
    }


def bases(found: Bases) -> dict:
    """Show what each base gives the class: gradients along the way from N, and every mutation.

    Both change one thing at a time: of two motifs that exclude each other, as of two that are
    needed together, they only say that each matters here, so XOR cannot be told from AND.
    """
    return {
        "change": [rounded(column) for column in found.change.T],
        "effect": rounded(found.effect),
        "gradient": rounded(found.gradient),
        "score": found.score,
        "start": found.start,
        "missing": found.missing,
    }


def channels(
    reading: Reading,
    other: Reading | None = None,
    *,
    order: str = ACTIVATION,
    along: Along = Along(),  # noqa: B008 - it cannot be changed
    n: int = N_CHANNELS,
) -> dict:
    """Show where along the sequence the strongest channels are active, before a last pooling.

    A channel that is active need not matter for the class, and channels have units of their own:
    heights can be compared along a track, not between tracks.

    Parameters
    ----------
    reading, other : Reading
        Of the sequence, and of the one beside it.
    order : {"activation", "importance"}
        By the largest activation in either sequence, or by |OFIV| among those that are active.
    along : Along
    n : int
        Channels shown.

    Returns
    -------
    dict
        `rows`: for each channel its number, name, track and the track of the other sequence, its
        largest activation and the first base, from 0, that this position sees; with the receptive
        field in bp, and how many `active` channels there are.
    """
    maps = [one.maps for one in (reading, other) if one is not None]
    strongest = np.max([one.max(axis=1, initial=-np.inf) for one in maps], axis=0)
    active = np.flatnonzero(strongest > 0)
    if order == IMPORTANCE:
        keys = np.array([-abs(along.ofiv.get(int(k), 0.0)) for k in active])
    else:
        keys = -strongest[active]
    shown = active[np.argsort(keys, kind="stable")][:n].tolist()
    return {
        "width": reading.width,
        "stride": reading.stride,
        "offset": reading.offset,
        "active": len(active),
        "channels": len(strongest),
        "rows": [_row(k, maps, reading, along) for k in shown],
    }


def _row(channel: int, maps: list[NDArray], reading: Reading, along: Along) -> dict:
    place = int(maps[0][channel].argmax())
    return {
        "channel": channel,
        "called": along.called.get(str(channel), ""),
        "ofiv": along.ofiv.get(channel),
        "most": float(maps[0][channel, place]),
        "at": reading.offset + reading.stride * place,
        "values": rounded(maps[0][channel]),
        "other": rounded(maps[1][channel]) if len(maps) > 1 else None,
    }


def rounded(values: NDArray) -> list[float | None]:
    """Return numbers as they are drawn, None for what is none."""
    return [float(f"{v:.{N_DIGITS}g}") if np.isfinite(v) else None for v in values.tolist()]
