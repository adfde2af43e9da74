"""A question about one sequence as the queue carries it, beside requests for runs."""

from dataclasses import asdict, dataclass

from deepresolve_dash.runs.asked_model import asked_model
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.probe_question import ProbeQuestion
from deepresolve_dash.runs.request import Device

PROBE = "probe"  # kind of the request


@dataclass(frozen=True)
class ProbeRequest:
    """The answer about one sequence that is wanted.

    Attributes
    ----------
    name : str
        Title.
    model : str
        Id in the model store.
    question : ProbeQuestion
    device : {"auto", "cpu", "cuda"}
        Where to compute; not part of the identity.
    """

    name: str
    model: str
    question: ProbeQuestion
    device: Device = "auto"
    total = 0  # sequences: not known before the letters are counted
    n_classes = 1

    @property
    def id(self) -> str:
        """Content hash of the question."""
        return self.question.id

    def to_dict(self) -> dict:
        """Return plain JSON values."""
        told = {"name": self.name, "model": self.model, "device": self.device}
        return {"kind": PROBE, **told, "question": asdict(self.question)}

    @classmethod
    def from_dict(cls, values: dict) -> "ProbeRequest":
        """Return the request that `to_dict` wrote."""
        question = ProbeQuestion(**values["question"])
        return cls(values["name"], values["model"], question, values["device"])


def make_probe_request(question: ProbeQuestion, *, title: str, models: ModelStore) -> ProbeRequest:
    """Check that the network is in the state folder.

    Raises
    ------
    ModelFileError
        When it is not.
    """
    return ProbeRequest(title, asked_model(models, question.network), question)
