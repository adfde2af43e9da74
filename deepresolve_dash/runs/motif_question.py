"""What is asked about the channels of a layer: everything that decides their faces, and the id."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from deepresolve_dash.motifs.databases import Database
from deepresolve_dash.motifs.settings import MotifSettings
from deepresolve_dash.runs.store import Run

MOTIF_VERSION = 1  # of the code that decides the numbers


@dataclass(frozen=True)
class MotifQuestion:
    """Which channels are looked at, and with what.

    Attributes
    ----------
    network : str
        Hash of the network.
    layer : str
    sequences : str or None
        Hash of the sequence set; random sequences without it.
    labels : str or None
        Hash of the label file, for the activation in positives and negatives.
    output : str or None
        Output head that the labels are of.
    classes : tuple of int
        Output indices that have labels; none without a label file.
    settings : MotifSettings
    version : int
        Of the code.
    """

    network: str
    layer: str
    sequences: str | None = None
    labels: str | None = None
    output: str | None = None
    classes: tuple[int, ...] = ()
    settings: MotifSettings = field(default_factory=MotifSettings)
    version: int = MOTIF_VERSION

    @property
    def id(self) -> str:
        """Content hash: the same question has the same id, whichever run it is asked of."""
        return _digest(asdict(self))


def ask_motifs(run: Run, *, sequences: str | None = None) -> MotifQuestion:
    """Return the question about the channels of a run.

    Parameters
    ----------
    run : Run
    sequences : str, optional
        Hash of another sequence set than the run's; its labels are not known.
    """
    spec = run.info["spec"]
    own = spec.get("sequences")
    found = sequences or own
    labels = spec.get("labels") if found and found == own else None
    return MotifQuestion(
        spec["network"],
        spec["layer"],
        found,
        labels,
        spec.get("output"),
        tuple(run.summary.target.values.tolist()) if labels else (),
        MotifSettings(seed=spec["settings"]["seed"]),
    )


def match_id(question: MotifQuestion, database: Database) -> str:
    """Return the identity of a question together with the database that names are taken from."""
    return _digest({"question": question.id, "database": database.id})


def question_to_dict(question: MotifQuestion) -> dict:
    """Return the question as plain JSON values."""
    return json.loads(json.dumps(asdict(question)))


def question_from_dict(values: dict) -> MotifQuestion:
    """Return the question that `question_to_dict` wrote."""
    settings = MotifSettings(**values["settings"])
    classes = tuple(map(int, values["classes"]))
    return MotifQuestion(**(values | {"settings": settings, "classes": classes}))


def _digest(values: dict) -> str:
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
