"""A zip of files that is the same for the same files, and reading one that came from anywhere.

Nothing is unpacked to the disk: a member is looked up by the name that is expected, never used as
the name of a file.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
_MODE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3
MOST_FILES, LARGEST_FILE, LARGEST = 40, 128 * 2**20, 192 * 2**20  # bytes, unpacked
_START = b"PK\x03\x04"
_CUT = "Its end is missing or damaged: get it again."


class NotSealed(DeepResolveError):
    """A file is no zip that can be looked into."""


@dataclass(frozen=True)
class Damage:
    """Something that is not as it was made: the file in the zip, and what is wrong in words."""

    file: str
    wrong: str


@dataclass(frozen=True)
class Unpacked:
    """The files of a zip by their names, and what is damaged."""

    files: dict[str, bytes]
    damages: tuple[Damage, ...]


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip, in their order.

    *Choice:* without compression and dates, so that the same files are the same zip wherever it is
    made, and a single changed byte can be told; most of it is numbers that hardly shrink.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system, entry.external_attr = _UNIX, _MODE
            archive.writestr(entry, content)
    return made.getvalue()


def unpack(path: Path) -> Unpacked:
    """Read all files of a zip into memory, whatever its maker meant it to do.

    A zip whose files are whole and that was not packed like this is taken as packed again by
    another program, when all dates say so; else the byte that differs is looked for.

    Raises
    ------
    NotSealed
        When it is no zip, is cut short, or holds more than can be looked at.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise NotSealed(
            f"{path} is larger than {LARGEST >> 20} MB.", "No such bundle is made by this program."
        )
    raw = path.read_bytes()
    if not raw.startswith(_START[:2]):
        raise NotSealed(f"{path} is not a zip file.", "Name the bundle as it was saved.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _unpacked(archive, raw, path)
    except (zipfile.BadZipFile, ValueError, OverflowError, UnicodeDecodeError) as error:
        raise NotSealed(f"{path} cannot be read as a zip file: {error}.", _CUT) from None


def _unpacked(archive: zipfile.ZipFile, raw: bytes, path: Path) -> Unpacked:
    """Read an open zip."""
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES or total > LARGEST:
        raise NotSealed(
            f"{path} holds {len(entries)} files of {total >> 20} MB.",
            f"A bundle holds at most {MOST_FILES} files of {LARGEST >> 20} MB together.",
        )
    files: dict[str, bytes] = {}
    damages = []
    for entry in entries:
        try:
            if entry.filename in files:
                raise ValueError("is in it twice")
            files[entry.filename] = _content(archive, entry)
        except _UNREADABLE as error:
            damages.append(Damage(entry.filename, f"cannot be read: {error}"))
    if not damages and not _packed_again(entries):
        damages += _frame_damage(raw, pack(files), entries)
    return Unpacked(files, tuple(damages))


_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError),
    *(OSError, OverflowError, UnicodeDecodeError),
)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return a file, which may not be larger than it says."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("packed in an unknown way")
    if entry.file_size > LARGEST_FILE:
        raise ValueError(f"larger than {LARGEST_FILE >> 20} MB")
    with archive.open(entry) as file:
        return file.read(LARGEST_FILE)


def _packed_again(entries: list[zipfile.ZipInfo]) -> bool:
    """Tell whether another program has packed the same files."""
    return all(entry.date_time != _DATE for entry in entries)


def _frame_damage(raw: bytes, wanted: bytes, entries: list[zipfile.ZipInfo]) -> list[Damage]:
    """Return the file around which the zip itself is not as it was made."""
    if raw == wanted or not entries:
        return []
    both = zip(raw, wanted, strict=False)
    at = next((i for i, (one, two) in enumerate(both) if one != two), min(len(raw), len(wanted)))
    near = [entry for entry in entries if entry.header_offset <= at]
    name = max(near or entries[:1], key=lambda entry: entry.header_offset).filename
    return [Damage(name, f"is whole, but the zip around it is changed, at byte {at}")]
