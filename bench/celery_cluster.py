"""A broker and workers of Celery on one machine, for tests and the bench of kills."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from bench.kill import wait_until
from bench.web import ROOT, free_port

PASSWORD = "a-password"  # noqa: S105 - of a broker that lives for seconds
_END_S = 60.0
APP = "deepresolve_dash.runs.remote.celery_app"


class Broker:
    """A redis-server that keeps nothing on disk, so that its death loses all tickets."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        """Start it; it answers soon."""
        words = [
            "redis-server", "--bind", "127.0.0.1", "--port", str(self._port),
            "--requirepass", PASSWORD, "--save", "", "--appendonly", "no",
            "--dir", str(self._folder),
        ]  # fmt: skip
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        wait_until(self.answers)

    def answers(self) -> bool:
        """Tell whether it is there."""
        import redis

        with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def send_signal(self, number: signal.Signals) -> None:
        """Stop it for a while, or let it go on."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._process.kill()
        self._process.wait()


class Workers:
    """Workers of Celery, each of which is started again when it was killed."""

    def __init__(self, n: int, environment: dict[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._living = [self._start(i) for i in range(n)]

    def kill(self, i: int) -> None:
        """Kill one, and start the next in its place."""
        self._living[i].kill()
        self._living[i].wait()
        self._living[i] = self._start(i)

    def end(self) -> None:
        """Let all hand back what they compute, and end."""
        for one in self._living:
            one.terminate()
        for one in self._living:
            try:
                one.wait(_END_S)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    def _start(self, i: int) -> subprocess.Popen:
        words = [
            sys.executable, "-m", "celery", "-A", APP, "worker", "-n", f"{i}@%h",
            "--loglevel", "INFO", "--without-mingle", "--without-gossip",
        ]  # fmt: skip
        with self._log.open("ab") as log:
            return subprocess.Popen(
                words, cwd=ROOT, env=os.environ | self._environment, stdout=log, stderr=log
            )
