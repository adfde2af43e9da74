"""A question to the verifier: everything that decides its answer, and the id that follows."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from deepresolve_dash.core.interactions.settings import VERIFIER_VERSION, InteractionSettings
from deepresolve_dash.errors import RunNotFound, SequenceError, SettingsError
from deepresolve_dash.runs.store import Run

NEEDS_SEQUENCES = "Interactions can only be tested with sequences that contain the motifs."
WITH_SEQUENCES = "Run the network again with a FASTA file of such sequences."


@dataclass(frozen=True)
class Question:
    """What is asked: which groups of channels interact for a class.

    Attributes
    ----------
    network : str
        Hash of the network.
    layer : str
    target : int
        Output index of the class.
    sequences : str
        Hash of the sequence set that low and high rows come from.
    output : str or None
        Output head; None is the only one.
    pairs : tuple of (int, int)
        Pairs of channels whose groups are tested on request.
    settings : InteractionSettings
    version : int
        Of the verifier's code.
    """

    network: str
    layer: str
    target: int
    sequences: str
    output: str | None = None
    pairs: tuple[tuple[int, int], ...] = ()
    settings: InteractionSettings = field(default_factory=InteractionSettings)
    version: int = VERIFIER_VERSION

    @property
    def id(self) -> str:
        """Content hash: the same question has the same id, whichever run it is asked of."""
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def ask(
    run: Run,
    target: int,
    *,
    pairs: Sequence[tuple[int, int]] = (),
    sequences: str | None = None,
) -> Question:
    """Return the question about a class of a run.

    Parameters
    ----------
    run : Run
    target : int
    pairs : sequence of (channel, channel)
    sequences : str, optional
        Hash of another sequence set than the run's.

    Raises
    ------
    RunNotFound
        When the run has no such class.
    SequenceError
        When there are no sequences.
    SettingsError
        When a channel does not exist.
    """
    spec, targets = run.info["spec"], run.summary.target.values.tolist()
    if target not in targets:
        raise RunNotFound(
            f"This run has no class {target}.", f"It has {len(targets)}: {_range(targets)}."
        )
    n_channels = run.summary.sizes["channel"]
    for channel in (channel for pair in pairs for channel in pair):
        if not 0 <= channel < n_channels:
            raise SettingsError(
                f"There is no channel {channel}.", f"Channels are 0 to {n_channels - 1}."
            )
    found = sequences or spec.get("sequences")
    if not found:
        raise SequenceError(NEEDS_SEQUENCES, WITH_SEQUENCES)
    return _question(spec, target, found, pairs)


def usual_question(run: Run, target: int) -> Question | None:
    """Return the question about a class without pairs on request; None without sequences.

    The results of the run are not read for it.
    """
    spec = run.info["spec"]
    found = spec.get("sequences")
    return _question(spec, target, found, ()) if found else None


def _question(
    spec: dict, target: int, sequences: str, pairs: Sequence[tuple[int, int]]
) -> Question:
    return Question(
        spec["network"],
        spec["layer"],
        target,
        sequences,
        spec.get("output"),
        tuple(sorted({(min(pair), max(pair)) for pair in pairs})),
        InteractionSettings(seed=spec["settings"]["seed"]),
    )


def question_to_dict(question: Question) -> dict:
    """Return the question as plain JSON values."""
    return json.loads(json.dumps(asdict(question)))


def question_from_dict(values: dict) -> Question:
    """Return the question that `question_to_dict` wrote."""
    a_pair = tuple((int(a), int(b)) for a, b in values["pairs"])
    settings = InteractionSettings(**values["settings"])
    return Question(**(values | {"pairs": a_pair, "settings": settings}))


def _range(targets: Sequence[int]) -> str:
    return str(targets[0]) if len(targets) == 1 else f"{targets[0]} to {targets[-1]}"
