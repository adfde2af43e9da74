"""The same run with more trials, as it is asked for from the page of a shorter one."""

from dataclasses import replace

from deepresolve_dash.errors import RunRefused
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.known import with_trials
from deepresolve_dash.runs.models import ModelNotFound, ModelStore
from deepresolve_dash.runs.request import RunRequest


def longer(before: RunRequest, n_trials: int) -> RunRequest:
    """Return what asks for the same run with another number of trials."""
    return replace(before, spec=with_trials(before.spec, n_trials))


def check_inputs(request: RunRequest, models: ModelStore, inputs: InputStore) -> None:
    """Refuse a run of which something is gone.

    Raises
    ------
    RunRefused, InputNotFound
        When the model, the sequences or the labels are not in the state folder.
    """
    try:
        models.open(request.model)
    except ModelNotFound as error:
        raise RunRefused(
            "The model of this run is not here any more.", "Upload it again to add trials."
        ) from error
    for wanted in (request.spec.sequences, request.spec.labels):
        if wanted:
            inputs.open(wanted)
