"""Places where one run at a time can be computed: each GPU, or else the CPU."""

import os
import re
import shutil
import subprocess
from typing import NamedTuple

from deepresolve_dash.errors import SettingsError

_ASK_S = 10


class Slot(NamedTuple):
    """A place to compute.

    `name` names its lock; `visible` is what its worker sees of the GPUs (`CUDA_VISIBLE_DEVICES`).
    """

    name: str
    visible: str

    @property
    def device(self) -> str:
        """The kind of device, `cpu` or `cuda`."""
        return "cuda" if self.visible else "cpu"


CPU = Slot("cpu", "")
QUICK = Slot("quick", "")  # for what somebody waits for while all others compute runs


def find_slots(gpus: str, cpu_workers: int = 1) -> list[Slot]:
    """Return the places of this machine.

    Parameters
    ----------
    gpus : str
        `auto`, `none`, or GPUs by number or id, separated by commas.
    cpu_workers : int
        Places where there is no GPU; they share the cores.

    Raises
    ------
    SettingsError
        When a GPU's name is none.
    """
    wanted = gpus.strip()
    if wanted == "auto":
        names = _all_gpus()
    else:
        names = [] if wanted == "none" else [name.strip() for name in wanted.split(",")]
    strange = [name for name in names if not re.fullmatch(r"[\w-]+", name)]
    if strange:
        raise SettingsError(f"There is no GPU '{strange[0]}'.", "Set DRD_GPUS to such as 0,1.")
    further = [Slot(f"{CPU.name}-{i}", "") for i in range(2, cpu_workers + 1)]
    return [Slot(f"gpu-{name}", name) for name in names] or [CPU, *further]


def _all_gpus() -> list[str]:
    """Return the GPUs that may be used, without loading torch for it."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [name for name in visible.replace(" ", "").split(",") if name and name != "-1"]
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        command = [tool, "--query-gpu=uuid", "--format=csv,noheader"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return []
    return said.stdout.split()
