"""What a reader looks at, as the address of the page says it."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
import xarray as xr

from deepresolve_dash.errors import RunNotFound

IMPORTANCE, MODES = "importance", "modes"
REGIME_WORDS = {
    IMPORTANCE: "small maps: which channels speak for and against the class",
    MODES: "maps of realistic size: does the class have several best patterns",
    "paper": "the paper's settings: all numbers from one ascent",
    "published": "the settings behind the published vectors: all numbers from one ascent",
}


@dataclass(frozen=True)
class Selection:
    """One run, class, and what is picked in it.

    Attributes
    ----------
    run : str
        Run id.
    target : int
        Output index of the class.
    regime : str or None
        Regime that all views show; None lets each number come from the regime it is read in.
    pair : tuple of int or None
        Two classes that are compared.
    """

    run: str
    target: int
    regime: str | None = None
    pair: tuple[int, int] | None = None

    @property
    def other(self) -> int | None:
        """The class that is compared with `target`; None without a pair that holds it."""
        if self.pair is None or self.target not in self.pair:
            return None
        return self.pair[1] if self.pair[0] == self.target else self.pair[0]


def from_page(values: dict) -> Selection:
    """Return the selection that the page sent.

    Raises
    ------
    RunNotFound
        When the class or the pair are not numbers.
    """
    try:
        pair = values.get("pair")
        pair = pair.split(",") if isinstance(pair, str) else pair
        return Selection(
            run=str(values["run"]),
            target=int(values["target"]),
            regime=values.get("regime") or None,
            pair=(int(pair[0]), int(pair[1])) if pair else None,
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise RunNotFound("This address names no class.", "The gallery lists the runs.") from error


def address(run: str, target: int, name: str) -> str:
    """Return the path of a class page; the words behind the index are for people only."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    return f"/runs/{run}/class/{target}" + (f"-{slug}" if slug else "")


def query(**values: object) -> str:
    """Return the query of an address, without what is None."""
    given = {key: value for key, value in values.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def regime_for(results: xr.Dataset, selection: Selection, reading: str) -> str:
    """Return the regime that a number is shown in.

    Parameters
    ----------
    reading : {"importance", "modes"}
        Regime that the number is read in when the reader has chosen none; a run with one regime
        shows that one.
    """
    names = [str(name) for name in results.regime.values]
    for wanted in (selection.regime, reading):
        if wanted in names:
            return wanted
    return names[0]


def of_class(
    results: xr.Dataset, selection: Selection, reading: str, *, target: int | None = None
) -> xr.Dataset:
    """Return one class in one regime.

    Raises
    ------
    RunNotFound
        When the run has no such class.
    """
    wanted = selection.target if target is None else target
    found = np.flatnonzero(results.target.values == wanted)
    if not len(found):
        raise RunNotFound(f"This run has no class {wanted}.", "Choose one from its list.")
    regime = regime_for(results, selection, reading)
    place = int(np.flatnonzero(results.regime.values.astype(str) == regime)[0])
    return results.isel(regime=place, target=int(found[0]))
