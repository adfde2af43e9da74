"""Derived bytes on disk: a cache of limited size that stores nothing but bytes."""

from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_PICKLE

from deepresolve_dash.runs.place import make_private


class BytesDisk(diskcache.Disk):
    """Keys are text and values are bytes; the library's pickling is switched off both ways."""

    def put(self, key: object) -> tuple:
        """Turn a key into what the database holds."""
        if not isinstance(key, str):
            raise TypeError("A key of the cache is text.")
        return super().put(key)

    def get(self, key: object, raw: bool) -> object:
        """Turn what the database holds into a key."""
        if not raw:
            raise TypeError("This key was pickled; it is not read.")
        return super().get(key, raw)

    def store(self, value: object, read: bool, key: Any = diskcache.UNKNOWN) -> tuple:
        """Turn a value into what the database and the file hold."""
        if not isinstance(value, bytes):
            raise TypeError("A value of the cache is bytes.")
        return super().store(value, read, key)

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> object:
        """Return a value from the database or its file."""
        if mode == MODE_PICKLE:
            raise TypeError("This value was pickled; it is not read.")
        return super().fetch(mode, filename, value, read)


def open_blobs(folder: Path, megabytes: int) -> diskcache.Cache:
    """Open a cache that forgets what was not used for longest when it is full."""
    make_private(folder)
    folder.chmod(0o700)
    return diskcache.Cache(
        str(folder),
        disk=BytesDisk,
        size_limit=megabytes * 2**20,
        eviction_policy="least-recently-used",
    )
