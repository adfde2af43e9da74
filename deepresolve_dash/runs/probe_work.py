"""From a question about one sequence to its answer: the work of a worker or the command line."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.networks.graph import Network, find_output
from deepresolve_dash.probe.found import Bases, Reading
from deepresolve_dash.probe.look import read_bases, read_mutations, read_sequence
from deepresolve_dash.runs.execute import choose_device, full_precision
from deepresolve_dash.runs.probe_question import ProbeQuestion

MOST_BASES = 20_000  # a sequence in which every base can be changed one by one
MOST_KEPT = 2**22  # numbers, of all mutations and classes
GRADIENT_COST = 3  # times a pass forward


def read(question: ProbeQuestion, network: Network, *, device: str = "auto") -> Reading:
    """Return the scores of all classes and the channels of the layer along the sequence.

    Raises
    ------
    LayerError
        When the layer or the output does not exist, or it cannot be cut there.
    SettingsError
        When the device is not there.
    """
    place = choose_device(device)
    with full_precision(place):
        return read_sequence(
            network, question.letters, layer=question.layer, output=question.output, device=place
        )


def ask_bases(
    question: ProbeQuestion,
    network: Network,
    *,
    device: str = "auto",
    known: NDArray[np.float32] | None = None,
    keep: Callable[[NDArray[np.float32]], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Bases:
    """Return what the bases give the class.

    Parameters
    ----------
    question : ProbeQuestion
    network : Network
    device : {"auto", "cpu", "cuda"}
    known : float32 array (place, base, target), optional
        The change of all scores by every mutation, from another class of the same sequence.
    keep : function, optional
        Called with them where they were computed. *Choice:* of networks with very many classes
        only those of the class are, since all would fill the disk.
    progress : function, optional
        Told (sequences done, sequences in all), a gradient counted as three; whatever it raises
        ends the work.

    Raises
    ------
    SequenceError
        When the sequence is too long for that.
    SettingsError
        When the device is not there.
    """
    if len(question.letters) > MOST_BASES:
        raise SequenceError(
            f"The network reads {len(question.letters):,} bases at once.",
            f"Every base is changed only up to {MOST_BASES:,}; scores and channels are shown.",
        )
    place, n_classes = choose_device(device), len(find_output(network, question.output).class_names)
    n_mutants = 0 if known is not None else 3 * sum(one != "N" for one in question.letters)
    total = n_mutants + GRADIENT_COST * question.n_points
    few = len(question.letters) * 4 * n_classes <= MOST_KEPT
    with full_precision(place):
        if known is None:
            known = read_mutations(
                network,
                question.letters,
                targets=None if few else [question.target],
                output=question.output,
                device=place,
                progress=progress and (lambda done, _: progress(done, total)),
            )
            if keep and few:
                keep(known)
        return read_bases(
            network,
            question.letters,
            question.target,
            known[:, :, question.target if few else 0],
            n_points=question.n_points,
            output=question.output,
            device=place,
            progress=progress
            and (lambda done, _: progress(n_mutants + GRADIENT_COST * done, total)),
        )
