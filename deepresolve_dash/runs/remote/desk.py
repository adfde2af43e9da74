"""What the coordinator does for a worker elsewhere, once it knows that it is one."""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from deepresolve_dash.errors import LostLease, RunRefused
from deepresolve_dash.runs.entry import Claim, PartClaim
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.remote import arrivals
from deepresolve_dash.runs.remote.needs import needed, results_of
from deepresolve_dash.runs.remote.wire import (
    PROTOCOL,
    SLOT,
    SO_FAR,
    UNITS,
    claim_from_dict,
    claim_named,
    claim_to_dict,
    owner_named,
    progress_from_dict,
)
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.work import forget_work, full_disk_said

_HEAR_S = 3.0  # between two notes that a worker is there


class Desk:
    """Answers to the questions of workers; one at a time asks the ledger."""

    def __init__(self, state: Path, ledger: Ledger, redeemed: Callable[[str], None]) -> None:
        """Answer for a state folder."""
        self._state, self._ledger, self._redeemed = state, ledger, redeemed
        self._lock = threading.Lock()
        self._heard: dict[str, float] = {}  # when each worker was noted last
        self._ended: dict[str, dict] = {}  # the claim that each worker has ended last
        self._calls: dict[str, Callable[..., Any]] = {
            "tick": self._tick,
            "finish": self._finish,
            "split": lambda claim, pieces: [
                part._asdict()
                for part in ledger.split(claim, [(int(first), int(n)) for first, n in pieces])
            ],
            "take_part": self._take_part,
            "merge_part": lambda claim, part: ledger.merge_part(claim, int(part)),
            "finish_part": self._finish_part,
            "slot_of": lambda claim: ledger.slot_of(claim),
            "hand_back": self._hand_back,
            "show": self._show,
            "publish": self._publish,
            "log": self._write_log,
        }

    def answer(self, path: str, asked: dict) -> dict:
        """Answer a question.

        Raises
        ------
        DeepResolveError
            Whatever the ledger says to it.
        """
        theirs = asked.get("protocol")
        if theirs != PROTOCOL:
            raise RunRefused(
                f"This worker is of version {theirs}, the coordinator of {PROTOCOL}.",
                "Install the same version of the program on all machines.",
            )
        if path == "/claim":
            return self._claim(asked)
        if path == "/may":
            self._place(self._held(asked), str(asked.get("path", "")))
            return {}
        if path == "/count":
            return {"n": self._ledger.count_workers(str(asked["slot"]))}
        if path == "/end":
            with self._lock:
                self._part_with(owner_named(asked["owner"]))
            return {}
        call = self._calls.get(path.removeprefix("/call/"))
        if call is None:
            raise RunRefused(f"There is nothing here called '{path}'.")
        claim = claim_from_dict(asked["claim"])
        with self._lock:
            self._hear(claim.owner)
            return {"answer": call(claim, *asked.get("values", []))}

    def keep(self, query: Mapping[str, str]) -> None:
        """Let a claim hold on while a file travels.

        Raises
        ------
        LostLease
            When it is not held any more.
        """
        self._held(query)

    def close(self) -> None:
        """Close the connection of this thread to the database."""
        self._ledger.close()

    def file(self, query: Mapping[str, str]) -> Path:
        """Return a file that the holder of a claim needs.

        Raises
        ------
        LostLease
            When the claim is not held any more.
        RunRefused
            When it is none of those files.
        """
        claim, path = self._held(query), query.get("path", "")
        if path not in needed(claim.request, self._state):
            raise RunRefused(f"This run needs no file '{path}'.")
        return self._state / path

    @contextmanager
    def receive(self, query: Mapping[str, str]) -> Iterator[IO[bytes]]:
        """Give a file to write to, which appears when all of it has come and the claim still holds.

        Raises
        ------
        LostLease
            When the claim is not held any more.
        RunRefused
            When its name is none that the claim may write.
        DiskFull
        """
        place = self._place(self._held(query), query.get("path", ""))
        make_private(place.parent)
        with full_disk_said():
            half = tempfile.NamedTemporaryFile(  # noqa: SIM115
                dir=place.parent, prefix=".", suffix=".half", delete=False
            )
            try:
                with half:
                    yield half
                    half.flush()
                    os.fsync(half.fileno())
                self._held(query)
                os.replace(half.name, place)
            except BaseException:
                Path(half.name).unlink(missing_ok=True)
                raise

    def _hear(self, owner: str) -> None:
        """Note that a worker has spoken, now and then."""
        now = self._ledger.clock()
        if now - self._heard.get(owner, 0.0) > _HEAR_S:
            self._heard[owner] = now
            self._ledger.hear(owner)

    def _claim(self, asked: dict) -> dict:
        owner, slot = owner_named(asked["owner"]), str(asked["slot"])
        if not SLOT.fullmatch(slot):
            raise RunRefused(f"{owner} at {slot[:200]!r} is no worker of another machine.")
        if asked.get("ticket"):
            self._redeemed(str(asked["ticket"]))
        host, device = (str(asked.get(name, ""))[:200] for name in ("host", "device"))
        engine = str(asked.get("engine", ""))[:20]
        with self._lock:
            end = self._ledger.greet(owner, host, device, slot, engine)
            if end or self._ledger.mode() == "drained":
                return {"claim": None, "end": True}
            claim = (
                self._ledger.claim_of(owner)
                or self._ledger.claim(owner, slot)
                or self._ledger.claim_part(owner, slot)
            )
        if claim is None:
            return {"claim": None, "end": False}
        return {"claim": claim_to_dict(claim), "end": False, "files": self._files(claim)}

    def _part_with(self, owner: str) -> None:
        """Let a worker go, and others take up what it has and may not have heard of."""
        held = self._ledger.claim_of(owner)
        if isinstance(held, PartClaim):
            self._ledger.finish_part(held, done=False)
        elif held is not None:
            self._ledger.orphan(held.request.id, owner, blame=False)
        self._ledger.part_with(owner)
        self._heard.pop(owner, None)
        self._ended.pop(owner, None)

    def _hand_back(self, claim: Claim) -> None:
        if self._holds(claim):
            self._ledger.orphan(claim.request.id, claim.owner, blame=False)

    def _tick(self, claim: Claim, progress: dict, spoken: bool) -> int:
        return self._ledger.tick(claim, progress_from_dict(progress), spoken=bool(spoken))

    def _finish(self, claim: Claim, state: str, message: str) -> None:
        if state not in ("done", "failed", "cancelled"):
            raise RunRefused(f"A run cannot end as '{state}'.")
        self._note_end(claim)
        self._ledger.finish(claim, state, str(message))
        if state == "done":
            forget_work(self._state, claim.request.id)

    def _finish_part(self, claim: PartClaim, done: bool) -> None:
        self._note_end(claim)
        self._ledger.finish_part(claim, done=bool(done))

    def _note_end(self, claim: Claim) -> None:
        """Remember whose last lines are still to come."""
        if self._holds(claim):
            self._ended[claim.owner] = claim_named(claim)

    def _take_part(self, claim: Claim) -> dict | None:
        """Return a part, and the files of its units where others have computed it."""
        part = self._ledger.take_part(claim)
        if part is None:
            return None
        files = self._files(claim) if part.state == "done" else []
        return part._asdict() | {"files": files}

    def _show(self, claim: Claim, folder: str) -> None:
        self._check_held(claim)
        arrivals.show_so_far(self._state, claim, folder)

    def _publish(self, claim: Claim) -> None:
        self._check_held(claim)
        arrivals.publish(self._state, claim)

    def _write_log(self, claim: Claim, text: str) -> None:
        """Add lines to the log of what a worker computes, or has just ended."""
        if self._ended.get(claim.owner) != claim_named(claim):
            self._check_held(claim)
        arrivals.add_to_log(self._state, claim, text)

    def _files(self, claim: Claim) -> list[list[str]]:
        """Return path and tag of each file that a claim needs; a tag changes with the file."""
        found = []
        for path in needed(claim.request, self._state):
            with suppress(FileNotFoundError):  # a unit of a part that is over
                told = (self._state / path).stat()
                found.append([path, f"{told.st_size}-{told.st_mtime_ns}"])
        return found

    def _check_held(self, claim: Claim) -> None:
        """Refuse what is said of a run that another worker has, or nobody.

        Raises
        ------
        LostLease
        """
        if not self._holds(claim):
            raise LostLease("Another worker has this run.")

    def _holds(self, claim: Claim) -> bool:
        """Tell whether a worker has what it names, since the same attempt."""
        held = self._ledger.claim_of(claim.owner)
        return held is not None and claim_named(held) == claim_named(claim)

    def _held(self, query: Mapping[str, str]) -> Claim:
        """Return the claim that a worker names, its lease begun anew.

        Raises
        ------
        LostLease
            When it is not held any more.
        """
        with self._lock:
            claim = self._ledger.claim_of(owner_named(query.get("owner")))
            named = claim_named(claim) if claim else {}
            if claim is None or any(query.get(name, "") != named[name] for name in named):
                raise LostLease("Another worker has this run.")
            self._ledger.prolong(claim.owner, self._ledger.lease_s)
        return claim

    def _place(self, claim: Claim, path: str) -> Path:
        """Return where a file that a worker sends belongs.

        Raises
        ------
        RunRefused
            When the claim may not write it.
        """
        work = UNITS.fullmatch(path) or SO_FAR.fullmatch(path)
        if work and work["run"] == claim.request.id:
            return self._state / path
        if path in results_of(claim.request) and not isinstance(claim, PartClaim):
            is_run = isinstance(claim.request, RunRequest)
            return (
                arrivals.staged(self._state, claim) / Path(path).name
                if is_run
                else self._state / path
            )
        raise RunRefused(f"This run may not write a file '{path}'.")
