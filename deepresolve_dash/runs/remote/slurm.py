"""Workers as jobs of SLURM: each computes runs until the queue is empty, then ends."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from deepresolve_dash.errors import RunRefused, SettingsError
from deepresolve_dash.runs import tidy
from deepresolve_dash.runs.remote.tickets import Jobs

_ANSWER_S = 20
_HAND_BACK_S = 60  # before the wall time ends, the job is told
_NAME = "deepresolve"
_SECRETS = ("DRD_TOKEN", "DRD_BROKER")  # which a job needs not


class Slurm:
    """Asks `sbatch`, `squeue` and `scancel`.

    A job gets the token in its environment and needs no shared disk. It is told 60 seconds before
    its wall time ends, and when it is pre-empted, and hands back what it computes.

    Parameters
    ----------
    url, token : str
        Of the coordinator.
    words : str
        Further words for sbatch: partition, account, time, GPUs.
    state : Path
        Its jobs are told from those of other dashboards by it.
    """

    name, counts = "slurm", True
    clue = "Add --output=FILE, a file of the nodes, to DRD_SBATCH to read what a job prints."

    def __init__(self, url: str, token: str, words: str, state: Path) -> None:
        missing = [tool for tool in ("sbatch", "squeue", "scancel") if shutil.which(tool) is None]
        if missing:
            raise SettingsError(
                f"DRD_ENGINE is slurm, and there is no {missing[0]} on this machine.",
                "Start the dashboard where jobs can be submitted.",
            )
        self._url, self._token = url, token
        try:
            self._words = shlex.split(words)
        except ValueError as error:
            raise SettingsError(f"DRD_SBATCH cannot be read: {error}.") from None
        self._job = job_name(state)

    def jobs(self) -> Jobs:
        """Return how many jobs wait and run."""
        said = self._ask("squeue", "--noheader", f"--name={self._job}", "--format=%t")
        states = said.split()
        waiting = sum(state in ("PD", "CF", "RQ", "RH") for state in states)
        return Jobs(waiting, sum(state in ("R", "CG") for state in states))

    def send(self, ticket: str) -> None:
        """Submit a job."""
        command = [
            sys.executable, "-m", "deepresolve_dash", "worker", "--coordinator", self._url,
            "--engine", self.name, "--ticket", ticket, "--until-empty",
        ]  # fmt: skip
        script = f"#!/bin/sh\ncd {shlex.quote(str(tidy.CODE))}\nexec {shlex.join(command)}\n"
        told = {"DRD_WORKER_TOKEN": self._token}
        self._ask(
            "sbatch", "--parsable", f"--job-name={self._job}", "--no-requeue", "--output=/dev/null",
            f"--signal=B:TERM@{_HAND_BACK_S}", "--export=ALL", *self._words,
            script=script, told=told,
        )  # fmt: skip

    def take_back(self) -> bool:
        """Leave the jobs that wait: a place in the queue of a cluster is worth keeping."""
        return False

    def stop(self) -> None:
        """Cancel the jobs; those that run hand back what they compute."""
        self._ask("scancel", f"--name={self._job}")

    def _ask(self, *command: str, script: str = "", told: dict[str, str] | None = None) -> str:
        """Return what a tool of SLURM says.

        Raises
        ------
        RunRefused
            When it refuses, or does not answer.
        """
        known = {name: value for name, value in os.environ.items() if name not in _SECRETS}
        try:
            done = subprocess.run(  # noqa: S603
                command, input=script, capture_output=True, text=True, timeout=_ANSWER_S,
                env=known | (told or {}), check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RunRefused(f"{command[0]} does not answer: {error}.") from None
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise RunRefused(f"{command[0]} refused: {said[-1] if said else done.returncode}.")
        return done.stdout


def job_name(state: Path) -> str:
    """Return what the jobs of a state folder are called."""
    return f"{_NAME}-{state.stat().st_ino:x}-{state.stat().st_dev:x}"
