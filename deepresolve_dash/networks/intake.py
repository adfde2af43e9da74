"""Take in a model that somebody gave us: read in a process of its own, which may crash or hang.

This side never imports torch and never opens the file; `reading` does.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deepresolve_dash.confined.ask import ReaderStopped, ReaderTooSlow, ask
from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.lengths import LengthNeeded
from deepresolve_dash.networks.formats.state_dict.stack import ArchitectureNeeded

WALL_S = 90
MEMORY_BYTES = 7 * 2**30  # beside the program
READER = "deepresolve_dash.networks.reading"


@dataclass(frozen=True)
class Corrections:
    """What a user changes in a network that was read; each makes it another network.

    Attributes
    ----------
    flip_kernels : bool
    alphabet : str or None
        Order of the bases, such as "AGCT".
    class_names : tuple of str or None
    held : dict of str
        Input beside the sequence -> its constant as text, "reverse complement"
        or "same sequence".
    positions : dict of str
        Output with positions -> "mean", "sum" or the number of a position.
    """

    flip_kernels: bool = False
    alphabet: str | None = None
    class_names: tuple[str, ...] | None = None
    held: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)


def asked_corrections(given: object) -> Corrections:
    """Return the corrections that came from a form.

    Raises
    ------
    ModelFileError
        When they are none, or of another form.
    """
    known: dict[str, Callable[[object], bool]] = {
        "flip_kernels": lambda value: isinstance(value, bool),
        "alphabet": lambda value: isinstance(value, str),
        "held": _are_texts,
        "positions": _are_texts,
    }
    if not isinstance(given, dict) or not given or not given.keys() <= known.keys():
        raise ModelFileError("This is not a correction that can be made.")
    if not all(known[name](value) for name, value in given.items()):
        raise ModelFileError("This is not a correction that can be made.")
    return Corrections(**given)


def _are_texts(value: object) -> bool:
    """Tell whether a value is a text for each name."""
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def take_in(
    path: Path,
    out: Path,
    *,
    architecture: Path | None = None,
    length: int | None = None,
    corrections: Corrections | None = None,
    wall_s: float = WALL_S,
) -> dict:
    """Read a model in a confined process and write its neutral form and card.

    Parameters
    ----------
    path : Path
        Model file, or a folder in the neutral form.
    out : Path
        Folder for `net.json`, `net.safetensors` and `card.json`; made if needed.
    architecture : Path, optional
        JSON of the architecture, when `path` holds just the weights.
    length : int, optional
        Length of the sequences, bp, for a model that leaves it open.
    corrections : Corrections, optional
    wall_s : float
        Seconds after which the child is ended.

    Returns
    -------
    dict
        The card, with `hash` beside what `card` returns.

    Raises
    ------
    LengthNeeded
        When the model leaves the length of its sequences open, and none is given.
    ArchitectureNeeded
        When the file has weights, and does not tell how they are wired.
    ModelFileError
        When the model is refused, or its reading crashed or took too long.
    """
    request = {
        "path": str(path.absolute()),
        "architecture": str(architecture.absolute()) if architecture else None,
        "length": length,
        "out": str(out.absolute()),
        "corrections": asdict(corrections or Corrections()),
    }
    try:
        answer = ask(READER, request, memory_bytes=MEMORY_BYTES, wall_s=wall_s)
    except (ReaderStopped, ReaderTooSlow) as error:
        raise ModelFileError(error.message, error.hint) from None
    if "length" in answer:
        raise LengthNeeded(answer["error"], answer["hint"])
    if "weights" in answer:
        raise ArchitectureNeeded(answer["error"], answer["hint"], answer["weights"])
    if "error" in answer:
        raise ModelFileError(answer["error"], answer["hint"])
    return answer["card"]
