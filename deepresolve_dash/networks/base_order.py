"""In which order a network takes the bases, told from first filters that look like known motifs."""

import itertools
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import conv1d, pad

from deepresolve_dash.networks.graph import Finding, Network

MOTIFS = {
    "CTCF": "CCASYAGRKGGCR",
    "REST": "TTCAGCACCATGGACAGCGCC",
    "NRF1": "TGCGCATGCGCA",
    "AP-1": "ATGASTCAT",
    "MAF": "TGCTGASTCAGCA",
    "SPI1": "AAAGAGGAAGTG",
    "CEBP": "ATTGCGCAAT",
    "USF": "GTCACGTGAC",
    "MYC": "ACCACGTGGT",
    "SREBF": "ATCACCTGAT",
    "E-box": "CAGCTG",
    "GATA": "AGATAAGA",
    "ETS": "ACCGGAAGTG",
    "YY1": "AAGATGGCGGC",
    "SP1": "GGGGGCGGGG",
    "FOX": "TGTTTACTTW",
    "HNF4A": "GGGGTCAAAGTCCA",
    "ESRRA": "TCAAGGTCA",
    "ESR1": "AGGTCANNNTGACCT",
    "GR": "AGAACANNNTGTTCT",
    "NF-kB": "GGGRNTTTCC",
    "SRF": "CCATATATGG",
    "RFX": "GTTGCCATGGCAAC",
    "STAT": "TTTCCNGGAAA",
    "IRF": "GAAASTGAAAST",
    "POU2F": "TATGCAAATA",
    "TEAD": "ACATTCCAG",
    "NFY": "AGCCAATCAG",
    "CREB": "GTGACGTCAC",
    "MEF2": "CTATTTATAG",
    "p53": "RRRCATGYYYRGRCATGYYY",
    "EBF1": "TCCCWWGGGA",
    "ZNF143": "ACTACAATTCCC",
    "ZBTB33": "TCTCGCGAGA",
    "NFI": "TTGGCNNNNNGCCAA",
    "RUNX": "TAACCACAA",
    "TCF7": "AGATCAAAGG",
    "HNF1": "GTTAATNATTAAC",
    "MYB": "GRCNGTTGG",
}
"""Well-known motifs of transcription factors as consensus in IUPAC letters, A, C, G, T."""

_LETTERS = {
    **{base: base for base in "ACGT"},
    **{"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC", "N": "ACGT"},
}
_ORDERS = tuple(itertools.permutations(range(4)))
_CLEAR = 2.0  # times as alike as in any other order
_ALARM = 2.5  # the same, for an order that is not the one the bases are read in
_ALIKE = 0.65  # of the most similar filter
_POWER = 8  # of similarities: few strong ones tell more than many weak ones
_FILTERS, _AT_ONCE = 256, 32
_SHORTEST = 6  # bases of overlap that count as a whole motif


class Alikeness(NamedTuple):
    """How much filters look like known motifs in each order of the bases.

    Attributes
    ----------
    orders : tuple of str
        What A, C, G and T, as they are read, would be; the first is ACGT itself.
    alike : float array (order,)
    similarity : float array (order, motif, filter)
        Cosine of filter and motif at their best offset, -1 to 1.
    """

    orders: tuple[str, ...]
    alike: NDArray[np.float64]
    similarity: NDArray[np.float64]


def base_order(network: Network, kernel: NDArray[np.float32]) -> Finding:
    """Say in which order the bases are, when the filters tell it.

    *Choice:* similarity is the cosine between a filter, less its mean over the bases, and a motif
    or its reverse complement. An order is as alike as the sum over filters of their size times the
    eighth power of their highest similarity. It is told only when it is twice as alike as any other
    and one filter has a similarity of 0.65; an order other than the one that they are read in needs
    to be 2.5 times as alike, for a false alarm costs more than a missing one. An order read
    backwards is the same as that of the complements read forwards, so 24 orders cover both
    directions. `bench/base_order.py` tells how often this is right.

    Parameters
    ----------
    network : Network
    kernel : float32 array (filter, base, offset)
        First filters, bases in the network's alphabet.
    """
    rows = [network.alphabet.index(base) for base in "ACGT"]
    found = alikeness(kernel[:, rows])
    best, second = np.argsort(-found.alike, kind="stable")[:2]
    times = _times(ratio := float(found.alike[best]) / max(float(found.alike[second]), 1e-300))
    highest = float(found.similarity[best].max())
    needed = _ALARM if best else _CLEAR
    if ratio < needed or highest < _ALIKE:
        return Finding(
            "The order of the bases cannot be told from the filters.",
            f"They look at most {times} times as much like {len(MOTIFS)} known motifs in one order "
            f"as in any other, and {needed:g} times would be evidence; the closest are "
            f"{_looks(found.similarity[0])}.",
            "Compare the prediction for a sequence you know with that for a shuffled one.",
        )
    evidence = (
        f"In this order the filters look {times} times as much like {len(MOTIFS)} known motifs as "
        f"in any other; the closest are {_looks(found.similarity[best])}."
    )
    if best == 0:
        order = ", ".join(network.alphabet)
        return Finding(f"The order of the bases is {order}.", evidence, "Nothing to do.")
    return _otherwise(network, found.orders[best], evidence)


