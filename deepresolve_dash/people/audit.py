"""The record of what was done: a line of JSON for each change, in files of bounded size."""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

COMMAND_LINE = "command line"  # as whom, or by what, it acts
AUDIT = Path("logs") / "audit.jsonl"  # in the state folder
LARGEST, N_KEPT = 4 * 2**20, 8  # bytes of a file, files
_LONGEST = 300  # characters of a value
_TAIL = 256 * 1024
_TEXT = rb'"(?:[^"\\]|\\.)*"'
_WHAT_AND_USER = re.compile(rb'"what": (' + _TEXT + rb'), "user": (' + _TEXT + rb")")
_TURNED_AWAY = b'"right": false'


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
                told = _read(line) if len(found) < n else {}
                found += [told] if told else []
        return found

    def lines(self, *, user: str = "", what: str = "") -> Iterator[dict]:
        """Give all lines that are kept, the newest first.

        Parameters
        ----------
        user, what : str
            Only lines of this name, and of this kind; empty for all.
        """
        wanted = [(key, value) for key, value in (("user", user), ("what", what)) if value]
        needles = [json.dumps(value).encode() for _, value in wanted]
        for path in (self.path, *map(self._numbered, range(1, N_KEPT))):
            for line in reversed(_last_lines(path, LARGEST)):
                if all(needle in line for needle in needles):  # few are read then
                    told = _read(line)
                    if told and all(told.get(key) == value for key, value in wanted):
                        yield told

    def kinds(self) -> tuple[list[str], list[str]]:
        """Return whose lines there are, and of which kinds, in the two newest files.

        Names that never got in are left out: anybody can make them up.
        """
        found: tuple[set[bytes], set[bytes]] = set(), set()
        for path in (self.path, self._numbered(1)):
            for line in _last_lines(path, LARGEST):
                told = _WHAT_AND_USER.search(line)  # some thousand lines: they are not read whole
                if told:
                    found[1].add(told[1])
                    if _TURNED_AWAY not in line:
                        found[0].add(told[2])
        names, kinds = ([str(json.loads(one)) for one in some] for some in found)
        return sorted(filter(None, names)), sorted(filter(None, kinds))

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


def _read(line: bytes) -> dict:
    """Return what a line says; nothing of one that was cut off."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _last_lines(path: Path, most: int = _TAIL) -> list[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - most))
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
