"""What makes a run: everything that decides its numbers, and the id that follows from it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from deepresolve_dash.core.settings import METHOD_VERSION, AscentSettings, Regime
from deepresolve_dash.errors import SettingsError


@dataclass(frozen=True)
class RunSpec:
    """The specification of a run.

    Attributes
    ----------
    network : str
        Hash of the network.
    output : str or None
        Output head; None is the only one.
    layer : str
        Layer whose output is the feature map.
    classes : tuple of int
        Output indices, ascending.
    preset : str
        Name of the preset the settings started from; it decides how the ensemble is read.
    settings : AscentSettings
    sequences, labels : str or None
        Hashes of the sequence set and of the label file.
    keep_fim : bool
        Whether whole maps are stored.
    method_version : int
        Version of the method's code.
    """

    network: str
    layer: str
    classes: tuple[int, ...]
    preset: str
    settings: AscentSettings
    output: str | None = None
    sequences: str | None = None
    labels: str | None = None
    keep_fim: bool = False
    method_version: int = METHOD_VERSION

    @property
    def id(self) -> str:
        """Content hash: the same spec has the same id on every machine."""
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def spec_to_dict(spec: RunSpec) -> dict:
    """Return the spec as plain JSON values."""
    return json.loads(json.dumps(asdict(spec)))


def spec_from_dict(values: dict) -> RunSpec:
    """Return the spec that `spec_to_dict` wrote."""
    settings = settings_from_dict(values["settings"])
    return RunSpec(**(values | {"classes": tuple(values["classes"]), "settings": settings}))


def settings_from_dict(values: dict) -> AscentSettings:
    """Return the settings that `spec_to_dict` wrote under `settings`."""
    regimes = tuple(Regime(**regime) for regime in values["regimes"])
    return AscentSettings(
        **(values | {"regimes": regimes, "l2_regimes": tuple(values["l2_regimes"])})
    )


def choose_classes(text: str, names: Sequence[str]) -> tuple[int, ...]:
    """Turn `all`, or a list of output indices and `name:NAME`, into output indices.

    A name that several classes bear chooses all of them.

    Raises
    ------
    SettingsError
        When an index or a name does not exist.
    """
    if text.strip() == "all":
        return tuple(range(len(names)))
    chosen: set[int] = set()
    for part in filter(None, (item.strip() for item in text.split(","))):
        chosen |= _choose(part, names)
    if not chosen:
        raise SettingsError("No class is chosen.", "Give all, or indices such as 0,3.")
    return tuple(sorted(chosen))


def _choose(part: str, names: Sequence[str]) -> set[int]:
    if part.startswith("name:"):
        wanted = part.removeprefix("name:")
        found = {index for index, name in enumerate(names) if name == wanted}
        if not found:
            raise SettingsError(
                f"There is no class named '{wanted}'.", "`inspect` lists the classes."
            )
        return found
    if not part.isdecimal() or int(part) >= len(names):
        raise SettingsError(
            f"There is no class '{part}'.",
            f"{_indices(len(names))}, or name:NAME.",
        )
    return {int(part)}


def _indices(n: int) -> str:
    return "There is one class, 0" if n == 1 else f"Classes are 0 to {n - 1}"
