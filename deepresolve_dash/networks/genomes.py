"""Genomes that the server's admin has placed in a folder, read region by region; without torch."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pyfaidx import Faidx, FastaIndexingError

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.networks.regions import Region

_ENDINGS = (".fa", ".fasta", ".fna")
_PACKED = (".gz", ".bgz", ".bz2", ".zip", ".xz")
_PAIRS = str.maketrans("ACGT", "TGCA")
_SHOWN = 3  # names of chromosomes in a sentence


def list_genomes(folder: Path) -> list[Path]:
    """Return the genomes in a folder by name: its FASTA files that are not packed."""
    try:
        found = [path for path in Path(folder).iterdir() if path.suffix.lower() in _ENDINGS]
        return sorted(path for path in found if path.is_file() and path.name[0] != ".")
    except OSError:
        return []


def find_genome(folder: Path, name: str) -> Path:
    """Return a genome by the name of its file; the only one there is needs no name.

    Raises
    ------
    SequenceError
        When there is none, none of this name, or several and no name.
    """
    genomes = list_genomes(folder)
    if not genomes:
        raise SequenceError(
            "These are regions, and this server has no genome to read them from.",
            "Give their sequences as FASTA, or ask for a genome in the folder of DRD_GENOMES.",
        )
    if not name and len(genomes) == 1:
        return genomes[0]
    if not name:
        raise SequenceError("These are regions of a genome.", "Choose the genome first.")
    for path in genomes:
        if path.name == name:
            return path
    raise SequenceError(
        f"There is no genome {name[:80]} here.", f"Choose {_some([path.name for path in genomes])}."
    )


def region_sequences(
    regions: Sequence[Region], genome: Path, *, at_least: int = 0
) -> Iterator[tuple[str, str]]:
    """Read the sequences of regions from a genome, which is never loaded as a whole.

    *Choice:* a region shorter than the network's input is widened on both sides to it, so that
    the network sees the true neighbourhood instead of N. Of a peak with a summit, what the network
    reads around the summit is taken, whatever the peak's length. Letters other than A, C, G, T
    are N.

    Parameters
    ----------
    regions : sequence of Region
    genome : Path
        FASTA; its index NAME.fai beside it is made if it is missing or older.
    at_least : int
        Length to which shorter regions are widened, and that is read around a summit, bp; N stands
        beyond the chromosome's ends.

    Yields
    ------
    identifier, sequence : str
        Upper case, in the order of the regions.

    Raises
    ------
    SequenceError
        Before the first sequence: when the genome cannot be read, or a region is not in it.
    """
    _make_index(genome)
    try:
        with Faidx(
            genome, rebuild=False, build_index=False, as_raw=True, sequence_always_upper=True
        ) as letters:
            lengths = {name: record.rlen for name, record in letters.index.items()}
            for region in regions:
                _check_inside(region, lengths, genome.name)
            for region in regions:
                start, end = window(region, at_least)
                inside = max(start, 0), min(end, lengths[region.chromosome])
                read = str(letters.fetch(region.chromosome, inside[0] + 1, inside[1]))
                if len(read) != inside[1] - inside[0]:
                    raise ValueError("its index is that of another file")
                read = re.sub("[^ACGT]", "N", read.replace("U", "T"))
                read = "N" * (inside[0] - start) + read + "N" * (end - inside[1])
                yield region.name, read.translate(_PAIRS)[::-1] if region.reverse else read
    except (OSError, ValueError, TypeError, IndexError, KeyError, FastaIndexingError) as error:
        raise SequenceError(
            f"The genome {genome.name} cannot be read: {_plainly(error, genome)}.",
            f"Ask for a new index: samtools faidx {genome.name}",
        ) from None


def window(region: Region, length: int) -> tuple[int, int]:
    """Return start and end of what is read of a region.

    Without a summit it has at least this length and the middle of the region. With one it has this
    length (0: that of the region), and its middle is the summit: base `length // 2` as it is read.
    """
    if region.summit is not None:
        length = length or region.end - region.start
        before = length // 2 if not region.reverse else length - 1 - length // 2
        return region.summit - before, region.summit - before + length
    missing = max(0, length - (region.end - region.start))
    # what is cropped of a longer one is split the same way
    before = missing // 2 if not region.reverse else missing - missing // 2
    return region.start - before, region.end + missing - before


def _check_inside(region: Region, lengths: dict[str, int], genome: str) -> None:
    """Refuse a region that is not in the genome."""
    if region.chromosome not in lengths:
        other = region.chromosome.removeprefix("chr")
        other = f"chr{other}" if other == region.chromosome else other
        known = f"'{other}'" if other in lengths else _some(list(lengths))
        raise SequenceError(
            f"Line {region.line} names the chromosome '{region.chromosome[:80]}', which is not in "
            f"{genome}.",
            f"The genome has {known}.",
        )
    length = lengths[region.chromosome]
    if region.end > length:
        raise SequenceError(
            f"The region {region.place} in line {region.line} ends outside the chromosome, which "
            f"has {length:,} bp in {genome}.",
            "Choose the assembly that the regions are of.",
        )


def _make_index(genome: Path) -> None:
    """Make the index of a genome if it is missing or older; in one step, whoever else does."""
    index = genome.with_name(f"{genome.name}.fai")
    if not genome.is_file():
        raise SequenceError(f"There is no genome {genome}.", "Name a FASTA file.")
    if genome.suffix.lower() in _PACKED:
        raise SequenceError(f"The genome {genome.name} is packed.", "Unpack it.")
    try:
        if index.is_file() and index.stat().st_mtime >= genome.stat().st_mtime:
            return
        with tempfile.TemporaryDirectory(prefix=".index-", dir=genome.parent) as made:
            Faidx(genome, indexname=Path(made) / "fai").close()
            os.replace(Path(made) / "fai", index)
    except OSError:
        raise SequenceError(
            f"The genome {genome.name} has no index, and none can be written beside it.",
            f"Ask for one: samtools faidx {genome.name}",
        ) from None
    except (FastaIndexingError, ValueError) as error:
        raise SequenceError(
            f"{genome.name} is no genome that can be indexed: {_plainly(error, genome)}."
        ) from None


def _plainly(error: Exception, genome: Path) -> str:
    """Return what an error says, without where the genome lies."""
    return " ".join(str(error).replace(str(genome), genome.name).split()).rstrip(".")


def _some(names: Sequence[str]) -> str:
    """Return the first few names in words."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(f"'{name}'" for name in names[:_SHOWN]) + more
