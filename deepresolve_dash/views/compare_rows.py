"""Which channels of several runs stand for each other, and what each of them sees."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.motifs.faces import face, main_face
from deepresolve_dash.motifs.families import LEAST_ALIKE
from deepresolve_dash.motifs.filters import filter_pwm
from deepresolve_dash.motifs.matrices import trimmed
from deepresolve_dash.motifs.pairing import Rows, rows_by_motif, rows_by_place
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import compare
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.palette import number

INDEX, MOTIF = "index", "motif"
NO_MOTIFS = (
    "What its channels see is not known yet: open its page of channels and look at them first."
)


@dataclass(frozen=True)
class Lined:
    """Channels of several runs in rows.

    Attributes
    ----------
    rows : Rows
        Each array is (row, run).
    how : {"index", "motif"}
    seen : tuple of bool
        For each run, whether its channels could be put into rows.
    """

    rows: Rows
    how: str
    seen: tuple[bool, ...]

    def spread(self, values: NDArray, run: int) -> NDArray[np.float64]:
        """Put values of the channels of a run into rows; NaN where a row has none of them."""
        place = self.rows.place[:, run]
        return np.where(place >= 0, np.asarray(values, np.float64)[place], np.nan)


def motifs_of(run: Run, faces: xr.Dataset | None) -> NDArray[np.float64] | None:
    """Return what each channel sees (channel, offset, base); None where that is not known.

    *Choice:* the filters of a first layer, which need no sequences; of a deeper layer the face that
    stands for a channel, its flanks of less than a quarter of a bit set to 0.25.
    """
    if run.offsets:
        return np.stack([filter_pwm(kernel) for kernel in run.ensemble["filter"].values])
    if faces is None:
        return None
    name = main_face(faces)
    return np.stack(
        [_telling(face(faces, int(k), name).matrix) for k in run.summary.channel.values]
    )


def line_up(runs: Sequence[Run], motifs: Sequence[NDArray | None], wanted: str = "") -> Lined:
    """Put the channels of runs into rows of channels that stand for each other.

    Parameters
    ----------
    motifs : sequence (run,) of arrays or None
        From `motifs_of`; only read where channels are paired by them.
    wanted : {"", "index", "motif"}
        By the number of the channel, or by its motif; without it, by number in one layer of one
        network.

    Raises
    ------
    SettingsError
        When channels of different networks or layers are to be paired by their numbers.
    """
    same = compare.alike(runs)
    if wanted == INDEX and not same:
        raise SettingsError(
            "The numbers of channels mean nothing across networks or layers.",
            "Pair them by motif.",
        )
    if same and wanted != MOTIF:
        n = runs[0].summary.sizes["channel"]
        return Lined(rows_by_place(n, len(runs)), INDEX, (True,) * len(runs))
    known = [np.zeros((0, 1, 4)) if one is None else one for one in motifs]
    return Lined(rows_by_motif(known), MOTIF, tuple(one is not None for one in motifs))


def data(runs: Sequence[Run], lined: Lined, called: Sequence[dict[str, str]]) -> dict:
    """Pair channels by number in one layer of one network, else by the motif that they see.

    A pair is the best of a bad lot where networks learned other motifs; distances near 0.4 are no
    more alike than members of one family, and channels that are left alone say that too.

    Parameters
    ----------
    called : sequence (run,) of dict
        Known motifs that channels are named after, by number.

    Returns
    -------
    dict
        `how`; `channel`, `distance`, `turned` (row, run); `named` (per run, per row); `says`, per
        run, how many of its channels were paired; `missing` sentences.
    """
    place, n_runs = lined.rows.place, len(runs)
    channels = [run.summary.channel.values for run in runs]
    channel = [
        [int(channels[at][k]) if k >= 0 else None for at, k in enumerate(row)]
        for row in place.tolist()
    ]
    return {
        "how": lined.how,
        "channel": channel,
        "distance": lined.rows.distance,
        "turned": lined.rows.strand < 0,
        "named": [[called[at].get(str(row[at]), "") for row in channel] for at in range(n_runs)],
        "n": [len(one) for one in channels],
        "says": [_says(lined, at, len(channels[at])) for at in range(n_runs)],
        "least": 1 - LEAST_ALIKE,
        "missing": [
            [letter, NO_MOTIFS]
            for letter, seen in zip(compare.LETTERS, lined.seen, strict=False)
            if not seen
        ],
    }


def _says(lined: Lined, at: int, n: int) -> str:
    """Return how many channels of a run stand in a row with one of another run."""
    if lined.how == INDEX:
        return f"{count(n, 'channel')}, by number"
    if not lined.seen[at]:
        return "no motifs yet"
    mine = lined.rows.place[:, at] >= 0
    paired = mine & ((lined.rows.place >= 0).sum(axis=1) > 1)
    distance = lined.rows.distance[paired, at]
    middle = (
        f", median distance {number(float(np.median(distance)))}" if at and paired.any() else ""
    )
    return f"{paired.sum():,} of {count(n, 'channel')} paired{middle}"


def _telling(matrix: NDArray) -> NDArray[np.float64]:
    """Return a motif whose flanks say nothing."""
    first, last = trimmed(matrix)
    bare = np.full(matrix.shape, 0.25)
    bare[first:last] = matrix[first:last]
    return bare
