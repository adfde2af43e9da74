"""Where state may lie: on a disk of this machine, with room left."""

import shutil
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.errors import SettingsError

SHARED = frozenset(
    ["9p", "afs", "beegfs", "beegfs_nodev", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs",
     "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "panfs",
     "pvfs2", "smb3", "smbfs", "wekafs"]
)  # fmt: skip
"""File systems over a network: locks and shared memory of SQLite are not safe on them."""

BALLAST_BYTES = 8 * 2**20
_MOUNTS = Path("/proc/self/mountinfo")
_BALLAST = ".ballast"


def check_place(folder: Path, *, mounts: Path = _MOUNTS) -> None:
    """Refuse a folder on a network file system.

    Raises
    ------
    SettingsError
        With the reason; where the system does not tell its mounts, nothing is refused.
    """
    kind = file_system(folder, mounts)
    if kind in SHARED:
        raise SettingsError(
            f"The state folder {folder} is on a network file system ({kind}), where the "
            "database of runs can be damaged.",
            "Name a folder on a local disk with DRD_STATE.",
        )


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """Return the kind of file system that a folder is on, None where it is not known."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return None
    path = str(Path(folder).resolve())
    kind, longest = None, -1
    for line in lines:
        fields, _, rest = line.partition(" - ")
        point = _unescape(fields.split()[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= longest:  # of two mounts at one point the later one is seen
            kind, longest = rest.split()[0], len(point)
    return kind


def make_private(folder: Path) -> None:
    """Make a folder, and those above it, that only its owner can read; those there stay as is."""
    missing = [one for one in (folder, *folder.parents) if not one.is_dir()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True, mode=0o700)


def free_bytes(folder: Path) -> int:
    """Return the room left on the disk of a folder."""
    return shutil.disk_usage(folder).free


def size_of(folder: Path) -> int:
    """Return the bytes of the files of a folder, 0 when it is not there."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # somebody takes it away meanwhile
            total += path.lstat().st_size if path.is_file() else 0
    return total


def fill_ballast(folder: Path) -> None:
    """Keep some room that can be given up when the disk is full."""
    path = folder / _BALLAST
    if path.is_file() or free_bytes(folder) < 4 * BALLAST_BYTES:
        return
    try:
        with path.open("xb") as file:
            file.write(bytes(BALLAST_BYTES))
    except FileExistsError:
        return
    except OSError:
        path.unlink(missing_ok=True)


def drop_ballast(folder: Path) -> None:
    """Give the kept room up."""
    (folder / _BALLAST).unlink(missing_ok=True)


def _unescape(text: str) -> str:
    """Undo the octal escapes of mountinfo: blank, tab, newline, backslash."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text
