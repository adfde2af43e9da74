"""Small files that are always whole: a reader sees the old one or the new one."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step; several writers at once do not meet, and the last one stays."""
    half = tempfile.NamedTemporaryFile(  # noqa: SIM115
        dir=path.parent, prefix=".", suffix=".half", delete=False
    )
    try:
        with half:
            half.write(content)
        os.replace(half.name, path)
    except BaseException:
        Path(half.name).unlink(missing_ok=True)
        raise
