"""Files that are always whole: a reader sees the old one or the new one."""

import os
import uuid
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step; several writers at once do not meet, and the last one stays.

    Who may read it is as for any file that its folder's owner makes there.
    """
    half = path.with_name(f".{uuid.uuid4().hex}.half")
    try:
        with half.open("xb") as file:
            file.write(content)
        os.replace(half, path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
