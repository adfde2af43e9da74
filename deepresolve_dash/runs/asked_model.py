"""Whether the network that a question is about is here; without torch."""

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.runs.models import ID_LENGTH, ModelNotFound, ModelStore


def asked_model(models: ModelStore, wanted: str) -> str:
    """Return the id that a network has as a model.

    Raises
    ------
    ModelFileError
        When it is not among the models here.
    """
    model = wanted[:ID_LENGTH]
    try:
        models.open(model)
    except ModelNotFound:
        raise ModelFileError(
            "The network of this run is not among the models here.", "Add its file under Models."
        ) from None
    return model
