"""From a question about channels to their faces: the work of a worker or of the command line."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray

from deepresolve_dash import __version__
from deepresolve_dash.core.ascent.rows import background_generator
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.motifs.faces import ACTIVATION, face, main_face
from deepresolve_dash.motifs.families import find_families
from deepresolve_dash.motifs.matrices import UNKNOWN
from deepresolve_dash.motifs.scan import one_hot_rows, scan
from deepresolve_dash.motifs.see import Lens, Seen, see
from deepresolve_dash.motifs.sites import LEVELS, levels_above
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.networks.sequences import dinucleotide_shuffle, one_hot, random_sequences
from deepresolve_dash.networks.unpooled import narrowed, unpooled, window_of
from deepresolve_dash.networks.weights_views import first_layer_filters
from deepresolve_dash.runs.execute import choose_device, full_precision
from deepresolve_dash.runs.motif_question import MotifQuestion, question_to_dict

Progress = Callable[[int, int], None]
Reads = Sequence[tuple[str, str]]  # identifier, letters

N_RANDOM = 2000  # random sequences, where none are given
_FEW_SITES = 5  # below which the activation logo says too little to find relatives by


def look(
    question: MotifQuestion,
    network: Network,
    reads: Reads | None,
    *,
    labels: NDArray | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    on_phase: Callable[[str], None] | None = None,
) -> xr.Dataset:
    """See what the channels of a layer see.

    Parameters
    ----------
    question : MotifQuestion
    network : Network
    reads : sequence of (identifier, letters) or None
        The sequences that the question names by hash; random ones without them.
    labels : float array (sequence, target), optional
        Of the question's classes.
    device : {"auto", "cpu", "cuda"}
    progress : function, optional
        Told (units done, units in all) of the phase; whatever it raises ends the work.
    on_phase : function, optional
        Told what is going on, again and again: `sequences`, `ascent`, `facets`, `background`,
        `families`.

    Returns
    -------
    xarray.Dataset as `motifs.faces` describes it

    Raises
    ------
    SettingsError
        When the device is not there, or labels and sequences do not fit.
    LayerError
        When the network cannot be cut at the layer.
    """
    started = time.monotonic()
    tell = on_phase or (lambda _: None)
    if labels is not None and reads is not None and len(labels) != len(reads):
        raise SettingsError(
            f"There are {len(labels)} labels for {len(reads)} sequences.",
            "Give a label file with a line for each sequence.",
        )
    place = choose_device(device)
    lens = make_lens(network, question.layer, place, output=question.output)
    settings = question.settings
    chosen, letters, told = _material(network, reads, question)
    if labels is not None:
        labels = labels[chosen]
    with full_precision(place):
        seen = see(lens, letters, settings=settings, progress=progress, on_phase=on_phase)
        tell("background")
        behind = _background(lens, network, letters, question, progress) if reads else seen.maxima
    faces = _dataset(seen, letters, behind, first_layer_filters(network, question.layer))
    faces = faces.assign(told)
    if labels is not None:
        faces = faces.assign(_by_label(seen.maxima, labels)).assign_coords(
            target=list(question.classes)
        )
    tell("families")
    faces = faces.assign(_families(faces))
    return faces.assign_attrs(
        question=json.dumps(question_to_dict(question)),
        receptive_field_bp=lens.width,
        receptive_field_stride_bp=lens.stride,
        receptive_field_offset_bp=lens.offset,
        localised=int(lens.localised),
        source="sequences" if reads else "random",
        code_version=__version__,
        seconds=round(time.monotonic() - started, 2),
    )


def make_lens(
    network: Network,
    layer: str,
    device: torch.device | str = "cpu",
    *,
    output: str | None = None,
) -> Lens:
    """Return a network up to a layer, in the forms that looking needs."""
    whole = unpooled(network, layer, output=output).to(device)
    window = window_of(whole)
    lens = Lens(
        whole.head,
        *whole.field,
        window.head,
        window.length,
        window.start,
        window.position,
        one_hot_rows(network.alphabet, network.unknown_base),
        device,
    )
    return lens._replace(narrow=partial(narrowed, whole.head if lens.localised else window.head))


def letters_of(sequences: Sequence[str], length: int) -> NDArray[np.uint8]:
    """Return sequences as letters 0 to 3 for A C G T and 4 for N, centred on a length."""
    encoded = one_hot(sequences, length=length, unknown_base=0)
    return np.where(encoded.any(axis=1), encoded.argmax(axis=1), UNKNOWN).astype(np.uint8)


def _material(
    network: Network, reads: Reads | None, question: MotifQuestion
) -> tuple[NDArray, NDArray[np.uint8], dict]:
    """Return which sequences are looked at, their letters, and what they are called."""
    generator, settings = np.random.default_rng(question.settings.seed), question.settings
    if reads is None:
        n = min(N_RANDOM, settings.n_sequences)
        drawn = random_sequences(generator, n, network.input_length)
        names = [f"random_{i + 1}" for i in range(n)]
        letters = drawn.argmax(axis=1).astype(np.uint8)
        return np.arange(n), letters, _told(names, [network.input_length] * n, letters.shape[1])
    chosen = np.arange(len(reads))
    if len(reads) > settings.n_sequences:
        chosen = np.sort(generator.permutation(len(reads))[: settings.n_sequences])
    names, texts = zip(*(reads[i] for i in chosen.tolist()), strict=True)
    letters = letters_of(texts, network.input_length)
    return chosen, letters, _told(names, list(map(len, texts)), letters.shape[1])


def _told(names: Sequence[str], lengths: Sequence[int], length: int) -> dict:
    """Return names and lengths of sequences, and which base of each is the first that is read."""
    own = np.array(lengths)
    start = np.where(own >= length, (own - length) // 2, -((length - own) // 2))
    return {
        "sequence_name": ("sequence", np.array(names, dtype=object)),
        "sequence_length": ("sequence", own.astype(np.int32)),
        "sequence_start": ("sequence", start.astype(np.int32)),
    }


def _background(
    lens: Lens,
    network: Network,
    letters: NDArray[np.uint8],
    question: MotifQuestion,
    progress: Progress | None,
) -> NDArray[np.float32]:
    """Return the maxima over dinucleotide shuffles of the sequences."""
    generator = background_generator(question.settings.seed)
    spelled = np.array(list("ACGTN"))
    texts = ["".join(spelled[row]) for row in letters[: question.settings.n_background]]
    shuffled = [dinucleotide_shuffle(text, generator) for text in texts]
    return scan(
        lens.head,
        letters_of(shuffled, network.input_length),
        lens.rows,
        n_sites=1,
        apart=None,
        device=lens.device,
        progress=progress,
    ).maxima


def _dataset(
    seen: Seen,
    letters: NDArray,
    behind: NDArray,
    filters: NDArray | None,
) -> xr.Dataset:
    """Label what was seen."""
    maxima = seen.maxima
    both = np.concatenate([maxima, behind])
    per_start = ("channel", "start")
    variables: dict = {
        "letters": (("sequence", "place"), letters),
        "site_sequence": (("channel", "site"), seen.site_sequence.astype(np.int32)),
        "site_start": (("channel", "site"), seen.site_start.astype(np.int32)),
        "site_strand": (("channel", "site"), seen.site_strand.astype(np.int8)),
        "site_facet": (("channel", "site"), seen.site_facet.astype(np.int8)),
        "site_activation": (("channel", "site"), seen.site_activation),
        "threshold": ("channel", seen.threshold),
        "activation_max": ("channel", maxima.max(axis=0)),
        "activation_mean": ("channel", maxima.mean(axis=0)),
        "background_max": ("channel", behind.max(axis=0)),
        "background_mean": ("channel", behind.mean(axis=0)),
        "n_above": (("channel", "level"), levels_above(maxima).astype(np.int32)),
        "ascent": ((*per_start, "offset", "base"), seen.ascent),
        "ascent_activation": (per_start, seen.ascent_activation),
        "ascent_site": (per_start, seen.ascent_site.astype(np.int16)),
        "dead": ("channel", both.max(axis=0) <= both.min(axis=0)),
    }
    for name in ("facet", "motif", "shift", "strand"):
        title = name if name == "facet" else f"facet_{name}"
        values = np.stack([getattr(one, name) for one in seen.facets])
        variables[title] = (per_start, values.astype(np.int8))
    if filters is not None:
        variables["filter"] = (("channel", "filter_offset", "base"), filters)
    coordinates = {"channel": np.arange(maxima.shape[1]), "base": list("ACGT"), "level": LEVELS}
    return xr.Dataset(variables, coords=coordinates)


def _by_label(maxima: NDArray, labels: NDArray) -> dict:
    """Return the mean maxima over the positives and over the negatives of each class."""
    positive = (labels > 0.5).astype(np.float64)
    n_positive = positive.sum(axis=0)
    inside = _means(positive.T @ maxima, n_positive)
    outside = _means((1 - positive).T @ maxima, len(labels) - n_positive)
    return {
        "positive_activation": (("target", "channel"), inside),
        "negative_activation": (("target", "channel"), outside),
        "n_positive": ("target", n_positive.astype(np.int32)),
    }


def _means(sums: NDArray, counts: NDArray) -> NDArray[np.float32]:
    """Divide sums by counts; NaN where there is nothing to average."""
    counted = np.where(counts > 0, counts, np.nan)[:, None]
    return (sums / counted).astype(np.float32)


def _families(faces: xr.Dataset) -> dict:
    """Find the families of channels by their activation logos, by the main face where few sites.

    *Choice:* the activation logo knows how much each position matters; a filter's or an ascent's
    positions are all scaled alike.
    """
    matrices = []
    for channel in range(faces.sizes["channel"]):
        one = face(faces, channel, ACTIVATION)
        if one.n_sites < _FEW_SITES:
            other = face(faces, channel, main_face(faces))
            one = other if other.matrix.shape == one.matrix.shape else one
        matrices.append(one.matrix)
    found = find_families(np.stack(matrices), alone=faces["dead"].values)
    return {
        "family": ("channel", found.family.astype(np.int32)),
        "family_relation": ("channel", found.relation.astype(np.int8)),
        "family_shift": ("channel", found.shift.astype(np.int16)),
        "family_strand": ("channel", found.strand.astype(np.int8)),
    }
