"""What browsers are told to keep pages safe: own scripts alone, no frames, no guessing."""

from collections.abc import Callable, Sequence

from flask import Response

# styles: the components write theirs into the page; pictures: those that are made here
_POLICY = (
    "default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def safe_headers(hashes: Sequence[str]) -> Callable[[Response], Response]:
    """Return what adds the headers to each answer.

    Parameters
    ----------
    hashes : sequence of str
        Of the scripts inside the page, `'sha256-...'`: the one line that starts it.
    """
    policy = _POLICY.format(scripts=" ".join(["'self'", *hashes]))

    def add(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return answer

    return add
