"""The coordinator: lets workers on other machines take part in the queue, over HTTP.

It lives in the runner, on an address of its own, and asks everybody for the token. It decides
nothing: what may be written is decided by the ledger, call by call, as for workers of this machine.
"""

import hmac
import json
import logging
import math
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deepresolve_dash.errors import DeepResolveError, RunRefused
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.remote.desk import Desk
from deepresolve_dash.runs.remote.wire import MOST_FILE, MOST_JSON, error_to_dict

_IDLE_S = 120.0  # of a connection
_STRANGER_S = 10.0  # until the token was right once
_MOST_OPEN = 4096  # connections
_KEEP_S = 3.0  # between two new leases while a file travels
_PIECE = 2**20
_UNKNOWN = RunRefused(
    "The token is not the right one.", "It is in the token file of the coordinator."
)
_FAILED = RunRefused("The coordinator failed.", "Its log says why.")
_log = logging.getLogger(__name__)


class Coordinator:
    """An HTTP server in threads of this process.

    Parameters
    ----------
    state : Path
    ledger : Ledger
        Its leases are those of workers elsewhere.
    bind : str
        `host:port` to listen on; port 0 takes any.
    token : str
        What workers must show.
    redeemed : function
        Told the number of the ticket that a worker came with.
    """

    def __init__(
        self,
        state: Path,
        ledger: Ledger,
        *,
        bind: str,
        token: str,
        redeemed: Callable[[str], None] = lambda _: None,
    ) -> None:
        desk = Desk(state, ledger, redeemed)
        handler = type("Handler", (_Handler,), {"desk": desk, "token": token})
        self._server = _Server(address_of(bind), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._server.server_address[1]

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


def address_of(bind: str) -> tuple[str, int]:
    """Return the host and port of `host:port`.

    Raises
    ------
    RunRefused
        When it is not of this form.
    """
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise RunRefused(
            f"DRD_COORDINATOR is '{bind}'.", "It is written host:port, such as 10.0.0.1:8060."
        )
    return host.strip("[]"), int(port)


def _no_question(why: object) -> RunRefused:
    return RunRefused(f"This is no question that is known: {why}.", "Ask as a worker does.")


class _Server(ThreadingHTTPServer):
    """One thread for each connection; those that are open can be ended."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._open: dict[socket.socket, float] = {}  # and until when the token is waited for

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Turn away whoever comes when very many are there."""
        return len(self._open) < _MOST_OPEN

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one connection to its end."""
        self._open[request] = time.monotonic() + _STRANGER_S
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.pop(request, None)

    def know(self, request: socket.socket) -> None:
        """Let a connection be: the token was right."""
        self._open[request] = math.inf

    def service_actions(self) -> None:
        """End the connections of strangers, also of those who say a letter now and then."""
        now = time.monotonic()
        _end([one for one, until in list(self._open.items()) if until < now])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write a line for what went wrong with a connection, none for one that just ended."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End all connections."""
        _end(list(self._open))


def _end(connections: Iterable[socket.socket]) -> None:
    for one in connections:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a worker."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a short answer waits 40 ms for the one before
    timeout = _IDLE_S
    desk: Desk
    token: str

    def do_POST(self) -> None:  # noqa: N802 - the name is given
        """Answer a question in JSON."""
        self._answer(self._asked)

    def do_GET(self) -> None:  # noqa: N802
        """Send a file."""
        self._answer(self._sent)

    def do_PUT(self) -> None:  # noqa: N802
        """Take a file."""
        self._answer(self._taken)

    def finish(self) -> None:
        """Close what this thread has open."""
        super().finish()
        self.desk.close()

    def _answer(self, act: Callable[[], dict | None]) -> None:
        """Do what is asked, if the token is right; an error is told in words."""
        try:
            if not self._is_known():
                self._tell(401, error_to_dict(_UNKNOWN))
                return
            told = act()
            if told is not None:
                self._tell(200, told)
        except DeepResolveError as error:
            self._tell(409, error_to_dict(error))
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            self._tell(400, error_to_dict(_no_question(error)))
        except RecursionError:
            self._tell(400, error_to_dict(_no_question("it is nested too deeply")))
        except Exception:  # noqa: BLE001 - one worker's question ends, the others go on
            _log.exception("a worker's question failed")
            self._tell(500, error_to_dict(_FAILED))

    def _is_known(self) -> bool:
        shown = self.headers.get("Authorization", "")
        known = hmac.compare_digest(shown.encode(), f"Bearer {self.token}".encode())
        if known and isinstance(self.server, _Server):
            self.server.know(self.connection)
        return known

    def _asked(self) -> dict:
        n = self._length(MOST_JSON)
        body = json.loads(self.rfile.read(n) or b"{}")
        return self.desk.answer(urlsplit(self.path).path, body)

    def _sent(self) -> None:
        query = self._query()
        path, kept = self.desk.file(query), time.monotonic()
        with path.open("rb") as file:
            left = os.fstat(file.fileno()).st_size
            self.send_response(200)
            self.send_header("Content-Length", str(left))
            self.end_headers()
            while left and (piece := file.read(min(left, _PIECE))):
                self.wfile.write(piece)
                left -= len(piece)
                kept = self._keep(query, kept)

    def _taken(self) -> dict:
        left, query, kept = self._length(MOST_FILE), self._query(), time.monotonic()
        with self.desk.receive(query) as file:
            while left:
                piece = self.rfile.read(min(left, _PIECE))
                if not piece:
                    raise ConnectionError
                file.write(piece)
                left -= len(piece)
                kept = self._keep(query, kept)
        return {}

    def _keep(self, query: dict[str, str], kept: float) -> float:
        """Let the claim of a worker hold on while its file travels; return when that was."""
        now = time.monotonic()
        if now - kept < _KEEP_S:
            return kept
        self.desk.keep(query)
        return now

    def _query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def _length(self, most: int) -> int:
        """Return how many bytes come."""
        n = int(self.headers.get("Content-Length", ""))
        if not 0 <= n <= most:
            self.close_connection = True
            raise RunRefused(f"A worker may send {most:,} bytes at once, not {n:,}.")
        return n

    def _tell(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        if status != 200:
            self.close_connection = True  # what was sent may not have been read
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Write no line for every question."""
