"""Sequence sets and label files that runs name by hash: kept once in the state folder."""

import gzip
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError, SequenceError, SettingsError
from deepresolve_dash.networks.genomes import region_sequences, window
from deepresolve_dash.networks.regions import is_bed, read_bed
from deepresolve_dash.networks.sequences import iterate_fasta, read_fasta
from deepresolve_dash.runs.labels import read_labels
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.whole_file import write_whole

SEQUENCES, LABELS = "sequences", "labels"
MOST_SEQUENCES = 200 * 2**20  # characters of a sequence set, unpacked
MOST_LABELS = 64 * 2**20  # bytes of a label file, which is read as a whole
_PACKING = 5  # of gzip; higher takes far longer and packs letters hardly better
_SUFFIX = {SEQUENCES: ".fa.gz", LABELS: ".tsv"}


class InputNotFound(DeepResolveError):
    """No sequence set or label file has this hash."""


@dataclass(frozen=True)
class StoredInput:
    """One file of sequences or labels.

    Attributes
    ----------
    hash : str
        What a run's spec holds.
    name : str
        What the user calls it.
    n : int
        Sequences in it.
    kind : {"sequences", "labels"}
    added : float
        Epoch seconds.
    """

    hash: str
    name: str
    n: int
    kind: str
    added: float = 0.0


class InputStore:
    """Files `sequences/HASH.fa.gz` and `labels/HASH.tsv`, each with what is known of it as JSON."""

    def __init__(self, folder: Path) -> None:
        """Keep the files below the state folder, which is made when the first one comes."""
        self.folder = Path(folder)

    def add_sequences(self, path: Path, name: str) -> StoredInput:
        """Keep the sequences of a FASTA file; the same set is kept once, under its last name.

        Raises
        ------
        SequenceError
            When the file cannot be used.
        """
        return self._keep_sequences(iterate_fasta(path, most=MOST_SEQUENCES), name)

    def add_regions(self, path: Path, name: str, genome: Path, *, at_least: int = 0) -> StoredInput:
        """Keep the sequences of the regions of a BED file, as `add_sequences`.

        Parameters
        ----------
        path : Path
        name : str
        genome : Path
            FASTA that the regions are read from.
        at_least : int
            Length to which shorter regions are widened, and that is read around summits, bp.

        Raises
        ------
        SequenceError
            When the regions or the genome cannot be used.
        """
        regions = read_bed(path)
        n = sum(end - start for start, end in (window(region, at_least) for region in regions))
        if n > MOST_SEQUENCES:
            raise SequenceError(
                f"The regions of {path} are {n // 2**20:,} million letters.",
                f"At most {MOST_SEQUENCES >> 20} million are kept; take fewer regions.",
            )
        return self._keep_sequences(region_sequences(regions, genome, at_least=at_least), name)

    def _keep_sequences(self, reads: Iterable[tuple[str, str]], name: str) -> StoredInput:
        """Keep sequences one by one; the last of two equal sets gives the name."""
        place = self.folder / SEQUENCES
        make_private(place)
        with tempfile.TemporaryDirectory(prefix=".intake-", dir=place) as made:
            half = Path(made) / "half"
            found_hash, n = _copy_sequences(reads, half)
            found = StoredInput(found_hash, name, n, SEQUENCES, time.time())
            os.replace(half, self.path(found))
        return self._describe(found)

    def add_given(
        self, path: Path, *, genome: Path | None = None, at_least: int = 0
    ) -> StoredInput:
        """Keep the sequences of a file that a command names, as `read_sequences` reads them."""
        if not path.is_file() or not is_bed(path, path.name):
            return self.add_sequences(path, path.name)
        genome = _named(genome, path)
        return self.add_regions(path, f"{path.name} in {genome.stem}", genome, at_least=at_least)

    def add_labels(
        self, path: Path, name: str, class_names: Sequence[str], chosen: Sequence[int]
    ) -> StoredInput:
        """Keep a label file.

        Parameters
        ----------
        path : Path
        name : str
        class_names : sequence of str
            Names of all classes of the output.
        chosen : sequence of int
            Output indices that need a column.

        Raises
        ------
        SettingsError
            When it is not a table of labels, or a chosen class has no column.
        """
        if Path(path).stat().st_size > MOST_LABELS:
            raise SettingsError(
                f"The label file is larger than {MOST_LABELS >> 20} MB.",
                "Take fewer sequences, or only the columns of the classes that are resolved.",
            )
        table = read_labels(path, chosen, [class_names[index] for index in chosen])
        text = Path(path).read_text(encoding="utf-8-sig")
        found = StoredInput(labels_hash(text), name, len(table), LABELS, time.time())
        return self._keep(found, text.encode())

    def open(self, input_hash: str) -> StoredInput:
        """Return what is known of a file.

        Raises
        ------
        InputNotFound
            When there is none of this hash.
        """
        for kind in _SUFFIX:
            about = self.folder / kind / f"{input_hash}.json"
            if input_hash.isalnum() and about.is_file():
                return _read(about)
        raise InputNotFound("The sequences or labels of this run are not here.", "Add them again.")

    def path(self, stored: StoredInput) -> Path:
        """Return the file itself."""
        return self.folder / stored.kind / (stored.hash + _SUFFIX[stored.kind])

    def list(self) -> list[StoredInput]:
        """Return all files, newest first."""
        abouts = [about for kind in _SUFFIX for about in (self.folder / kind).glob("*.json")]
        return sorted((_read(about) for about in abouts), key=lambda s: s.added, reverse=True)

    def _keep(self, stored: StoredInput, content: bytes) -> StoredInput:
        """Write a file, then what is known of it, each in one step."""
        path = self.path(stored)
        make_private(path.parent)
        if not path.is_file():
            write_whole(path, content)
        return self._describe(stored)

    def _describe(self, stored: StoredInput) -> StoredInput:
        """Write what is known of a file."""
        about = self.path(stored).with_name(f"{stored.hash}.json")
        write_whole(about, json.dumps(asdict(stored)).encode())
        return stored


