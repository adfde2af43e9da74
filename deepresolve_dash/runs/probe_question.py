"""What is asked about one sequence: everything that decides the answer, and the ids that follow."""

import hashlib
import json
from dataclasses import asdict, dataclass

PROBE_VERSION = 1  # of the code that decides the numbers
N_POINTS = 128  # of the line that gradients are integrated along


@dataclass(frozen=True)
class ProbeQuestion:
    """One sequence, the layer whose channels are shown, and the class that bases are asked about.

    Attributes
    ----------
    network : str
        Hash of the network.
    letters : str
        A, C, G, T, N, as many as the network reads.
    target : int
        Output index of the class.
    layer : str or None
        None for a network that cannot be cut.
    output : str or None
        Output head; None is the first.
    n_points : int
    version : int
        Of the code.
    """

    network: str
    letters: str
    target: int
    layer: str | None = None
    output: str | None = None
    n_points: int = N_POINTS
    version: int = PROBE_VERSION

    @property
    def id(self) -> str:
        """Content hash of all of it."""
        return _digest(asdict(self))

    @property
    def reading_id(self) -> str:
        """Content hash of what scores and channels depend on."""
        told = asdict(self)
        return _digest({name: told[name] for name in told if name not in ("target", "n_points")})

    @property
    def mutations_id(self) -> str:
        """Content hash of what the change of all scores by every mutation depends on."""
        told = asdict(self)
        left_out = ("target", "n_points", "layer")
        return _digest({name: told[name] for name in told if name not in left_out})

    @property
    def bases_id(self) -> str:
        """Content hash of what the contributions of bases depend on."""
        told = asdict(self)
        return _digest({name: told[name] for name in told if name != "layer"})


def _digest(values: dict) -> str:
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