def alikeness(kernel: NDArray[np.float32]) -> Alikeness:
    """Compare filters with known motifs in each order of the bases.

    Parameters
    ----------
    kernel : float32 array (filter, base, offset)
        Bases in the order A, C, G, T; of many filters the 256 largest count.
    """
    centred = kernel - kernel.mean(axis=1, keepdims=True, dtype=np.float64)
    sizes = np.sqrt(np.square(centred).sum(axis=(1, 2)))
    largest = np.sort(np.argsort(-sizes, kind="stable")[:_FILTERS])
    sizes = sizes[largest]
    unit = centred[largest] / np.maximum(sizes, 1e-30)[:, None, None]
    filters = torch.from_numpy(unit.astype(np.float32))
    motifs = _motifs()
    reach = motifs.shape[2] - 1
    inside = pad(torch.ones(1, 1, kernel.shape[2]), (reach, reach))
    overlap = conv1d(inside, motifs.square().sum(1, keepdim=True)).clamp(min=_SHORTEST * 0.6)
    parts = []
    for some in filters.split(_AT_ONCE):
        products = conv1d(pad(some, (reach, reach)), motifs) / overlap.sqrt()
        parts.append(products.amax(2))
    similarity = torch.cat(parts).numpy().astype(np.float64)
    similarity = similarity.T.reshape(len(_ORDERS), len(MOTIFS), 2, -1).max(axis=2)
    alike = (sizes * np.maximum(similarity.max(axis=1), 0) ** _POWER).sum(axis=1)
    orders = tuple("".join("ACGT"[row] for row in order) for order in _ORDERS)
    return Alikeness(orders, alike, similarity)


def complement(order: str) -> str:
    """Return the order of the complements."""
    return order.translate(str.maketrans("ACGT", "TGCA"))


def _otherwise(network: Network, order: str, evidence: str) -> Finding:
    """Say that the bases seem to be in another order than they are read in."""
    alphabet = "".join(order["ACGT".index(base)] for base in network.alphabet)
    backwards = complement(alphabet)
    if backwards == network.alphabet:
        return Finding(
            "The kernels seem to be read backwards.",
            evidence.replace("In this order", "Read the other way"),
            f"Flip the kernels; where they are right, the order of the bases is {alphabet}.",
        )
    return Finding(
        f"The order of the bases seems to be {', '.join(alphabet)}, not "
        f"{', '.join(network.alphabet)}.",
        evidence,
        f"Set the order to {alphabet}; {backwards} with flipped kernels looks the same.",
    )


def _motifs() -> torch.Tensor:
    """Return (order * motif * strand, base, offset), each less a quarter, filled with zeros."""
    length = max(map(len, MOTIFS.values()))
    made = []
    for consensus in MOTIFS.values():
        matrix = np.array(
            [[(base in _LETTERS[x]) / len(_LETTERS[x]) for x in consensus] for base in "ACGT"]
        )
        for strand in (matrix, matrix[::-1, ::-1]):
            made.append(np.pad(strand - 0.25, ((0, 0), (0, length - len(consensus)))))
    both = np.stack(made)
    return torch.from_numpy(np.concatenate([both[:, list(order)] for order in _ORDERS])).float()


def _times(ratio: float) -> str:
    """Return a ratio in words; a million stands for all that is larger."""
    return f"{ratio:.1f}" if ratio < 10 else f"{min(ratio, 1e6):,.0f}"


def _looks(similarity: NDArray[np.float64]) -> str:
    """Name the motifs that some filter looks like, the most similar first."""
    highest = similarity.max(axis=1)
    names = list(MOTIFS)
    best = np.argsort(-highest, kind="stable")[:3]
    return ", ".join(f"{names[k]} ({highest[k]:.2f})" for k in best)
