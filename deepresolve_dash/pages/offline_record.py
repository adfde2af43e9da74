"""Answers of the server, kept for a page that has none: asked of the routes themselves."""

import gzip
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import orjson
from flask import Flask, g
from werkzeug.exceptions import HTTPException

from deepresolve_dash.pages import classes_more_routes, classes_routes, data
from deepresolve_dash.pages.context import open_run
from deepresolve_dash.pages.offline_asks import key_of, pack_of
from deepresolve_dash.people.roles import Person
from deepresolve_dash.views.class_matrices import DIFFERENCE
from deepresolve_dash.views.matrix import Matrix
from deepresolve_dash.views.selection import from_page, query

HALF = -1  # in the place of the number of rows: the cells from the diagonal on
_TYPE = "application/json"


@dataclass
class Pack:
    """Answers that are unpacked together.

    Attributes
    ----------
    told : list of (key, start, bytes, rows)
        `rows` of an exact matrix that is kept whole, `HALF` of one without the cells left of the
        diagonal; 0 of any other answer.
    """

    told: list[tuple[str, int, int, int]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    _known: dict[bytes, int] = field(default_factory=dict)

    def add(self, key: str, content: bytes, rows: int = 0) -> None:
        """Keep an answer; the same content is kept once."""
        start = self._known.setdefault(sha256(content).digest(), len(self.body))
        if start == len(self.body):
            self.body += content
        self.told.append((key, start, len(content), rows))

    def sealed(self) -> bytes:
        """Return the pack as text of a page: a line that says what is where, then the answers."""
        whole = orjson.dumps(self.told) + b"\n" + bytes(self.body)
        return b64encode(gzip.compress(whole, 6, mtime=0))


class Recorder:
    """Asks the routes of a server in the name of somebody, and keeps what they answer."""

    def __init__(self, server: Flask, person: Person) -> None:
        """Ask `server` what `person` may see."""
        self._server, self._person = server, person

    @contextmanager
    def inside(self, address: str) -> Iterator[None]:
        """Enter a request of this person; what is kept of another request stays its own."""
        with self._server.app_context(), self._server.test_request_context(address):
            g.person = self._person
            yield

    def ask(self, address: str) -> tuple[bytes, str] | None:
        """Return what the server answers and its type, None where it has nothing."""
        with self.inside(address):
            try:
                answer = self._server.make_response(self._server.dispatch_request())
            except HTTPException:
                return None
            return (answer.get_data(), str(answer.mimetype)) if answer.status_code == 200 else None

    def record(self, addresses: Iterable[str]) -> dict[str, Pack]:
        """Return the answers to addresses by pack, with the matrices that they speak of."""
        packs: dict[str, Pack] = {}
        left = deque(addresses)
        while left:
            address = left.popleft()
            answer = self.ask(address)
            if answer is None:
                continue
            packs.setdefault(pack_of(address), Pack()).add(key_of(address), answer[0])
            if answer[1] != _TYPE:
                continue
            told = orjson.loads(answer[0])
            left.extend(_further(address, told))
            for of in _matrices(address, told):
                self._keep(of, packs.setdefault(pack_of(of), Pack()))
        return packs

    def _keep(self, of: str, pack: Pack) -> None:
        """Keep a matrix as bytes, and its exact rows."""
        path, _, asked = of.partition("?")
        coarse = self.ask(f"{path}.u8?{asked}")
        if coarse is None:
            return
        pack.add(key_of(f"{path}.u8?{asked}"), coarse[0])
        if f"/{DIFFERENCE}" in path:  # the browser takes it from its two sides
            return
        with self.inside(of):
            matrix = matrix_at(of)
        whole = matrix.values.astype("<f4")
        half = whole.shape[0] == whole.shape[1] and np.array_equal(whole, whole.T, equal_nan=True)
        values = whole[np.triu_indices(len(whole))] if half else whole
        rows = HALF if half else len(whole)
        if values.size:
            pack.add(key_of(f"{path}.f32?{asked}"), values.tobytes(), rows)


def sealed(packs: dict[str, Pack]) -> bytes:
    """Return packs as elements of a page."""
    return b"".join(
        b'<script type="text/plain" data-pack="%b">%b</script>\n' % (name.encode(), one.sealed())
        for name, one in packs.items()
    )


def matrix_at(address: str) -> Matrix:
    """Return the matrix of an address as the routes take it, inside of a request."""
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query))
    _, _, run_id, *name = parts.path.split("/")
    run, one = open_run(run_id), from_page({"target": 0, **asked, "run": run_id})
    if name[0] == "classes":
        return classes_routes.matrix_of(run, one, name[1])
    if name[0] == "classes-more":
        given = asked.get("rows", ""), asked.get("columns", "")
        cut = float(asked.get("cut", 0.5))
        return classes_more_routes.matrix_of(run, one, name[1], cut, given)
    return data.matrix_of(run, one, name[0])


def _further(address: str, told: dict) -> Iterator[str]:
    """Return what can be chosen in an answer and is asked for then: each factor over its cells."""
    path, _, asked = address.partition("?")
    if path.endswith("/cells.json") and "factor" not in dict(parse_qsl(asked)):
        for one in told.get("factors", []):
            sign = "&" if asked else "?"
            yield address + sign + urlencode({"factor": one["name"]})


def _matrices(address: str, told: object) -> Iterable[str]:
    """Return the matrices that an answer speaks of."""
    path, _, asked = address.partition("?")
    if path.endswith("/classes/all.json") and isinstance(told, dict):
        regime = dict(parse_qsl(asked)).get("regime")
        for name in told.get("matrices", {}):
            yield path.removesuffix("all.json") + name + query(regime=regime)
    yield from _specs(told)


def _specs(told: object) -> Iterable[str]:
    if isinstance(told, dict):
        if isinstance(told.get("url"), str) and isinstance(told.get("query"), str):
            yield told["url"] + told["query"]
        for one in told.values():
            yield from _specs(one)
    elif isinstance(told, list):
        for one in told:
            yield from _specs(one)
