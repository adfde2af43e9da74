"""Known motifs from the JASPAR releases that pyjaspar carries; works offline."""

from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from deepresolve_dash.errors import DeepResolveError

LATEST = "JASPAR2026"
OF_THE_PAPER = "JASPAR2016"
COLLECTIONS = ("CORE", "UNVALIDATED")
TAX_GROUPS = ("vertebrates", "plants", "insects", "nematodes", "fungi", "urochordates")
PSEUDOCOUNT = 0.01


@dataclass(frozen=True)
class Motif:
    """A known motif.

    Parameters
    ----------
    id : str
        Matrix id with its version, such as `MA0139.1`.
    name : str
        Name of the factor.
    pwm : float64 array (offset, base), rows sum to 1
    """

    id: str
    name: str
    pwm: np.ndarray


def jaspar_motifs(
    release: str = LATEST,
    *,
    collection: str = "CORE",
    tax_group: str = "vertebrates",
    ids: Collection[str] | None = None,
) -> dict[str, Motif]:
    """Return the motifs of a JASPAR release by id.

    Counts become probabilities after 0.01 is added to a position, a quarter of it to each base, so
    that no probability is 0.

    Parameters
    ----------
    release : str
        `JASPAR2026` by default; `JASPAR2016` is the paper's.
    collection : {"CORE", "UNVALIDATED"}
    tax_group : {"vertebrates", "plants", "insects", "nematodes", "fungi", "urochordates"}
    ids : collection of str, optional
        Matrix ids with versions; without them, the latest version of every motif.

    Returns
    -------
    dict of str to Motif, in the order of the release

    Raises
    ------
    DeepResolveError
        When the release is not at hand, or there is no such part of it or no such motif.
    """
    from pyjaspar import jaspar_releases, jaspardb  # opens nothing until a release is asked for

    _check_one_of(release, jaspar_releases, "JASPAR release")
    _check_one_of(collection, COLLECTIONS, "collection")
    _check_one_of(tax_group, TAX_GROUPS, "group of species")
    database = jaspardb(release=release)
    with closing(database.conn):
        found = database.fetch_motifs(
            collection=collection, tax_group=[tax_group], all_versions=ids is not None
        )
    motifs = {record.matrix_id: _motif(record) for record in found}
    return motifs if ids is None else _chosen(motifs, ids, release)


def _check_one_of(value: str, allowed: Iterable[str], what: str) -> None:
    """Refuse a value that the database does not know."""
    if value not in allowed:
        raise DeepResolveError(f"There is no {what} '{value}'.", f"Choose {', '.join(allowed)}.")


def _motif(record) -> Motif:  # a Bio.motifs.jaspar.Motif
    """Turn the counts of a database record into probabilities."""
    counts = np.array([record.counts[base] for base in "ACGT"], dtype=np.float64).T
    counts += PSEUDOCOUNT / 4
    return Motif(record.matrix_id, record.name, counts / counts.sum(axis=1, keepdims=True))


def _chosen(motifs: dict[str, Motif], ids: Collection[str], release: str) -> dict[str, Motif]:
    """Return the motifs of these ids, all of which must exist."""
    missing = sorted(set(ids) - motifs.keys())
    if missing:
        raise DeepResolveError(
            f"{release} has no motif {', '.join(missing)}.",
            "Ids have a version, such as MA0139.1.",
        )
    return {motif_id: motif for motif_id, motif in motifs.items() if motif_id in set(ids)}
