"""What wrote a Keras model: version and backend, as far as its files tell."""

from dataclasses import dataclass

from deepresolve_dash.networks.formats.keras.architecture import Model

_WORDS_OF_1 = {"nb_filter", "output_dim", "border_mode"}


@dataclass(frozen=True)
class Origin:
    """What wrote a model.

    Attributes
    ----------
    version : str
        Version of Keras; one figure when the files do not say it and it was told from their words.
    theano : bool
        Whether the model was made with Theano, as far as the files tell.
    evidence : str
        What tells it.
    """

    version: str
    theano: bool
    evidence: str

    @property
    def major(self) -> int:
        """The first figure of the version, which decides how weights and numbers are meant."""
        first = self.version.partition(".")[0]
        return int(first) if first in ("0", "1", "2", "3") else 2


def find_origin(data: dict, model: Model, *, version: str | None, backend: str | None) -> Origin:
    """Tell what wrote a model.

    Parameters
    ----------
    data : dict
        JSON of the architecture.
    model : Model
        What was read from it.
    version, backend : str or None
        What the weight file says of them, for JSON that does not.
    """
    version = str(data.get("keras_version") or version or _guess_version(data))
    backend = str(data.get("backend") or backend or "")
    if backend:
        return Origin(version, backend == "theano", f"The file names the backend '{backend}'.")
    orders = {str(layer.options.get("data_format")) for layer in model.all_layers()}
    if version.startswith("0") and "channels_last" not in orders:
        return Origin(version, True, "The file is of Keras 0, which ran on Theano.")
    if version.startswith("1") and "channels_first" in orders:
        evidence = f"Keras {version} with dim_ordering 'th' points to Theano."
        return Origin(version, True, evidence)
    return Origin(version, False, "The file does not name the backend.")


def _guess_version(data: dict) -> str:
    """Tell Keras 0, 1 and 3 by their words."""
    if "class_name" not in data:
        return "0"
    if "module" in data:
        return "3"
    config = data["config"]
    entries = config.get("layers", ()) if isinstance(config, dict) else config
    options = [entry.get("config") for entry in entries]
    words = {word for option in options if isinstance(option, dict) for word in option}
    old = data["class_name"] == "Graph" or words & _WORDS_OF_1
    return "1" if old else "2"
