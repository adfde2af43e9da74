"""What is wrong with runs whose processes were killed: the judge of the benches that kill."""

import json
import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

from deepresolve_dash.runs.compute import make_stored_job
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.leases import MOST_DEATHS
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.service import Service

_THREE_DEATHS = f"was ended {MOST_DEATHS} times at the same place"
MARK = re.compile(r"^(\S+ \S+) (part \d+ )?attempt (\d+): (begins|ends|unit \S+)")


def faults(seen: dict) -> list[str]:
    """Return what is wrong in words; nothing is the wanted answer."""
    failed = seen["states"].get("failed", 0)
    ended = seen["states"].get("done", 0) + failed
    unforeseen = [text for text in seen["messages"] if _THREE_DEATHS not in text]
    return [
        *([f"runs that did not end: {seen['states']}"] if ended != seen["runs"] else []),
        *(["a run failed without a reason"] if failed != len(seen["messages"]) else []),
        *([f"failed for another reason than the kills: {unforeseen}"] if unforeseen else []),
        *(["no run was killed and then done"] if not seen["done_after_a_kill"] else []),
        *(
            ["no part was computed by a helper"]
            if seen["workers"] > 1 and not seen["parts_by_helpers"]
            else []
        ),
        *(["the database is damaged"] if seen["database"] != "ok" else []),
        *(
            f"{name}: {seen[name]}"
            for name in ("overlaps", "differing", "left_over", "outlived_their_runner")
            if seen[name]
        ),
    ]


def overlaps(log: str) -> list[str]:
    """Return the marks that show two attempts at once, or a unit of work that was done twice."""
    found, current, units = [], Counter(), set()
    for line in log.splitlines():
        mark = MARK.match(line)
        if not mark:
            continue
        who, attempt, what = mark[2], int(mark[3]), mark[4]  # each part has its own attempts
        if what == "begins":
            found += [line] if attempt <= current[who] else []
            current[who] = attempt
        elif attempt != current[who] or what in units:
            found.append(line)
        if what.startswith("unit"):
            units.add(what)
    return found


def processes(state: Path) -> dict[int, list[str]]:
    """Return the living processes that work on a state folder, with the words of their commands."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = f"DRD_STATE={state}".encode() in (folder / "environ").read_bytes().split(b"\0")
            dead = (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            if ours and not dead:
                found[int(folder.name)] = (folder / "cmdline").read_bytes().decode().split("\0")
    return found


def left_over(state: Path) -> list[str]:
    """Return the commands of living processes that work on a state folder, but for this one."""
    return [" ".join(words) for pid, words in processes(state).items() if pid != os.getpid()]


def differs(service: Service, request: RunRequest) -> bool:
    """Tell whether a finished run is not the uninterrupted one, bit for bit."""
    if service.ledger.get(request.id).state != "done":
        return False
    job = make_stored_job(request, service.models.open(request.model), service.inputs)
    whole, run = execute(job, device="cpu"), service.store.open(request.id)
    return not (whole.ensemble.equals(run.ensemble) and whole.summary.equals(run.summary))


def tell(seen: dict, *, as_json: bool) -> bool:
    """Print what was seen, and whether anything is wrong."""
    wrong = faults(seen)
    for name, value in seen.items():
        print(f"{name:>24}  {value}")
    print(f"{'faults':>24}  {wrong or 'none'}")
    if as_json:
        print(json.dumps(seen | {"faults": wrong}))
    return bool(wrong)
