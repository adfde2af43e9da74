"""What one process keeps for monitors: answers that went wrong, and figures of a moment ago."""

import time
from collections import Counter
from collections.abc import Callable
from threading import Lock

from flask import Flask, Response, current_app

KEPT_S = 5.0  # as long as asking the GPUs may take
KINDS = {4: "refused", 5: "failed"}  # by the first figure of the status
NAME = "deepresolve-watched"


class Watched:
    """Counts wrong answers, and has figures made by one request at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing."""
        self._clock = clock
        self._counting, self._making = Lock(), Lock()
        self._wrong = Counter(dict.fromkeys(KINDS.values(), 0))
        self._kept, self._until = b"", 0.0

    def count(self, answer: Response) -> Response:
        """Count an answer that refuses or that tells of a failure."""
        kind = KINDS.get(answer.status_code // 100)
        if kind is not None:
            with self._counting:
                self._wrong[kind] += 1
        return answer

    def wrong(self) -> dict[str, int]:
        """Return how many answers of each kind there were."""
        with self._counting:
            return dict(self._wrong)

    def figures(self, make: Callable[[], bytes]) -> bytes:
        """Return figures that are at most `KEPT_S` old; who asks meanwhile waits for the same."""
        with self._making:
            if not self._kept or self._clock() >= self._until:
                self._kept = make()
                self._until = self._clock() + KEPT_S
            return self._kept


def attach(server: Flask) -> None:
    """Let a server count its answers."""
    server.extensions[NAME] = Watched()
    server.after_request(lambda answer: watched().count(answer))


def watched() -> Watched:
    """Return what the server keeps that answers this request."""
    return current_app.extensions[NAME]
