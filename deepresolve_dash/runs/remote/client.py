"""The way from a worker elsewhere to its coordinator."""

import http.client
import json
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from deepresolve_dash.errors import CoordinatorAway, SettingsError
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.remote.wire import PROTOCOL, error_from_dict

_ANSWER_S = 60.0
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)  # between tries; the last one again and again
_PIECE = 2**20
T = TypeVar("T")


class Client:
    """Questions to a coordinator; a connection of its own for each thread.

    Parameters
    ----------
    address : str
        `http://host:port` or `https://host`, with a path where a proxy has one.
    token : str
    goes_on : function
        Asked between tries; a worker that is to end gives up.
    """

    def __init__(
        self, address: str, token: str, goes_on: Callable[[], bool] = lambda: True
    ) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                f"The coordinator's address is '{address}'.",
                "It is written like http://10.0.0.1:8060.",
            )
        if not token.isascii() or not token.isprintable():
            raise SettingsError("The token has letters that no token has.", "Copy the file anew.")
        self._parts, self._token, self._goes_on = parts, token, goes_on
        self._local = threading.local()

    def ask(self, path: str, question: dict, *, patient: bool = True) -> dict:
        """Ask in JSON; wait for a coordinator that is away, unless impatient.

        Raises
        ------
        CoordinatorAway
            When it does not answer, and this is not to be waited for.
        DeepResolveError
            Whatever it says no with.
        """
        body = json.dumps(question | {"protocol": PROTOCOL}).encode()

        def once() -> dict:
            with self._answer("POST", path, body) as answer, self._away_said():
                return json.loads(answer.read())

        return self._try(once) if patient else once()

    def fetch(self, query: dict[str, Any], to: Path) -> None:
        """Fetch a file, which appears when all of it is here."""

        def once() -> None:
            make_private(to.parent)
            half = to.with_name(f".{to.name}.half")
            with (
                self._answer("GET", f"/file?{urlencode(query)}") as answer,
                half.open("wb") as file,
            ):
                while piece := self._piece(answer):
                    file.write(piece)
                if answer.length:
                    raise CoordinatorAway("A file did not come whole.")
            half.replace(to)

        self._try(once)

    def _piece(self, answer: http.client.HTTPResponse) -> bytes:
        with self._away_said():
            return answer.read(_PIECE)

    def send(self, query: dict[str, Any], path: Path, *, patient: bool = True) -> None:
        """Send a file, if it may be sent: what is refused half-way is not heard."""

        def once() -> None:
            self.ask("/may", query, patient=False)
            where = f"/file?{urlencode(query)}"
            with path.open("rb") as file, self._answer("PUT", where, file) as answer:
                while self._piece(answer):
                    pass

        self._try(once) if patient else once()

    def close(self) -> None:
        """Close the connection of this thread."""
        known = getattr(self._local, "connection", None)
        if known is not None:
            known.close()
            self._local.connection = None

    @contextmanager
    def _answer(
        self, method: str, path: str, body: Any = None
    ) -> Iterator[http.client.HTTPResponse]:
        """Give the answer to one request.

        Raises
        ------
        CoordinatorAway
            When there is none, or the coordinator or a proxy in front has failed.
        DeepResolveError
            When it is no.
        """
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if hasattr(body, "fileno"):
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        with self._away_said():
            connection = self._connection()
            connection.request(method, self._parts.path.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
        if answer.status == 200:
            try:
                yield answer
            finally:
                if not answer.isclosed():  # the rest would be taken for the next answer
                    self.close()
            return
        with self._away_said():
            told = answer.read(_PIECE)
        self.close()
        try:
            values = json.loads(told)
        except ValueError:
            values = None
        if values is None or answer.status >= 500:
            raise CoordinatorAway(f"The coordinator is away ({answer.status}).")
        raise error_from_dict(values)

    @contextmanager
    def _away_said(self) -> Iterator[None]:
        """Turn what a connection fails with into ours.

        Raises
        ------
        CoordinatorAway
        SettingsError
            When it is not the coordinator that the address promises.
        """
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise SettingsError(
                f"The coordinator's certificate is not trusted: {error.verify_message}.",
                "Name a file with it in SSL_CERT_FILE if you have signed it yourself.",
            ) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise CoordinatorAway(f"The coordinator does not answer: {error}.") from error

    def _connection(self) -> http.client.HTTPConnection:
        known = getattr(self._local, "connection", None)
        if known is None:
            kind = http.client.HTTPConnection
            if self._parts.scheme == "https":
                kind = http.client.HTTPSConnection
            known = kind(str(self._parts.hostname), self._parts.port, timeout=_ANSWER_S)
            self._local.connection = known
        return known

    def _try(self, once: Callable[[], T]) -> T:
        """Try until there is an answer, or this worker is to end."""
        turn = 0
        while True:
            try:
                return once()
            except CoordinatorAway:
                if not self._goes_on():
                    raise
            time.sleep(_PAUSES_S[min(turn, len(_PAUSES_S) - 1)])
            turn += 1
