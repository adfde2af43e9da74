"""What a worker elsewhere and the coordinator say to each other, as JSON and names of files."""

import re
from dataclasses import asdict, astuple

from deepresolve_dash import __version__
from deepresolve_dash.errors import (
    DeepResolveError,
    DiskFull,
    LostLease,
    RunCancelled,
    RunRefused,
)
from deepresolve_dash.runs.entry import Claim, PartClaim
from deepresolve_dash.runs.leases import Progress
from deepresolve_dash.runs.requests import read_request

PROTOCOL = f"2-{__version__}"
"""Of what is said and of the code that computes: both sides must have the same."""

MOST_JSON = 2**20  # bytes of a question
MOST_FILE = 2**33  # bytes of a file
UNITS = re.compile(r"work/(?P<run>[0-9A-Za-z]+)/(cpu|cuda)-[0-9A-Za-z.+]+/[\w-]+\.npz", re.ASCII)
_OWNER = re.compile(r"[\w.-]{1,200}:\d{1,10}:\w{1,64}", re.ASCII)
SLOT = re.compile(r"(cpu|gpu)[\w.-]{0,60}@[\w.-]{1,200}", re.ASCII)
SO_FAR = re.compile(
    r"work/(?P<run>[0-9A-Za-z]+)/so-far-\d+-\d+/(run\.json|ensemble\.nc|summary\.nc)", re.ASCII
)
_OF_A_PART = ("part", "first", "n")
_ERRORS = {kind.__name__: kind for kind in (LostLease, RunCancelled, DiskFull, RunRefused)}


def claim_to_dict(claim: Claim) -> dict:
    """Return a claim as plain JSON values."""
    told = {"request": claim.request.to_dict(), "attempt": claim.attempt, "owner": claim.owner}
    if isinstance(claim, PartClaim):
        told |= {name: getattr(claim, name) for name in _OF_A_PART}
    return told


def claim_from_dict(values: dict) -> Claim:
    """Return the claim that `claim_to_dict` wrote."""
    request, owner = read_request(values["request"]), owner_named(values["owner"])
    attempt = int(values["attempt"])
    if "part" not in values:
        return Claim(request, attempt, owner)
    return PartClaim(request, attempt, owner, *(int(values[name]) for name in _OF_A_PART))


def owner_named(owner: object) -> str:
    """Return the name of a worker.

    Raises
    ------
    RunRefused
        When no worker of another machine is called so.
    """
    if not (isinstance(owner, str) and _OWNER.fullmatch(owner)):
        raise RunRefused(f"{str(owner)[:200]!r} is no worker of another machine.")
    return owner


def claim_named(claim: Claim) -> dict[str, str]:
    """Return what a claim is known by: its run, its worker, the attempt, and the part of a part."""
    part = str(claim.part) if isinstance(claim, PartClaim) else ""
    return {
        "run": claim.request.id,
        "owner": claim.owner,
        "attempt": str(claim.attempt),
        "part": part,
    }


def progress_to_dict(progress: Progress) -> dict:
    """Return how far a run is as plain JSON values."""
    return asdict(progress)


def progress_from_dict(values: dict) -> Progress:
    """Return the progress that `progress_to_dict` wrote."""
    phase, *numbers = astuple(progress := Progress(**values))
    if not isinstance(phase, str) or not all(isinstance(n, int | float | None) for n in numbers):
        raise ValueError("no run is so far")
    return progress


def error_to_dict(error: DeepResolveError) -> dict:
    """Return an error as plain JSON values."""
    return {"error": type(error).__name__, "message": error.message, "hint": error.hint}


def error_from_dict(values: dict) -> DeepResolveError:
    """Return the error that `error_to_dict` wrote; one of a kind not known here is a refusal."""
    kind = _ERRORS.get(values.get("error", ""), RunRefused)
    return kind(str(values.get("message", "")), str(values.get("hint", "")))
