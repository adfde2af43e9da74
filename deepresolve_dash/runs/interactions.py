"""From a question to the verifier's answer: the work of a worker or of the command line."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from deepresolve_dash import __version__
from deepresolve_dash.core.ascent.base import feature_maps
from deepresolve_dash.core.ascent.rows import background_generator
from deepresolve_dash.core.interactions.board import Progress
from deepresolve_dash.core.interactions.fragments import Fragments, Window, find_fragments
from deepresolve_dash.core.interactions.groups import Group
from deepresolve_dash.core.interactions.in_sequences import square_in_sequences
from deepresolve_dash.core.interactions.settings import InteractionSettings
from deepresolve_dash.core.interactions.verdict import Pair, Verdict, verdict_to_dict
from deepresolve_dash.core.interactions.verify import verify
from deepresolve_dash.core.settings import N_BACKGROUND
from deepresolve_dash.networks.cut import Cut, cut
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.paths import find_logits
from deepresolve_dash.networks.sequences import dinucleotide_shuffle, one_hot
from deepresolve_dash.runs.execute import choose_device
from deepresolve_dash.runs.question import Question, question_to_dict

_MOST_SEQUENCES = 1500  # whose feature maps are kept
_DOES_NOT_FIT = "The pieces that turn these groups on are too long to stand beside each other."


def answer_question(
    question: Question,
    network: Network,
    sequences: Sequence[str],
    *,
    device: str = "auto",
    progress: Progress | None = None,
    on_phase: Callable[[str], None] | None = None,
) -> dict:
    """Test the interactions of a class, on feature maps and again in sequences.

    Parameters
    ----------
    question : Question
    network : Network
    sequences : sequence of str
        Those that the question names by hash.
    device : {"auto", "cpu", "cuda"}
    progress : function, optional
        Told (squares' corners done, corners in all); whatever it raises ends the test.
    on_phase : function, optional
        Told what is going on, again and again while it goes on.

    Returns
    -------
    dict
        JSON values: `verdict_to_dict`, with `id`, `question`, `code_version` and `seconds`.

    Raises
    ------
    SettingsError
        When the device is not there, or a requested pair cannot be tested.
    LayerError
        When the network cannot be cut.
    """
    started = time.monotonic()
    tell = on_phase or (lambda _: None)
    tell("loading")
    place = choose_device(device)
    parts = cut(network, question.layer, output=question.output).to(place)
    generator = np.random.default_rng(question.settings.seed)
    with _full_precision(place):
        material = _Material(network, parts, sequences, question.settings.seed, place, tell)
        tell("squares")
        verdict = verify(
            parts.tail,
            material.background_maps,
            material.real_maps,
            question.target,
            settings=question.settings,
            pairs=question.pairs,
            generator=generator,
            progress=progress,
        )
        verdict = material.check(verdict, question.settings, generator)
    if find_logits(network, question.output).removed_activation != "sigmoid":
        undecided = tuple(replace(pair, decision="") for pair in verdict.pairs)
        verdict = replace(verdict, pairs=undecided)
    return {
        "id": question.id,
        **verdict_to_dict(verdict),
        "question": question_to_dict(question),
        "code_version": __version__,
        "seconds": round(time.monotonic() - started, 2),
    }


def _full_precision(device: torch.device) -> AbstractContextManager:
    """Keep convolutions on a GPU from rounding to TF32."""
    if device.type == "cpu":
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, allow_tf32=False)


class _Material:
    """Sequences of a question and their feature maps."""

    def __init__(
        self,
        network: Network,
        parts: Cut,
        sequences: Sequence[str],
        seed: int,
        device: torch.device,
        tell: Callable[[str], None],
    ) -> None:
        """Draw background sequences, as a run of this seed does, and map both kinds."""
        self._network, self._parts, self._tell = network, parts, tell
        generator = background_generator(seed)
        shuffled: list[str] = []
        for i in range(N_BACKGROUND):
            tell("background")
            shuffled.append(dinucleotide_shuffle(sequences[i % len(sequences)], generator))
        order = generator.permutation(len(sequences))[:_MOST_SEQUENCES]
        self.background = self._encode(shuffled).to(device)
        self.real = self._encode([sequences[int(i)] for i in order]).to(device)
        self.background_maps = feature_maps(self._watched_head, self.background)
        self.real_maps = feature_maps(self._watched_head, self.real)

    def check(
        self, verdict: Verdict, settings: InteractionSettings, generator: np.random.Generator
    ) -> Verdict:
        """Take the squares of called and requested pairs again in sequences."""
        known: dict[Group, Fragments] = {}
        checked = [
            self._check(pair, verdict.target, known, settings, generator)
            if pair.called or pair.requested
            else pair
            for pair in verdict.pairs
        ]
        return replace(verdict, pairs=tuple(checked))

    def _check(
        self,
        pair: Pair,
        target: int,
        known: dict[Group, Fragments],
        settings: InteractionSettings,
        generator: np.random.Generator,
    ) -> Pair:
        for group in (pair.a, pair.b):
            if group not in known:
                known[group] = self._fragments(group, settings)
        found = square_in_sequences(
            lambda inputs: self._parts.tail(self._parts.head(inputs))[:, target],
            self.background[: settings.n_insertions],
            pair,
            (known[pair.a], known[pair.b]),
            settings=settings,
            generator=generator,
            tell=lambda: self._tell("sequences"),
        )
        return replace(pair, sequences=found, no_sequences="" if found else _DOES_NOT_FIT)

    def _fragments(self, group: Group, settings: InteractionSettings) -> Fragments:
        parts = self._parts
        return find_fragments(
            self._watched_head,
            self.real,
            self.real_maps,
            group,
            Window(
                parts.receptive_field_bp,
                parts.receptive_field_stride_bp,
                parts.receptive_field_offset_bp,
            ),
            n=settings.n_fragments,
            blank=self._network.unknown_base,
        )

    def _watched_head(self, inputs: Tensor) -> Tensor:
        self._tell("sequences" if hasattr(self, "real_maps") else "background")
        return self._parts.head(inputs)

    def _encode(self, sequences: Sequence[str]) -> Tensor:
        network = self._network
        return torch.from_numpy(
            one_hot(
                sequences,
                length=network.input_length,
                alphabet=network.alphabet,
                unknown_base=network.unknown_base,
            )
        )
