"""From a question about one sequence to its answer: the work of a worker or the command line."""

from collections.abc import Callable

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.probe.found import Bases, Reading
from deepresolve_dash.probe.look import read_bases, read_sequence
from deepresolve_dash.runs.execute import choose_device, full_precision
from deepresolve_dash.runs.probe_question import ProbeQuestion

MOST_BASES = 20_000  # a sequence in which every base can be changed one by one


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
    progress: Callable[[int, int], None] | None = None,
) -> Bases:
    """Return what the bases give the class.

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
    place = choose_device(device)
    with full_precision(place):
        return read_bases(
            network,
            question.letters,
            question.target,
            n_points=question.n_points,
            output=question.output,
            device=place,
            progress=progress,
        )
