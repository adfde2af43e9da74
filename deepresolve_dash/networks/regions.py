"""Regions of a genome: BED files, plain or gzip, read line by line; without torch."""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.networks.sequences import open_text

MOST_REGIONS = 200_000
LONGEST_REGION = 10 * 2**20  # bp: a chromosome is no input of a network
_MOST_CHARACTERS = 200 * 2**20  # of a file, unpacked
_LONGEST_LINE = 2**16  # characters
_LONGEST_NAME = 200
_ENDINGS = (".bed", ".narrowpeak", ".broadpeak", ".gappedpeak")
_PEAK_COLUMNS = 10  # of narrowPeak, whose last one is the summit
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?inf|nan", re.IGNORECASE)
_HOW = "A region is chromosome, start and end, set apart by tabs; a heading begins with #."


@dataclass(frozen=True)
class Region:
    """A stretch of a chromosome.

    Attributes
    ----------
    chromosome : str
    start, end : int
        The first base, counted from 0, and the first one behind it.
    reverse : bool
        Whether the minus strand is meant.
    name : str
        What its sequence is called.
    line : int
        Where in the file it stands, counted from 1.
    summit : int or None
        The base of a peak that is highest, counted as `start`; None where it is not told.
    """

    chromosome: str
    start: int
    end: int
    reverse: bool
    name: str
    line: int
    summit: int | None = None

    @property
    def place(self) -> str:
        """Chromosome, start and end as bedtools writes them, and the strand if it is minus."""
        return f"{self.chromosome}:{self.start}-{self.end}{'(-)' if self.reverse else ''}"


def is_bed(path: Path | str, name: str) -> bool:
    """Say whether a file holds regions rather than sequences.

    Parameters
    ----------
    path : Path or str
    name : str
        What the user calls it; its ending decides where the first line does not.
    """
    try:
        with open_text(Path(path)) as handle:
            first = next((line for _, line in _told(_lines(handle, path))), "")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, SequenceError):
        first = ""
    if first.startswith((">", ";")):
        return False
    fields = _fields(first)
    if len(fields) >= 3 and fields[1].isdecimal() and fields[2].isdecimal():
        return True
    return name.lower().removesuffix(".gz").endswith(_ENDINGS)


def read_bed(path: Path | str) -> list[Region]:
    """Read the regions of a BED file of three or more columns, or of peaks.

    A narrowPeak file (ten columns, numbers in the last four) tells the summit of each peak in the
    last one: bases behind its start, -1 where there is none.

    *Choice:* a sequence is called as the fourth column says where every region has a name of its
    own there, else by its place (as bedtools does). Strand is followed: a region with - in the
    sixth column is read as its reverse complement.

    Raises
    ------
    SequenceError
        When the file is missing, broken, of no or too many regions, a line is no region, or a
        region is too long or appears twice.
    """
    path = Path(path)
    regions: list[Region] = []
    try:
        with open_text(path) as handle:
            for number, line in _told(_lines(handle, path)):
                regions.append(_region(number, line, path))
                if len(regions) > MOST_REGIONS:
                    raise SequenceError(
                        f"{path} holds more than {MOST_REGIONS:,} regions.",
                        "Take a part of them: some thousand are enough.",
                    )
    except FileNotFoundError:
        raise SequenceError(f"There is no file {path}.") from None
    except EOFError:
        raise SequenceError(f"{path} is cut off.", "Copy or download it again.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise SequenceError(f"{path} is damaged.", "Copy or download it again.") from None
    except UnicodeDecodeError:
        raise SequenceError(f"{path} is not a text file of regions.", "Give BED.") from None
    except OSError as error:
        raise SequenceError(f"{path} cannot be read as BED: {error}") from None
    if not regions:
        raise SequenceError(f"{path} holds no regions.", _HOW)
    return _named(regions, path)


def _lines(handle: Iterable[str], path: Path | str) -> Iterator[tuple[int, str]]:
    """Give out the lines with their numbers, until there are too many characters."""
    n = number = 0
    while line := handle.readline(_LONGEST_LINE):  # type: ignore[attr-defined]
        n, number = n + len(line), number + 1
        if len(line) == _LONGEST_LINE:
            raise SequenceError(f"Line {number} of {path} is too long for a region.", _HOW)
        if n > _MOST_CHARACTERS:
            raise SequenceError(
                f"{path} holds more than {_MOST_CHARACTERS // 2**20} million characters.",
                "Take a part of the regions: some thousand are enough.",
            )
        yield number, line.rstrip("\r\n")


def _told(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Leave out empty lines, remarks, and what tells a browser how to draw."""
    for number, line in lines:
        words = line.split(maxsplit=1)
        if words and not line.startswith("#") and words[0] not in ("track", "browser"):
            yield number, line


def _fields(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def _region(number: int, line: str, path: Path) -> Region:
    """Read one line."""
    fields = [field.strip() for field in _fields(line)]
    numbers = fields[1:3]
    whole = len(numbers) == 2 and all(one.isascii() and one.isdecimal() for one in numbers)
    if not whole or not fields[0] or len(max(numbers, key=len)) > 12:
        shown = ascii(line[:40])
        raise SequenceError(f"Line {number} of {path} is {shown}, which is no region.", _HOW)
    start, end = int(numbers[0]), int(numbers[1])
    if end <= start:
        raise SequenceError(
            f"The region in line {number} of {path} starts at {start} and ends at {end}.",
            "A region ends behind its start.",
        )
    if end - start > LONGEST_REGION:
        raise SequenceError(
            f"The region in line {number} of {path} has {end - start:,} bp.",
            f"At most {LONGEST_REGION:,} are read; cut it into what the network reads.",
        )
    name = "_".join(fields[3].split()) if len(fields) > 3 else ""
    reverse = len(fields) > 5 and fields[5] == "-"
    behind = _summit(fields)
    if behind is not None and behind >= end - start:
        raise SequenceError(
            f"The summit in line {number} of {path} is {behind:,} bp behind the start of a region "
            f"of {end - start:,} bp.",
            "The last column of narrowPeak counts from the start; -1 where there is no summit.",
        )
    summit = None if behind is None else start + behind
    return Region(fields[0], start, end, reverse, name, number, summit)


def _summit(fields: Sequence[str]) -> int | None:
    """Return how many bases behind its start a peak is highest; None where that is not told."""
    *measured, last = fields[-4:]
    if len(fields) != _PEAK_COLUMNS or not all(_NUMBER.fullmatch(one) for one in measured):
        return None
    return int(last) if last.isascii() and last.isdecimal() and len(last) <= 12 else None


def _named(regions: Sequence[Region], path: Path) -> list[Region]:
    """Name regions by their own names, or by their places when those do not tell them apart."""
    names = {region.name for region in regions}
    fit = all(name not in ("", ".") and len(name) <= _LONGEST_NAME for name in names)
    if fit and len(names) == len(regions):
        return list(regions)
    seen: dict[tuple[str, int | None], int] = {}
    for region in regions:
        first = seen.setdefault((region.place, region.summit), region.line)
        if first != region.line:
            raise SequenceError(
                f"The region {region.place} is in line {first} and line {region.line} of {path}.",
                "Give it once, or give every region a name of its own in the fourth column.",
            )
    alone = len({region.place for region in regions}) == len(regions)
    places = [one.place if alone else f"{one.place}@{one.summit}" for one in regions]
    return [replace(one, name=place) for one, place in zip(regions, places, strict=True)]
