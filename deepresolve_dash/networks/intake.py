"""Read a file that somebody gave us, in a process of its own that may crash, hang or be refused.

This side never imports torch and never opens the file; `intake_child` does.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from deepresolve_dash.errors import ModelFileError

WALL_S = 90
MEMORY_BYTES = 8 * 2**30
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Corrections:
    """What a user changes in a network that was read; each makes it another network.

    Attributes
    ----------
    flip_kernels : bool
    alphabet : str or None
        Order of the bases, such as "AGCT".
    class_names : tuple of str or None
    """

    flip_kernels: bool = False
    alphabet: str | None = None
    class_names: tuple[str, ...] | None = None


def take_in(
    path: Path,
    out: Path,
    *,
    architecture: Path | None = None,
    corrections: Corrections | None = None,
    wall_s: float = WALL_S,
) -> dict:
    """Read a model in a child process and write its neutral form and card.

    The child has a limit on memory, time and file size, no network where the system allows that,
    and an empty environment.

    Parameters
    ----------
    path : Path
        Model file, or a folder in the neutral form.
    out : Path
        Folder for `net.json`, `net.safetensors` and `card.json`; made if needed.
    architecture : Path, optional
        JSON of the architecture, when `path` holds just the weights.
    corrections : Corrections, optional
    wall_s : float
        Seconds after which the child is ended.

    Returns
    -------
    dict
        The card, with `hash` beside what `card` returns.

    Raises
    ------
    ModelFileError
        When the model is refused, or its reading crashed or took too long.
    """
    request = {
        "path": str(path.absolute()),
        "architecture": str(architecture.absolute()) if architecture else None,
        "out": str(out.absolute()),
        "corrections": asdict(corrections or Corrections()),
        "memory_bytes": MEMORY_BYTES,
    }
    with tempfile.TemporaryDirectory(prefix="intake-") as empty:
        answer = _ask(request, empty, wall_s)
    if "error" in answer:
        raise ModelFileError(answer["error"], answer["hint"])
    return answer["card"]


def _ask(request: dict, home: str, wall_s: float) -> dict:
    """Run the child and return its answer."""
    environment = {"PYTHONPATH": str(_ROOT), "HOME": home, "OMP_NUM_THREADS": "1"}
    command: Sequence[str] = [sys.executable, "-s", "-m", "deepresolve_dash.networks.intake_child"]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=home,
            env=environment,
            timeout=wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ModelFileError(
            f"Reading the file took longer than {wall_s:g} seconds and was stopped.",
            "Check that it is a model, and how large it is.",
        ) from None
    try:
        return json.loads(done.stdout)
    except ValueError:
        reason = f"signal {-done.returncode}" if done.returncode < 0 else "out of memory or broken"
        raise ModelFileError(
            f"The file cannot be read: it made its reader stop ({reason}).",
            "It is damaged, or not a model of a kind that is read here.",
        ) from None
