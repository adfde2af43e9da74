"""Workers that Celery starts, one for each ticket on the queue of a broker, Redis or Valkey."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from deepresolve_dash.errors import RunRefused, SettingsError
from deepresolve_dash.runs.remote.tickets import Jobs

PACKAGE = "celery[redis]==5.7.0"
TASK = "deepresolve.work"
QUEUE = "deepresolve"
_EXPIRES_S = 3600
_ANSWER_S = 3.0
_SCHEMES = ("redis", "rediss")


class CeleryEngine:
    """Puts tickets on a queue, and nothing else: a message holds the ticket alone.

    Celery's workers know the coordinator and its token from their own environment. Whoever gets at
    the broker can so make them look at our queue, and no more.

    Parameters
    ----------
    broker : str
        Such as `redis://:password@10.0.0.1:6379/0`.

    Raises
    ------
    SettingsError
        When that is no address of a broker, or Celery is not installed.
    """

    name, counts = "celery", False
    clue = "Look at what the workers of Celery print, and whether one runs."

    def __init__(self, broker: str) -> None:
        check_broker(broker)
        from celery import Celery  # pyright: ignore[reportMissingImports] - an extra

        self._app = Celery("deepresolve", broker=broker, set_as_current=False)
        self._app.conf.update(task_serializer="json", broker_transport_options=patience())
        self._connection: Any = None  # of kombu

    def jobs(self) -> Jobs:
        """Return how many tickets wait; who computes is known from the machines themselves."""
        return Jobs(self._ask(lambda connection: self._queue(connection).queue_declare()[1]), 0)

    def send(self, ticket: str) -> None:
        """Put a ticket on the queue; nobody takes it after an hour."""
        self._ask(
            lambda connection: self._app.send_task(
                TASK,
                args=[ticket],
                queue=QUEUE,
                connection=connection,
                retry=False,
                expires=_EXPIRES_S,
                ignore_result=True,
            )  # fmt: skip
        )

    def take_back(self) -> bool:
        """Take back the tickets that wait."""
        self._ask(lambda connection: self._queue(connection).purge())
        return True

    def stop(self) -> None:
        """Take back the tickets that wait; workers end by themselves when nothing is left."""
        self.take_back()
        self._hang_up()

    def _queue(self, connection: Any) -> Any:
        from kombu.entity import Queue  # pyright: ignore[reportMissingImports] - an extra

        return Queue(QUEUE, routing_key=QUEUE, channel=connection.default_channel)

    def _ask(self, act: Callable[[Any], Any]) -> Any:
        """Return what the broker answers.

        Raises
        ------
        RunRefused
            When it refuses, or does not answer.
        """
        from kombu.exceptions import KombuError  # pyright: ignore[reportMissingImports]

        if self._connection is None:
            self._connection = self._app.connection_for_write(connect_timeout=_ANSWER_S)
        connection = self._connection
        try:
            return act(connection)
        except (
            KombuError, *connection.connection_errors, *connection.channel_errors
        ) as error:  # fmt: skip
            self._hang_up()
            raise RunRefused(
                f"The broker refuses, or does not answer: {str(error).rstrip('.')}.",
                f"It is looked for at {connection.as_uri()}.",  # with stars for the password
            ) from None

    def _hang_up(self) -> None:
        """Forget the connection; the next question makes another."""
        if self._connection is not None:
            self._connection.release()
            self._connection = None


def check_broker(broker: str) -> None:
    """Check that there is a broker, and something that talks to it.

    Raises
    ------
    SettingsError
        When that is no address of a broker, or Celery is not installed.
    """
    if not _is_address(broker):
        raise SettingsError(
            "DRD_BROKER is no address of Redis or Valkey." if broker else "DRD_BROKER is not set.",
            "It is written like redis://:PASSWORD@10.0.0.1:6379/0.",
        )
    if find_spec("celery") is None or find_spec("redis") is None:
        raise SettingsError(
            "DRD_ENGINE is celery, and Celery is not installed.",
            f"Run: {sys.executable} -m pip install '{PACKAGE}'",
        )


def _is_address(broker: str) -> bool:
    """Tell whether this is the address of Redis or Valkey."""
    try:
        parts = urlsplit(broker)
        _ = parts.port
    except ValueError:
        return False
    database = parts.path.strip("/")
    known = parts.scheme in _SCHEMES and bool(parts.hostname)
    return known and (not database or database.isdecimal())


def patience() -> dict[str, Any]:
    """Return how long a broker is waited for, as kombu's transport of Redis is told it."""
    return {
        "socket_timeout": _ANSWER_S,
        "socket_connect_timeout": _ANSWER_S,
        "retry_on_timeout": False,
        "max_retries": 0,
    }
