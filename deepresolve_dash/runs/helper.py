"""What a worker does with a part of a run that another worker has."""

import traceback
from collections.abc import Callable
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError, DiskFull, LostLease, RunCancelled
from deepresolve_dash.runs.entry import PartClaim
from deepresolve_dash.runs.gpu_failure import is_gpu_failure
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.watch import Watch
from deepresolve_dash.runs.work import write_log


def take_part(ledger: Ledger, owner: str, slot: str) -> PartClaim | None:
    """Take up a part of a run; None when no run is shared, or the disk is too full to say so."""
    try:
        return ledger.claim_part(owner, slot)
    except DiskFull:
        return None


def help_with(claim: PartClaim, ledger: Ledger, state: Path, give_up: Callable[[], None]) -> None:
    """Compute a part of a run, and leave its units on disk.

    *Choice:* whatever goes wrong here costs the run nothing: the part waits again, and one that
    fails three times is left to the owner of the run, which then meets the reason itself.
    """

    def say(text: str) -> None:
        text = f"part {claim.part} attempt {claim.attempt}: {text}"
        write_log(state, claim.request.id, text)

    say(f"begins, by {claim.owner}")

    def stuck(_: DeepResolveError) -> None:
        say("ends, it did not stop by itself")
        give_up()

    from deepresolve_dash.runs.compute import compute_part

    done = failed = False
    try:
        with Watch(ledger, claim, stuck) as watch:
            compute_part(claim, state, watch, say)
        done = True
        say("ends, done")
    except LostLease:
        say("ends, another worker has it")
    except RunCancelled:
        say("ends, the run is over")
    except Exception as error:  # noqa: BLE001 - whatever it is, the owner computes the part
        say(f"ends, {error}\n{traceback.format_exc()}")
        failed = is_gpu_failure(error)
    try:
        ledger.finish_part(claim, done=done)
    except DiskFull:
        say("could not be handed back, the disk is full")
        failed = True
    if failed:
        give_up()
