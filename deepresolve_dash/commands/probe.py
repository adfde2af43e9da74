"""The command that asks a network about single sequences."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray

from deepresolve_dash.commands.material import find_network
from deepresolve_dash.commands.progress import progress_bar
from deepresolve_dash.errors import RunNotFound, SequenceError, SettingsError
from deepresolve_dash.exports import probe_tables
from deepresolve_dash.exports.figures.probe_figure import Block, height_of, track_bytes
from deepresolve_dash.exports.figures.style import WIDTHS, Size
from deepresolve_dash.networks.graph import Network, find_output, network_hash
from deepresolve_dash.networks.layers import advised_layer, find_layers
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.probe.found import Bases, Reading
from deepresolve_dash.probe.pasted import Pasted, edited, fitted, read_edits, read_pasted
from deepresolve_dash.runs.probe_question import ProbeQuestion
from deepresolve_dash.runs.probe_store import ProbeStore
from deepresolve_dash.runs.probe_work import ask_bases, read
from deepresolve_dash.runs.store import RUN, find_run, is_id
from deepresolve_dash.runs.whole_file import write_whole
from deepresolve_dash.settings import read_settings
from deepresolve_dash.views import probe as views
from deepresolve_dash.views.palette import number


@dataclass(frozen=True)
class Subject:
    """What is asked: a network, cut at a layer unless it cannot be.

    Attributes
    ----------
    network : Network
    layer : str or None
    output : str or None
        Output head; None is the first.
    """

    network: Network
    layer: str | None
    output: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return find_output(self.network, self.output).class_names


def subject_of(
    text: str,
    *,
    layer: str | None,
    output: str | None,
    weights: Path | None,
    architecture: Path | None,
    model: Path | None,
) -> Subject:
    """Return the network of a model file or folder, or of a run by its id or folder.

    Raises
    ------
    DeepResolveError
        When it is neither, or has no such layer or output.
    """
    path, state = Path(text), read_settings().state
    is_run = (path / RUN).is_file() or (is_id(text) and not path.exists())
    if is_run:
        try:
            run = find_run(text)
        except RunNotFound:
            raise RunNotFound(
                f"There is no model file and no run '{text}'.", "`runs` lists the runs."
            ) from None
        spec = run.info["spec"]
        network = find_network(run, model, state)
        return Subject(network, layer or spec["layer"], output or spec.get("output"))
    network = read_network(path, architecture=architecture, weights=weights)
    head = find_output(network, output)
    named = None if head.name == network.outputs[0].name else head.name
    if layer in (None, "advised"):
        cuts = any(one.can_cut for one in find_layers(network, head.name, measure=False))
        layer = advised_layer(network, head.name) if cuts else None
    return Subject(network, layer, named)


def probe(
    subject: Subject,
    out: Path,
    sequence: str,
    second: str | None,
    *,
    target: str | None,
    edits: str,
    device: str,
) -> None:
    """Write tables and a picture of a sequence; what is known is not computed again.

    Raises
    ------
    DeepResolveError
        When a sequence, an edit or the class cannot be used.
    """
    if out.is_file():
        raise SettingsError(f"{out} is a file.", "Name a folder with --out.")
    chosen = _class(target, subject.names)
    length = subject.network.input_length
    letters, said = fitted(_given(sequence, "first").letters, length)
    texts = [("", edited(letters, read_edits(edits, length)))]
    if second is not None:
        texts.append(("second-", fitted(_given(second, "second").letters, length)[0]))
    if said:
        typer.echo(said, err=True)
    found = [_answer(subject, text, chosen, device) for _, text in texts]
    out.mkdir(parents=True, exist_ok=True)
    files = {
        "scores.tsv": probe_tables.scores(
            subject.names, found[0][0], found[1][0] if second is not None else None
        )
    }
    for (start, text), (reading, bases) in zip(texts, found, strict=True):
        files[f"{start}bases.tsv"] = probe_tables.bases(text, bases)
        if subject.layer:
            files[f"{start}channels.tsv"] = probe_tables.channels(reading, {})
    blocks = [
        Block(start.removesuffix("-") or "first", text, bases)
        for (start, text), (_, bases) in zip(texts, found, strict=True)
    ]
    title = subject.names[chosen]
    if second is None:
        title += f": logit {number(blocks[0].found.score)}"
    readings = [reading for reading, _ in found]
    tracks = views.channels(*readings) if subject.layer else None
    size = Size(WIDTHS[-1], height_of(blocks, tracks))
    drawn = track_bytes(title, blocks, tracks, file_format="svg", size=size)
    for name, content in {**files, "track.svg": drawn}.items():
        write_whole(out / name, content if isinstance(content, bytes) else content.encode())
        typer.echo(out / name)


def _given(text: str, name: str) -> Pasted:
    """Return the sequence that an option holds, or that is in the file it names."""
    path = Path(text)
    if not set(text) <= set("ACGTUNacgtun") and len(text) < 1000 and path.is_file():
        reads = read_fasta(path)
        if len(reads) != 1:
            raise SequenceError(
                f"{text} holds {len(reads):,} sequences.", "Give a file with one of them."
            )
        return Pasted(*reads[0])
    return read_pasted(text, name=name)[0]


def _class(wanted: str | None, names: Sequence[str]) -> int:
    """Return the output index of a class that is given by index or name."""
    if wanted is None:
        return 0
    if wanted.isdecimal() and int(wanted) < len(names):
        return int(wanted)
    found = [index for index, name in enumerate(names) if name == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise SettingsError(
            f"{len(found)} classes are named '{wanted}'.",
            f"Give one of their indices: {', '.join(map(str, found[:10]))}.",
        )
    raise SettingsError(f"There is no class '{wanted}'.", "`inspect` lists the classes.")


def _answer(subject: Subject, letters: str, target: int, device: str) -> tuple[Reading, Bases]:
    """Return what is known of a sequence, computed where it is not."""
    store = ProbeStore(read_settings().state)
    question = ProbeQuestion(
        network_hash(subject.network), letters, target, subject.layer, subject.output
    )
    reading, bases = store.reading(question), store.bases(question)
    if reading is None:
        reading = read(question, subject.network, device=device)
        with suppress(OSError):  # it can be computed again
            store.write_reading(question, reading)
    if bases is None:
        with progress_bar("Probe") as progress:
            bases = ask_bases(
                question,
                subject.network,
                device=device,
                known=store.mutations(question),
                keep=partial(_keep, store, question),
                progress=progress,
            )
        with suppress(OSError):
            store.write_bases(question, bases)
    return reading, bases


def _keep(store: ProbeStore, question: ProbeQuestion, change: NDArray[np.float32]) -> None:
    with suppress(OSError):  # they can be computed again
        store.write_mutations(question, change)
