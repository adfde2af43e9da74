"""Passwords and tokens: how they are made, kept and compared."""

import hashlib
import hmac
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from deepresolve_dash.people.schema import PeopleRefused

SHORTEST, LONGEST = 10, 1000  # characters of a password
_AT_ONCE = 2  # each takes 64 MiB for a moment
_hasher = PasswordHasher()
_places = threading.BoundedSemaphore(_AT_ONCE)
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$"
_NOBODY += "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"


def make_password() -> str:
    """Return a password that nobody guesses: 16 characters."""
    return secrets.token_urlsafe(12)


def make_token() -> str:
    """Return a token for a link: 32 characters."""
    return secrets.token_urlsafe(24)


def hash_password(password: str) -> str:
    """Return what is kept of a password.

    Raises
    ------
    PeopleRefused
        When it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise PeopleRefused(
            f"A password has at least {SHORTEST} characters.", "Take a few words, or have one made."
        )
    return _hasher.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that is kept; nobody's takes as long as somebody's."""
    if len(password) > LONGEST:
        return False
    with _places:
        try:
            return _hasher.verify(kept or _NOBODY, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def hash_token(token: str) -> str:
    """Return what is kept of a token, which is too long to be guessed from it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two texts in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
