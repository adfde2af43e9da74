"""A question to the verifier as the queue carries it, beside requests for runs."""

from dataclasses import dataclass

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.runs.asked_model import asked_model
from deepresolve_dash.runs.inputs import InputNotFound, InputStore
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.question import (
    NEEDS_SEQUENCES,
    Question,
    question_from_dict,
    question_to_dict,
)
from deepresolve_dash.runs.request import Device

INTERACTIONS = "interactions"  # kind of the request; one without a kind is for a run


@dataclass(frozen=True)
class InteractionRequest:
    """The test of a class's interactions that is wanted.

    Attributes
    ----------
    name : str
        Title.
    model : str
        Id in the model store.
    run : str
        Id of the run that it was asked of; not part of the identity.
    question : Question
    device : {"auto", "cpu", "cuda"}
        Where to compute; not part of the identity.
    """

    name: str
    model: str
    run: str
    question: Question
    device: Device = "auto"
    total = 0  # corners of squares: not known before the groups are
    n_classes = 1

    @property
    def id(self) -> str:
        """Content hash of the question."""
        return self.question.id

    def to_dict(self) -> dict:
        """Return plain JSON values."""
        told = {"name": self.name, "model": self.model, "run": self.run, "device": self.device}
        return {"kind": INTERACTIONS, **told, "question": question_to_dict(self.question)}

    @classmethod
    def from_dict(cls, values: dict) -> "InteractionRequest":
        """Return the request that `to_dict` wrote."""
        question = question_from_dict(values["question"])
        return cls(values["name"], values["model"], values["run"], question, values["device"])


def make_interaction_request(
    question: Question, *, title: str, run: str, models: ModelStore, inputs: InputStore
) -> InteractionRequest:
    """Check that what a question needs is in the state folder.

    Raises
    ------
    ModelFileError, SequenceError
        When the network or the sequences are not there.
    """
    model = asked_model(models, question.network)
    try:
        inputs.open(question.sequences)
    except InputNotFound:
        raise SequenceError(
            "The sequences of this run are not here any more.",
            f"Run it again with its FASTA file. {NEEDS_SEQUENCES}",
        ) from None
    return InteractionRequest(title, model, run, question)
