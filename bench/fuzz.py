"""Damage model files at random, have each read as if somebody had sent it; count what came of it.

    python -m bench.fuzz [--files 10000] [--seed 0]

Files of the test zoo are cut off, overwritten, repeated in part or changed by some bytes; members
of archives are damaged and packed again, so that their check sums hold. Each file is read by the
confined reader of the dashboard. A fault is an answer that is neither a card nor one sentence, or a
server of readers that did not survive. Exit code 1 when there is one.
"""

import argparse
import io
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from deepresolve_dash.confined import ask
from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.intake import take_in

ZOO = Path(__file__).parents[1] / "tests" / "networks" / "zoo"
SUFFIXES = (".keras", ".h5", ".pt2", ".onnx", ".safetensors", ".pt")
IN_ARCHIVES = 0.8  # share of archives whose members are damaged
_WALL_S = 30.0
_STOPPED = "made its reader stop"


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return a file with bytes changed, a stretch overwritten or repeated, or its end cut off."""
    if data.startswith(b"PK") and chance.random() < IN_ARCHIVES:
        return _damaged_member(data, chance)
    made = bytearray(data)
    at = chance.randrange(len(made))
    stretch = chance.randrange(1, 1 + min(4096, len(made) - at))
    way = chance.choice(["bytes", "bytes", "header", "zeros", "repeat", "cut"])
    if way == "cut":
        return bytes(made[:at])
    if way == "zeros":
        made[at : at + stretch] = bytes(stretch)
    elif way == "repeat":
        made[at:at] = made[at : at + stretch]
    else:
        end = min(len(made), 512) if way == "header" else len(made)
        for _ in range(chance.randrange(1, 20)):
            made[chance.randrange(end)] = chance.randrange(256)
    return bytes(made)


def _damaged_member(data: bytes, chance: random.Random) -> bytes:
    """Damage one member of an archive and pack all again."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        members = [member for member in old.infolist() if member.file_size]
        chosen = chance.choice(members)
        for member in old.infolist():
            content = old.read(member)
            new.writestr(member, damaged(content, chance) if member is chosen else content)
    return packed.getvalue()


def fuzz(n: int, seed: int, *, originals: list[Path] | None = None) -> Counter[str]:
    """Return how often damaged files were read, refused, or made the reader stop; and faults."""
    chance = random.Random(seed)
    paths = originals or sorted(path for path in ZOO.rglob("*") if path.suffix in SUFFIXES)
    paths = [path for path in paths if ".weights" not in path.name]
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        for index in range(n):
            original = paths[index % len(paths)]
            path, out = Path(place) / f"file{original.suffix}", Path(place) / "out"
            path.write_bytes(damaged(original.read_bytes(), chance))
            seen[_what_came(path, out)] += 1
    return seen


def _what_came(path: Path, out: Path) -> str:
    """Read one file and say what came of it."""
    server = ask._server
    try:
        take_in(path, out, wall_s=_WALL_S)
    except ModelFileError as error:
        if not error.message or "\n" in error.message or "Traceback" in error.message:
            return f"fault: {error.message[:200]!r}"
        stopped = _STOPPED in error.message
        if server is not None and ask._server is not server:
            return "fault: the server of readers ended"
        return "stopped its reader" if stopped else "refused"
    return "read"


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    started = time.monotonic()
    seen = fuzz(given.files, given.seed)
    for what, n in seen.most_common():
        print(f"{n:7,}  {what}")
    print(f"{time.monotonic() - started:.0f} s")
    sys.exit(any(what.startswith("fault") for what in seen))


if __name__ == "__main__":
    main()
