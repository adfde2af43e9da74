"""Whom a sequence is shown to: a model, or the network of a run with what the run knows of it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from deepresolve_dash.errors import DeepResolveError, LayerError, RunNotFound, SequenceError
from deepresolve_dash.networks.sequences import centred, iterate_fasta, random_sequences
from deepresolve_dash.pages.called import called
from deepresolve_dash.pages.context import context, model_id, open_run
from deepresolve_dash.pages.who import me
from deepresolve_dash.runs.asked_model import asked_model
from deepresolve_dash.runs.labels import read_labels
from deepresolve_dash.runs.models import Model
from deepresolve_dash.runs.offer import Offer, offer_of_card
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views.probe import Along
from deepresolve_dash.views.selection import IMPORTANCE, Selection, of_class

POSITIVE, NEGATIVE, RANDOM = "positive", "negative", "random"
_MOST_READS = 5000  # of a sequence set that examples are taken from
_N_RANDOM = 50


@dataclass(frozen=True)
class Subject:
    """A network as the probe asks it.

    Attributes
    ----------
    model : Model
    offer : Offer
        The output that is meant and its layers.
    layer : str or None
        Whose channels are shown; None where the network cannot be cut.
    names : tuple of str
        Of the classes of the output.
    run : Run or None
    """

    model: Model
    offer: Offer
    layer: str | None
    names: tuple[str, ...]
    run: Run | None

    @property
    def title(self) -> str:
        """What the run or the model is called."""
        return self.run.info.get("name", self.run.id) if self.run else self.model.name

    @property
    def length(self) -> int:
        """Bases that the network reads."""
        return int(self.model.card["input"]["length"])

    def target(self, wanted: object) -> int:
        """Return the class that is meant, the first of the run or model without one.

        Raises
        ------
        RunNotFound
            When there is no such class.
        """
        if wanted in (None, ""):
            return int(self.run.summary.target.values[0]) if self.run else 0
        if not str(wanted).isdecimal() or int(str(wanted)) >= len(self.names):
            raise RunNotFound(
                f"There is no class '{str(wanted)[:20]}'.", f"There are {len(self.names):,}."
            )
        return int(str(wanted))

    def along(self, target: int, regime: str | None = None) -> Along:
        """Return how channels are called, and what they say of a class, where the run knows it."""
        if self.run is None:
            return Along()
        ofiv: dict[int, float] = {}
        with suppress(RunNotFound):  # the run left this class out
            one = of_class(self.run.summary, Selection(self.run.id, target, regime), IMPORTANCE)
            ofiv = dict(zip(one.channel.values.tolist(), one.ofiv.values.tolist(), strict=True))
        return Along(called(self.run), ofiv)


def find_subject(values: Mapping) -> Subject:
    """Return whom `run`, or `model` and `layer`, name.

    Raises
    ------
    DeepResolveError
        When there is no such run, model or layer, or the run's network is not here any more.
    """
    models = context().models
    if values.get("run"):
        run = open_run(str(values["run"]))
        asked_model(models, str(run.info["spec"].get("network", "")))
        model, spec = models.open(model_id(run)), run.info["spec"]
        offer = offer_of_card(model.card, spec.get("output"))
        return Subject(model, offer, spec["layer"], _names(model, offer), run)
    if me().is_guest:
        raise RunNotFound("This link shows one result, and nothing else.")
    model = models.open(str(values.get("model") or ""))
    offer = offer_of_card(model.card, str(values.get("output") or "") or None)
    layer = str(values.get("layer") or "") or offer.advised_layer
    if layer and layer not in layers_of(offer):
        raise LayerError(
            f"Layer '{layer[:80]}' cannot be looked at here.", "Choose one from the list."
        )
    return Subject(model, offer, layer, _names(model, offer), None)


def layers_of(offer: Offer) -> list[str]:
    """Return the layers whose channels can be shown."""
    return [layer.name for layer in offer.layers if layer.can_cut]


def _names(model: Model, offer: Offer) -> tuple[str, ...]:
    """Return the names of the classes of an output; those of the first can be changed here."""
    if offer.output is None and len(model.classes) == len(offer.class_names):
        return tuple(row.name for row in model.classes)
    return offer.class_names


def has_labels(subject: Subject) -> bool:
    """Tell whether examples of the classes are known."""
    spec = subject.run.info["spec"] if subject.run else {}
    return bool(spec.get("sequences") and spec.get("labels"))


def examples(subject: Subject, target: int) -> dict[str, list[tuple[str, str]]]:
    """Return sequences to begin with, by their kind: (name, letters), as the network reads them.

    `positive` and `negative` come from the run's own sequences and labels; *choice:* random ones
    are drawn anew from a fixed seed, all bases equally likely.
    """
    generator = np.random.default_rng(target)
    drawn = random_sequences(generator, _N_RANDOM, subject.length).argmax(axis=1)
    spelled = ["".join(np.array(list("ACGT"))[row]) for row in drawn]
    found = {RANDOM: [(f"random_{i + 1}", letters) for i, letters in enumerate(spelled)]}
    if has_labels(subject):
        with suppress(DeepResolveError):  # the files are gone: the random ones stay
            found |= _labelled(subject, target)
    return found


def _labelled(subject: Subject, target: int) -> dict[str, list[tuple[str, str]]]:
    assert subject.run is not None
    spec, inputs = subject.run.info["spec"], context().inputs
    stored = {name: inputs.open(spec[name]) for name in ("sequences", "labels")}
    own = subject.offer.class_names[target]
    labels = read_labels(inputs.path(stored["labels"]), [target], [own])[:, 0] > 0.5
    kinds: dict[str, list[tuple[str, str]]] = {POSITIVE: [], NEGATIVE: []}
    reads = iterate_fasta(inputs.path(stored["sequences"]))
    for place, (name, letters) in enumerate(reads):
        if place >= min(_MOST_READS, len(labels)):
            break
        kinds[POSITIVE if labels[place] else NEGATIVE].append(
            (name, centred(letters, subject.length))
        )
    return {kind: rows for kind, rows in kinds.items() if rows}


def example(found: Mapping[str, Sequence[tuple[str, str]]], kind: str, n: int) -> tuple[str, str]:
    """Return one of the examples, from the beginning again after the last.

    Raises
    ------
    SequenceError
        When there are none of this kind.
    """
    rows = found.get(kind)
    if not rows:
        raise SequenceError(
            "The run has no labelled sequences of this kind.", "Take a random one, or paste one."
        )
    return rows[n % len(rows)]
