"""A look at the channels of a run as the queue carries it, beside requests for runs."""

from dataclasses import asdict, dataclass

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.motifs.databases import Database
from deepresolve_dash.runs.asked_model import asked_model
from deepresolve_dash.runs.inputs import InputNotFound, InputStore
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.motif_question import (
    MotifQuestion,
    match_id,
    question_from_dict,
    question_to_dict,
)
from deepresolve_dash.runs.request import Device

MOTIFS = "motifs"  # kind of the request


@dataclass(frozen=True)
class MotifRequest:
    """Faces of channels and their matches against a database, as they are wanted.

    Attributes
    ----------
    name : str
        Title.
    model : str
        Id in the model store.
    run : str
        Id of the run that it was asked of; not part of the identity.
    question : MotifQuestion
    database : Database
    device : {"auto", "cpu", "cuda"}
        Where to compute; not part of the identity.
    """

    name: str
    model: str
    run: str
    question: MotifQuestion
    database: Database
    device: Device = "auto"
    total = 0  # fragments: not known before the sequences are read
    n_classes = 1

    @property
    def id(self) -> str:
        """Content hash of question and database."""
        return match_id(self.question, self.database)

    def to_dict(self) -> dict:
        """Return plain JSON values."""
        told = {"name": self.name, "model": self.model, "run": self.run, "device": self.device}
        about = {"question": question_to_dict(self.question), "database": asdict(self.database)}
        return {"kind": MOTIFS, **told, **about}

    @classmethod
    def from_dict(cls, values: dict) -> "MotifRequest":
        """Return the request that `to_dict` wrote."""
        return cls(
            values["name"],
            values["model"],
            values["run"],
            question_from_dict(values["question"]),
            Database(**values["database"]),
            values["device"],
        )


def make_motif_request(
    question: MotifQuestion,
    database: Database,
    *,
    title: str,
    run: str,
    models: ModelStore,
    inputs: InputStore,
) -> MotifRequest:
    """Check that what a look needs is in the state folder.

    Raises
    ------
    ModelFileError, SequenceError
        When the network, the sequences or the labels are not there.
    """
    model = asked_model(models, question.network)
    try:
        for wanted in filter(None, (question.sequences, question.labels)):
            inputs.open(wanted)
    except InputNotFound:
        raise SequenceError(
            "The sequences or labels of this run are not here any more.",
            "Run it again with its files.",
        ) from None
    return MotifRequest(title, model, run, question, database)
