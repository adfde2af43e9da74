"""How much of the queue and of the disk one user may have."""

from dataclasses import dataclass

from deepresolve_dash.errors import RunRefused
from deepresolve_dash.settings import Settings


@dataclass(frozen=True)
class Limits:
    """What one user may have; 0 is as much as they like.

    *Choice:* 200 waiting runs by default, which a form never reaches and a script that runs wild
    does at once; no limit of running ones, since the order is fair over users anyway and an idle
    GPU helps nobody; none of results, since a full disk is refused for all.

    Attributes
    ----------
    queued : int
        Runs that wait.
    running : int
        Runs that are computed at once; further ones wait though a worker is free.
    results_mb : int
        Megabytes of the results of their runs.
    """

    queued: int = 0
    running: int = 0
    results_mb: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits of a server."""
        return cls(settings.user_queued, settings.user_running, settings.user_results_mb)

    def check_queued(self, n: int, more: int = 1) -> None:
        """Refuse another run, or so many more at once, of a user with so many that wait.

        Raises
        ------
        RunRefused
        """
        if not self.queued or n + more <= self.queued:
            return
        if more > 1:
            raise RunRefused(
                f"These are {more:,} runs that would wait, beside {n:,} of yours that wait already,"
                f" and one user may have {self.queued:,} waiting here.",
                "Ask for fewer at once, or cancel some; DRD_USER_QUEUED is the limit.",
            )
        raise RunRefused(
            f"You have {n:,} runs waiting, as many as one user may have here.",
            "Cancel some, or wait until some have begun; DRD_USER_QUEUED is the limit.",
        )

    def check_results(self, n_bytes: int) -> None:
        """Refuse another run of a user whose results take so much room.

        Raises
        ------
        RunRefused
        """
        if self.results_mb and n_bytes >= self.results_mb * 2**20:
            raise RunRefused(
                f"Your results take {n_bytes / 2**20:,.0f} MB, and one user may have "
                f"{self.results_mb:,} MB here.",
                "Delete runs that are not needed any more; DRD_USER_RESULTS_MB is the limit.",
            )

    def held_back(self) -> str:
        """Say why a run waits though a worker may be free."""
        return (
            f"waiting: {self.running:,} {'run' if self.running == 1 else 'runs'} of one user at a "
            "time are computed here"
        )
