"""The record of what was done: a line of JSON for each change, in files of bounded size."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

COMMAND_LINE = "command line"  # as whom, or by what, it acts
AUDIT = Path("logs") / "audit.jsonl"  # in the state folder
LARGEST, N_KEPT = 4 * 2**20, 8  # bytes of a file, files
_LONGEST = 300  # characters of a value
_TAIL = 256 * 1024


class Audit:
    """Lines of `logs/audit.jsonl`; the older ones are in `audit.jsonl.1` and so on."""

    def __init__(self, state: Path, *, largest: int = LARGEST) -> None:
        """Write in a state folder; a file that has grown to `largest` bytes is set aside."""
        self.path, self._largest = Path(state) / AUDIT, largest

    def write(self, what: str, *, user: str, address: str = "", **about: object) -> None:
        """Add a line: when, who, from where, what, and what else there is to say.

        A full disk loses the line and not the request.
        """
        told = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "what": what}
        told |= {"user": user, "address": address}
        told |= {key: _short(value) for key, value in about.items() if value not in (None, "")}
        line = json.dumps(told, ensure_ascii=True).encode() + b"\n"
        with suppress(OSError), self._alone():
            self._set_aside(len(line))
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line)
            finally:
                os.close(file)

    def tail(self, n: int) -> list[dict]:
        """Return the last lines, the newest first."""
        found: list[dict] = []
        for path in (self.path, self._numbered(1)):
            for line in reversed(_last_lines(path)):
                if len(found) < n:
                    with suppress(ValueError):
                        found.append(json.loads(line))
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing meanwhile."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self.path.parent / ".audit.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _set_aside(self, more: int) -> None:
        """Begin a new file when the line would not fit in the current one."""
        if not self.path.is_file() or self.path.stat().st_size + more <= self._largest:
            return
        for number in range(N_KEPT - 1, 0, -1):
            old = self._numbered(number)
            if old.is_file():
                os.replace(old, self._numbered(number + 1))
        os.replace(self.path, self._numbered(1))
        self._numbered(N_KEPT).unlink(missing_ok=True)

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def _last_lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            return file.read().splitlines()
    except OSError:
        return []


def _short(value: object) -> object:
    """Return a value as it stands in a line."""
    if isinstance(value, (int, float, bool)):
        return value
    if isinstance(value, (list, tuple)):
        return [_short(one) for one in value[:20]]
    return str(value)[:_LONGEST]
