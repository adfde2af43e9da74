"""Our scripts in one file and our styles in another: a page asks twice and not seventy times."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, request

from deepresolve_dash import __version__

VERSION = "DEEPRESOLVE_VERSION"  # in the server's configuration: which program it is
FETCHED_LATER = "plotly"  # in the name of a script that is fetched when a chart needs it
KINDS = {"js": "text/javascript", "css": "text/css"}
_KEPT = "public, max-age=31536000, immutable"  # an address is the hash of what is there


@dataclass(frozen=True)
class Bundle:
    """All files of one suffix as one, plain and packed."""

    suffix: str
    whole: bytes
    packed: bytes

    @property
    def address(self) -> str:
        """Where it is served; another content has another address."""
        return f"/bundle/{sha256(self.whole).hexdigest()[:16]}.{self.suffix}"


def bundled(folder: Path, suffix: str) -> Bundle:
    """Return the files of a folder with this suffix as one, in the order of their names."""
    paths = [path for path in sorted(folder.glob(f"*.{suffix}")) if FETCHED_LATER not in path.name]
    whole = "\n".join(path.read_text() for path in paths).encode()
    return Bundle(suffix, whole, gzip.compress(whole, mtime=0))


def version(bundles: Sequence[Bundle]) -> str:
    """Return what tells this program from another: its version, and what its pages run."""
    told = " ".join([__version__, *(one.address for one in bundles)])
    return sha256(told.encode()).hexdigest()[:16]


def served(bundles: Sequence[Bundle]) -> Blueprint:
    """Return the routes of bundles."""
    routes = Blueprint("bundle", __name__)
    for one in bundles:
        routes.add_url_rule(one.address, one.suffix, lambda one=one: _answer(one))
    return routes


def _answer(one: Bundle) -> Response:
    """Return a bundle, packed for those who can unpack it."""
    small = "gzip" in request.accept_encodings
    answer = Response(one.packed if small else one.whole, mimetype=KINDS[one.suffix])
    if small:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = _KEPT
    answer.headers["Vary"] = "Accept-Encoding"
    return answer
