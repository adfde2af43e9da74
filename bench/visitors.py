"""People who use a dashboard over HTTP: what their browsers ask for, with time to look between."""

import http.client
import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HOST = "127.0.0.1"
LOOKS_S = (0.5, 3.5)  # between two actions
_POLL_S = 2.0  # of the queue, as a page does while nothing of its own runs


@dataclass(frozen=True)
class Place:
    """What there is to use: finished runs (id, number of classes), runs to start and cancel."""

    port: int
    runs: Sequence[tuple[str, int]]
    startable: Sequence[str]


class Visitor(threading.Thread):
    """One person with one tab.

    `took` holds seconds by kind of request; `views` is what is asked for when a view changes.
    """

    def __init__(self, place: Place, number: int, until: float) -> None:
        super().__init__(daemon=True)
        self._place, self._until = place, until
        self._draw = random.Random(number)
        self._mine = place.startable[number % len(place.startable)] if place.startable else None
        self._connection = http.client.HTTPConnection(HOST, place.port, timeout=60)
        self._seq, self._polled = 0, 0.0
        self.took: dict[str, list[float]] = defaultdict(list)
        self.wrong: list[str] = []

    def run(self) -> None:
        """Use the dashboard until the time is over."""
        acts: list[tuple[Callable[[], None], int]] = [
            (self.results, 2),
            (self.a_class, 6),
            (self.all_classes, 2),
            (self.all_channels, 2),
            (self.queue, 1),
            (self.start_and_cancel, 1 if self._mine else 0),
        ]
        self.look(0.2)
        while time.monotonic() < self._until:
            act = self._draw.choices([one for one, _ in acts], [often for _, often in acts])[0]
            act()
            self.look(self._draw.uniform(*LOOKS_S))
        self._connection.close()

    def look(self, seconds: float) -> None:
        """Look at the page, which asks for the queue meanwhile."""
        until = min(time.monotonic() + seconds, self._until)
        while (now := time.monotonic()) < until:
            if now - self._polled > _POLL_S:
                self._polled = now
                told = self.get("poll", f"/feed?since={self._seq}")
                self._seq = json.loads(told)["seq"] if told else self._seq
            time.sleep(min(0.25, max(0.0, until - time.monotonic())))

    def results(self) -> None:
        """Open the gallery."""
        self.page({"page": "gallery", "path": "/"})

    def a_class(self) -> None:
        """Open a run at one class, then go through a few others of it."""
        run, n_classes = self._draw.choice(self._place.runs)
        target = self._draw.randrange(n_classes)
        self.page({"page": "class", "run": run, "target": target})
        for _ in range(self._draw.randrange(1, 5)):
            for view in ("class", "levels", "ofiv"):
                self.get("view", f"/data/{run}/{view}.json?target={target}")
            self.get("view", f"/data/{run}/fiv.u8?target={target}")
            self.look(self._draw.uniform(*LOOKS_S))
            target = self._draw.randrange(n_classes)

    def all_classes(self) -> None:
        """Open the page that compares the classes of a run."""
        run, _ = self._draw.choice(self._place.runs)
        self.page({"page": "classes", "run": run})
        for name in ("all.json", "similarity.u8"):
            self.get("view", f"/data/{run}/classes/{name}")

    def all_channels(self) -> None:
        """Open the table of the channels of a run."""
        run, _ = self._draw.choice(self._place.runs)
        self.page({"page": "channels", "run": run})
        self.get("view", f"/data/{run}/channels/table.json")

    def queue(self) -> None:
        """Open the queue."""
        self.page({"page": "queue", "path": "/runs"})

    def start_and_cancel(self) -> None:
        """Start a run again, look at the queue, and cancel it."""
        self.act("start", f"/act/runs/{self._mine}/again")
        self.queue()
        self.look(self._draw.uniform(*LOOKS_S))
        self.act("cancel", f"/act/runs/{self._mine}/cancel")

    def page(self, key: dict) -> None:
        """Ask for a page as the callback of Dash does."""
        asked = {"id": "page-key", "property": "data", "value": key}
        body = {
            "output": "page.children",
            "outputs": {"id": "page", "property": "children"},
            "inputs": [asked],
            "changedPropIds": ["page-key.data"],
        }
        self.ask("page", "POST", "/_dash-update-component", body)

    def act(self, kind: str, path: str) -> None:
        """Change something; a refusal in words is no error."""
        self.ask(kind, "POST", path, {})

    def get(self, kind: str, path: str) -> bytes:
        """Ask for data; b"" when it could not be had."""
        return self.ask(kind, "GET", path)

    def ask(self, kind: str, method: str, path: str, body: dict | None = None) -> bytes:
        """Send one request over the connection that is kept, and note how long it took."""
        headers = {"X-DeepResolve": "1", "Accept-Encoding": "gzip"} if body is not None else {}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        if method == "POST":
            headers["Origin"] = f"http://{HOST}:{self._place.port}"
        begun = time.perf_counter()
        try:
            answer, content = self._send(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self.wrong.append(f"{method} {path}: {error!r}")
            return b""
        self.took[kind].append(time.perf_counter() - begun)
        if answer.status >= 400:
            self.wrong.append(f"{method} {path}: {answer.status}")
            return b""
        return content

    def _send(
        self, method: str, path: str, body: dict | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send once; on a connection that the server let go of meanwhile, again on a new one."""
        text = None if body is None else json.dumps(body)
        for fresh in (self._connection.sock is None, True):
            try:
                self._connection.request(method, path, text, headers)
                answer = self._connection.getresponse()
                return answer, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError):
                self._connection.close()
                if fresh:
                    raise
        raise AssertionError