def read_sequences(
    path: Path, *, genome: Path | None = None, at_least: int = 0
) -> list[tuple[str, str]]:
    """Read a FASTA file, or the regions of a BED file from their genome.

    Parameters
    ----------
    path : Path
    genome : Path, optional
        FASTA; needed for regions only.
    at_least : int
        Length to which shorter regions are widened, bp.

    Raises
    ------
    SequenceError
        When the file or the genome cannot be used, or regions have no genome.
    """
    if not Path(path).is_file() or not is_bed(path, Path(path).name):
        return read_fasta(path)
    return list(region_sequences(read_bed(path), _named(genome, path), at_least=at_least))


def _named(genome: Path | None, path: Path) -> Path:
    """Return the genome of a file of regions, which must be named."""
    if genome is None:
        raise SequenceError(f"{path} holds regions of a genome.", "Name the genome with --genome.")
    return genome


def sequences_hash(reads: Iterable[tuple[str, str]]) -> str:
    """Return the identity of a sequence set: identifiers and letters, in order."""
    digest = hashlib.sha256()
    for place, read in enumerate(reads):
        digest.update(_line(place, *read))
    return digest.hexdigest()


def labels_hash(text: str) -> str:
    """Return the identity of a label file: its text."""
    return hashlib.sha256(text.removeprefix("\ufeff").encode()).hexdigest()


def _line(place: int, identifier: str, letters: str) -> bytes:
    """Return what a sequence adds to the identity of its set."""
    return (("\n" if place else "") + f"{identifier}\t{letters}").encode()


def _copy_sequences(reads: Iterable[tuple[str, str]], to: Path) -> tuple[str, int]:
    """Write sequences one by one; return their identity and number."""
    digest, n = hashlib.sha256(), 0
    with to.open("xb") as raw, gzip.GzipFile("", "wb", _PACKING, raw, mtime=0) as file:
        for n, (identifier, letters) in enumerate(reads, 1):
            digest.update(_line(n - 1, identifier, letters))
            file.write(f">{identifier}\n{letters}\n".encode())
    return digest.hexdigest(), n


def _read(about: Path) -> StoredInput:
    try:
        return StoredInput(**json.loads(about.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{about} cannot be read: {error}.", "Add the file again.") from None
