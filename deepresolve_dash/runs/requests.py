"""Whatever the queue carries: runs, and what is asked of the networks and channels of runs."""

import json

from deepresolve_dash.runs.interaction_request import INTERACTIONS, InteractionRequest
from deepresolve_dash.runs.motif_request import MOTIFS, MotifRequest
from deepresolve_dash.runs.probe_request import PROBE, ProbeRequest
from deepresolve_dash.runs.request import RunRequest

Request = RunRequest | InteractionRequest | MotifRequest | ProbeRequest
_KINDS = {INTERACTIONS: InteractionRequest, MOTIFS: MotifRequest, PROBE: ProbeRequest}


def read_request(values: dict) -> Request:
    """Return the request that `to_dict` of any kind wrote; one without a kind is for a run."""
    return _KINDS.get(values.get("kind", ""), RunRequest).from_dict(values)


def read_request_json(text: str) -> Request:
    """Return the request that was written as JSON."""
    return read_request(json.loads(text))
