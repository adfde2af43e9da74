"""The ledger as a worker elsewhere sees it: the same calls, answered by the coordinator.

With them travels what is on disk. Files that a run needs are fetched when it is taken up; finished
units of work, results so far and the log are sent with every tick, results before the run is done.
"""

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deepresolve_dash.errors import DeepResolveError, LostLease, RunRefused
from deepresolve_dash.runs.entry import Claim, PartClaim
from deepresolve_dash.runs.leases import Progress
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.parts import Part
from deepresolve_dash.runs.remote.client import Client
from deepresolve_dash.runs.remote.needs import results_of, units_of
from deepresolve_dash.runs.remote.wire import (
    claim_from_dict,
    claim_named,
    claim_to_dict,
    progress_to_dict,
)
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.work import PARTIAL, log_path

_MOST_LOG = 2**15  # characters sent at once
_HAND_BACK_S = 5.0


@dataclass(frozen=True)
class Worker:
    """Who asks: its name, its machine, what it computes with, its place, who started it."""

    owner: str
    host: str
    device: str
    slot: str
    engine: str = ""


@dataclass
class _Sent:
    """What the coordinator has of the run that is computed here."""

    units: set[str] = field(default_factory=set)
    so_far: str = ""
    log: int = 0  # bytes


class RemoteLedger(Ledger):
    """The side of the ledger that computes, over HTTP; nothing is in a database here.

    Parameters
    ----------
    client : Client
    worker : Worker
    scratch : Path
        Folder of this worker alone, laid out as a state folder.
    """

    beat_s = 1.0  # a cancelled run is to end within two seconds

    def __init__(self, client: Client, worker: Worker, scratch: Path) -> None:
        super().__init__(scratch / LEDGER)
        self._client, self._worker, self._scratch = client, worker, scratch
        self._tags: dict[str, str] = {}  # of the files that were fetched
        self._sent = _Sent()
        self._sending = threading.Lock()
        self.ends = False  # the coordinator wants this worker to end

    def take_up(self, ticket: str = "", *, patient: bool = True) -> Claim | None:
        """Take up a run, or a part of one, and fetch what it needs; None when nothing waits.

        Raises
        ------
        CoordinatorAway
            When nobody answers and that is not to be waited for.
        """
        question = vars(self._worker) | {"ticket": ticket}
        told = self._client.ask("/claim", question, patient=patient)
        self.ends = bool(told.get("end"))
        if told["claim"] is None:
            return None
        claim = claim_from_dict(told["claim"])
        log = log_path(self._scratch, claim.request.id)
        log.unlink(missing_ok=True)
        self._sent = _Sent()
        try:
            self._fetch(claim, told["files"])
        except LostLease:
            return None
        except OSError:  # no room here: another machine may have it
            self.hand_back(claim)
            raise
        return claim

    @property
    def owner(self) -> str:
        """Name of this worker in the queue."""
        return self._worker.owner

    def part_with(self, owner: str) -> None:
        """Say that this worker ends."""
        self._client.ask("/end", {"owner": owner}, patient=False)

    def hand_back(self, claim: Claim) -> None:
        """Send what is done, and let another worker go on with a run; nobody is to blame."""
        free = self._sending.acquire(timeout=_HAND_BACK_S)  # else something is sent for ever
        try:
            if free:
                self._send_units(claim, patient=False)
        finally:
            if free:
                self._sending.release()
        if isinstance(claim, PartClaim):
            self._call("finish_part", claim, False, patient=False)
        else:
            self._call("hand_back", claim, patient=False)

    def tick(self, claim: Claim, progress: Progress, *, spoken: bool = False) -> int:
        """As `Leases.tick`, after what is new on disk has been sent.

        Raises
        ------
        CoordinatorAway
            When nobody answers: the next tick tells it again.
        """
        with self._sending:
            self._send_units(claim, patient=False)
            self._send_log(claim, patient=False)
            if not isinstance(claim, PartClaim):
                with suppress(FileNotFoundError):  # newer ones have taken their place
                    self._send_so_far(claim)
        return self._call("tick", claim, progress_to_dict(progress), spoken, patient=False)

    def finish(self, claim: Claim, state: str, message: str = "") -> None:
        """As `Leases.finish`, after the log and the results have been sent."""
        with self._sending:
            if state == "done":
                for path in results_of(claim.request):
                    if (self._scratch / path).is_file():
                        self._client.send(self._query(claim, path), self._scratch / path)
                if isinstance(claim.request, RunRequest):
                    self._call("publish", claim)
            self._send_log(claim)
        self._call("finish", claim, state, message)

    def say_rest(self, claim: Claim) -> None:
        """Send the last lines of the log; nothing happens when nobody answers."""
        with self._sending, suppress(DeepResolveError):
            self._send_log(claim, patient=False)

    def split(self, claim: Claim, pieces: Sequence[tuple[int, int]]) -> list[Part]:
        """As `Parts.split`."""
        return [Part(**one) for one in self._call("split", claim, list(pieces))]

    def take_part(self, claim: Claim) -> Part | None:
        """As `Parts.take_part`; units that others have computed are fetched."""
        told = self._call("take_part", claim)
        if told is None:
            return None
        self._fetch(claim, told.pop("files"))
        return Part(**told)

    def merge_part(self, claim: Claim, part: int) -> None:
        """As `Parts.merge_part`."""
        self._call("merge_part", claim, part)

    def finish_part(self, claim: PartClaim, *, done: bool) -> None:
        """As `Parts.finish_part`, after the units have been sent."""
        with self._sending, suppress(LostLease):
            self._send_units(claim)
            self._send_log(claim)
        self._call("finish_part", claim, done)

    def slot_of(self, claim: Claim) -> str:
        """As `Parts.slot_of`."""
        return self._call("slot_of", claim)

    def count_workers(self, slot: str) -> int:
        """As `Parts.count_workers`."""
        return self._client.ask("/count", {"slot": slot})["n"]

    def note_speed(self, device: str, speed: float) -> None:
        """Keep the speed to itself: it is not that of the coordinator's machine."""

    def close(self) -> None:
        """Close the connection of this thread."""
        self._client.close()

    def _call(self, name: str, claim: Claim, *values: Any, patient: bool = True) -> Any:
        question = {"claim": claim_to_dict(claim), "values": values}
        return self._client.ask(f"/call/{name}", question, patient=patient)["answer"]

    def _fetch(self, claim: Claim, files: Sequence[Sequence[str]]) -> None:
        """Fetch the files that are not here yet, or have changed."""
        for path, tag in files:
            if path.startswith("/") or ".." in path.split("/"):
                raise RunRefused(f"The coordinator names a file '{path}'.")
            here = self._scratch / path
            if self._tags.get(path) != tag or not here.is_file():
                if not (path.startswith("work/") and here.is_file()):  # a unit never changes
                    self._client.fetch(self._query(claim, path), here)
                self._tags[path] = tag
            if path.startswith("work/"):
                self._sent.units.add(path)

    def _send_units(self, claim: Claim, *, patient: bool = True) -> None:
        for path in units_of(claim.request, self._scratch):
            if path not in self._sent.units:
                self._client.send(self._query(claim, path), self._scratch / path, patient=patient)
                self._sent.units.add(path)

    def _send_so_far(self, claim: Claim) -> None:
        """Send the newest results so far."""
        link = self._scratch / PARTIAL / claim.request.id
        if not link.is_symlink():
            return
        folder = Path(os.path.normpath(link.parent / os.readlink(link)))
        told = folder.relative_to(self._scratch).as_posix()
        if told == self._sent.so_far:
            return
        for file in sorted(folder.iterdir()):
            query = self._query(claim, f"{told}/{file.name}")
            self._client.send(query, file, patient=False)
        self._call("show", claim, told, patient=False)
        self._sent.so_far = told

    def _send_log(self, claim: Claim, *, patient: bool = True) -> None:
        """Send the lines that were written since the last time."""
        path = log_path(self._scratch, claim.request.id)
        with suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(self._sent.log)
            text = file.read(_MOST_LOG)
            if text:
                self._call("log", claim, text.decode(errors="replace"), patient=patient)
                self._sent.log += len(text)

    def _query(self, claim: Claim, path: str) -> dict[str, str]:
        return claim_named(claim) | {"path": path}
