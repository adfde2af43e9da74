"""Sets of known motifs to match against: a part of JASPAR, or a MEME file."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.motifs.jaspar import LATEST, Motif, jaspar_motifs
from deepresolve_dash.motifs.matching import MIN_TARGETS

MOST_BYTES = 64 * 2**20
MOST_MOTIFS = 20_000
_WIDEST = 200  # positions of a motif
_OFF = 0.02  # that the probabilities of a position may miss 1 by
_WANTED = "Give motifs in MEME's minimal format, with letter-probability matrices over A C G T."


@dataclass(frozen=True)
class Database:
    """Which known motifs are meant.

    Attributes
    ----------
    release, collection, tax_group : str
        A part of JASPAR; empty for a file.
    file_hash : str
        sha256 of a MEME file's bytes; empty for JASPAR.
    name : str
        Of the file; not part of the identity.
    """

    release: str = LATEST
    collection: str = "CORE"
    tax_group: str = "vertebrates"
    file_hash: str = ""
    name: str = ""

    @property
    def id(self) -> str:
        """Content hash."""
        text = json.dumps({**asdict(self), "name": ""}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def title(self) -> str:
        """Name to be read."""
        if self.file_hash:
            return self.name or "MEME file"
        return f"{self.release} {self.collection} {self.tax_group}"


def jaspar_database(
    release: str = LATEST, collection: str = "CORE", tax_group: str = "vertebrates"
) -> Database:
    """Return a part of JASPAR as a database."""
    return Database(release, collection, tax_group)


def file_database(path: Path, *, name: str | None = None) -> Database:
    """Return a MEME file as a database; the file is read and checked.

    Raises
    ------
    DeepResolveError
        When it cannot be used.
    """
    read_meme(path, name=name)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return Database("", "", "", digest, name or Path(path).name)


def database_motifs(database: Database, path: Path | None = None) -> dict[str, Motif]:
    """Return the motifs of a database.

    Parameters
    ----------
    database : Database
    path : Path, optional
        The MEME file, when it is one.

    Raises
    ------
    DeepResolveError
        When there is no such part of JASPAR, or the file cannot be used or is another one.
    """
    if not database.file_hash:
        return jaspar_motifs(
            database.release, collection=database.collection, tax_group=database.tax_group
        )
    if path is None or not Path(path).is_file():
        raise DeepResolveError(
            f"The motif file {database.title} is not here any more.", "Add it again."
        )
    if hashlib.sha256(Path(path).read_bytes()).hexdigest() != database.file_hash:
        raise DeepResolveError(f"The motif file {database.title} has changed.", "Add it again.")
    return read_meme(path)


def read_meme(path: Path, *, name: str | None = None) -> dict[str, Motif]:
    """Read known motifs from a file in MEME's minimal format.

    Rows are divided by their sum, since files round.

    Parameters
    ----------
    path : Path
    name : str, optional
        What the user calls it.

    Returns
    -------
    dict of str to Motif, in the order of the file

    Raises
    ------
    DeepResolveError
        When the file is missing, too large, not such a file, over another alphabet, when a motif
        is broken or named twice, or when there are fewer than 25 of them.
    """
    path, called = Path(path), name or Path(path).name
    motifs: dict[str, Motif] = {}
    for motif in _parse(_lines(path, called), called):
        if motif.id in motifs:
            raise _broken(called, f"the motif '{motif.id}' is there twice")
        motifs[motif.id] = motif
        if len(motifs) > MOST_MOTIFS:
            raise _broken(called, f"there are more than {MOST_MOTIFS} motifs")
    if not motifs:
        raise _broken(called, "there is no motif in it")
    if len(motifs) < MIN_TARGETS:
        raise DeepResolveError(
            f"{called} holds {len(motifs)} motifs: p-values need {MIN_TARGETS} or more.",
            "Add the motif to a whole collection and match against that.",
        )
    return motifs


def _lines(path: Path, name: str) -> list[str]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DeepResolveError(f"{name} is larger than {MOST_BYTES >> 20} MB.", _WANTED)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DeepResolveError(
            f"There is no file {path}.", "Give jaspar, or a MEME file."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise _broken(name, "it is not a text file") from None
    return text.splitlines()


def _parse(lines: list[str], name: str) -> Iterator[Motif]:
    """Yield the motifs of a file, line by line."""
    if not any(line.startswith("MEME version") for line in lines[:50]):
        raise _broken(name, "it does not begin with 'MEME version'")
    at, title = 0, ""
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if line.startswith("ALPHABET") and re.sub(r"\W", "", line[8:]).upper() != "ACGT":
            raise _broken(name, "its alphabet is not ACGT")
        if line.startswith("MOTIF"):
            title = line[5:].strip()
            if not title:
                raise _broken(name, f"line {at} names no motif")
        elif line.startswith("letter-probability matrix"):
            found = re.search(r"\bw=\s*(\d+)", line)
            width = int(found.group(1)) if found and len(found.group(1)) < 5 else 0
            if not title or not 0 < width <= _WIDEST:
                raise _broken(name, f"line {at} is no matrix of 1 to {_WIDEST} positions")
            yield _motif(title, lines[at : at + width], width, name)
            at, title = at + width, ""


def _motif(title: str, rows: list[str], width: int, name: str) -> Motif:
    """Turn the rows of a matrix into a motif."""
    identifier, *rest = title.split()
    alternative = " ".join(rest)
    try:
        matrix = np.array([[float(value) for value in row.split()] for row in rows])
    except ValueError:
        matrix = np.empty(0)
    good = matrix.shape == (width, 4) and bool(np.isfinite(matrix).all() and (matrix >= 0).all())
    if not good or not (np.abs(matrix.sum(axis=1) - 1) <= _OFF).all():
        raise _broken(name, f"the motif '{identifier}' is not {width} rows of four probabilities")
    return Motif(identifier, alternative or identifier, matrix / matrix.sum(axis=1, keepdims=True))


def _broken(name: str, why: str) -> DeepResolveError:
    return DeepResolveError(f"{name} cannot be used: {why}.", _WANTED)
