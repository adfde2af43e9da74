"""Heaps of texts in an HDF5 file, looked at before the HDF5 library follows them.

The library steps from one text to the next by its size. In a damaged heap a size can be 0, and it
then goes round for ever, in C, where nothing of ours can stop it but the end of its process.
"""

from mmap import mmap
from pathlib import Path

from deepresolve_dash.errors import ModelFileError

_START = b"GCOL\x01\x00\x00\x00"  # signature, version, reserved
_HEADER = 16  # bytes of a heap before its first text, and of each text before its letters


def check_heaps(data: mmap | bytes, path: Path) -> None:
    """Refuse a file with a heap that has no end.

    Parameters
    ----------
    data : mmap or bytes
        The bytes of the file.
    path : Path
        For the message.

    Raises
    ------
    ModelFileError
        When a step from one text of a heap to the next would be none.
    """
    at = data.find(_START)
    while at >= 0:
        end = min(at + _number(data, at + 8), len(data))
        place = at + _HEADER
        while place + _HEADER <= end:
            size = _number(data, place + 8)
            is_text = data[place : place + 2] != b"\x00\x00"  # what is left over has number 0
            step = _HEADER + -(-size // 8) * 8 if is_text else size
            if step == 0:
                raise ModelFileError(
                    f"{path} is a damaged HDF5 file: a list of its texts has no end.",
                    "Copy or download it again.",
                )
            place += step
        at = data.find(_START, at + len(_START))


def _number(data: mmap | bytes, at: int) -> int:
    """Return a number of eight bytes."""
    return int.from_bytes(data[at : at + 8], "little")
