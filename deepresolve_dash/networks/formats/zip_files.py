"""Judge a zip archive by its directory, before anything of it is unpacked."""

import zipfile
from pathlib import Path

from deepresolve_dash.errors import ModelFileError

_LARGEST_TOTAL = 4 * 2**30  # bytes, unpacked
_LARGEST_RATIO = 1000  # unpacked to packed
_MOST_MEMBERS = 20_000
_AGAIN = "Save the model again with the program that made it."


def checked_sizes(archive: zipfile.ZipFile, path: Path) -> dict[str, int]:
    """Return the members of an archive with their sizes in bytes.

    Raises
    ------
    ModelFileError
        When a name points out of the archive or is there twice, there are too many, or they are far
        larger than the file.
    """
    sizes: dict[str, int] = {}
    for member in archive.infolist():
        name = member.filename
        parts = name.replace("\\", "/").split("/")
        if not parts[0] or ".." in parts or ":" in parts[0]:
            raise ModelFileError(f"{path} has a member that points out of the archive.", _AGAIN)
        if name in sizes:
            raise ModelFileError(f"{path} has two members called '{name}'.", _AGAIN)
        if member.file_size > _LARGEST_RATIO * max(member.compress_size, 1):
            raise ModelFileError(f"{path} unpacks to more than a thousand times its size.", _AGAIN)
        sizes[name] = member.file_size
    if len(sizes) > _MOST_MEMBERS:
        raise ModelFileError(f"{path} has {len(sizes):,} members.", _AGAIN)
    if sum(sizes.values()) > _LARGEST_TOTAL:
        raise ModelFileError(f"{path} unpacks to more than 4 GiB.", _AGAIN)
    return sizes
