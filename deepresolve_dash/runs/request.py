"""What a user asks for: a spec, a title, the model that it is about and where to compute it."""

from dataclasses import dataclass
from typing import Literal, get_args

from deepresolve_dash.core.budget import row_steps
from deepresolve_dash.core.settings import AscentSettings
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.inputs import StoredInput
from deepresolve_dash.runs.models import Model
from deepresolve_dash.runs.offer import make_spec, offer_of_card
from deepresolve_dash.runs.spec import RunSpec, spec_from_dict, spec_to_dict

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True)
class RunRequest:
    """A run that is wanted.

    Attributes
    ----------
    name : str
        Title.
    model : str
        Id in the model store.
    spec : RunSpec
    device : {"auto", "cpu", "cuda"}
        Where to compute; not part of the identity.
    """

    name: str
    model: str
    spec: RunSpec
    device: Device = "auto"

    @property
    def id(self) -> str:
        """Content hash of the spec."""
        return self.spec.id

    @property
    def n_classes(self) -> int:
        """How many classes are wanted."""
        return len(self.spec.classes)

    @property
    def total(self) -> int:
        """Row-steps of the whole run."""
        return row_steps(self.n_classes, self.spec.settings)

    def to_dict(self) -> dict:
        """Return plain JSON values."""
        spec = spec_to_dict(self.spec)
        return {"name": self.name, "model": self.model, "spec": spec, "device": self.device}

    @classmethod
    def from_dict(cls, values: dict) -> "RunRequest":
        """Return the request that `to_dict` wrote."""
        spec = spec_from_dict(values["spec"])
        return cls(values["name"], values["model"], spec, values["device"])


def make_request(
    model: Model,
    *,
    settings: AscentSettings,
    preset: str = "default",
    layer: str = "advised",
    output: str | None = None,
    classes: str = "all",
    sequences: StoredInput | None = None,
    labels: StoredInput | None = None,
    keep_fim: bool = False,
    name: str | None = None,
    device: Device = "auto",
) -> RunRequest:
    """Check a choice against a model's card alone.

    The id is the one that the command `run` gives for the same network and options.

    Raises
    ------
    SettingsError
        When a layer, output, class, preset or device does not exist, or the layer cannot be cut.
    """
    if device not in get_args(Device):
        raise SettingsError(f"There is no device '{device}'.", "Choose auto, cpu or cuda.")
    spec = make_spec(
        offer_of_card(model.card, output),
        layer=layer,
        classes=classes,
        preset=preset,
        settings=settings,
        sequences=sequences.hash if sequences else None,
        labels=labels.hash if labels else None,
        keep_fim=keep_fim,
    )
    return RunRequest((name or "").strip() or model.name, model.id, spec, device)
