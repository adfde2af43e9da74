"""The family of errors that a user can cause; each says what was given and the way out."""


class DeepResolveError(Exception):
    """A mistake the user can mend.

    Parameters
    ----------
    message : str
        One plain sentence: what was given and what is wrong with it.
    hint : str
        What to do instead; may be empty when the message already says it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = _shown(message)
        self.hint = _shown(hint)

    def __str__(self) -> str:
        """Message and hint as one line."""
        return f"{self.message} {self.hint}".strip()


def _shown(text: str) -> str:
    """Return text that can be printed and sent as one line.

    Names in a damaged file have halves of letters, line breaks and other signs without a picture.
    """
    whole = text.encode(errors="replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in whole)


class ModelFileError(DeepResolveError):
    """A model file cannot be read, or holds something that is not supported."""


class SequenceError(DeepResolveError):
    """A sequence file cannot be used."""


class SettingsError(DeepResolveError):
    """A setting is out of range or does not fit the others."""


class LayerError(SettingsError):
    """A layer or an output does not exist or cannot be cut."""


class RunNotFound(DeepResolveError):
    """No run has this id, or its folder is incomplete."""


class RunRefused(DeepResolveError):
    """A run cannot be taken on, changed or deleted as it is now."""


class RunCancelled(DeepResolveError):
    """Somebody cancelled the run that is being computed."""


class LostLease(DeepResolveError):
    """Another worker has the run by now; this one must leave it alone."""


class CoordinatorAway(DeepResolveError):
    """Whoever keeps the queue does not answer a worker on another machine; it may again."""


class DiskFull(DeepResolveError):
    """There is no room left for the results."""
