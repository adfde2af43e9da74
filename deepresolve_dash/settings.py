"""Server settings: one table of name, default and help, read from `DRD_...` variables."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from deepresolve_dash.errors import SettingsError


class Settings(BaseSettings):
    """What a server can be told; every field is also the variable `DRD_` plus its name."""

    model_config = SettingsConfigDict(env_prefix="DRD_", frozen=True)

    state: Path = Field(
        default=Path("cache"), description="folder of runs, models and derived pictures"
    )
    genomes: Path = Field(
        default=Path("genomes"), description="folder of genomes (FASTA) that regions are read from"
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8050, ge=1, le=65535, description="port to listen on")
    hosts: str = Field(
        default="",
        description="further names to open it by, set apart by commas, such as that of a proxy",
    )
    auth: Literal["auto", "none"] = Field(
        default="auto",
        description="auto: named users log in, and without users a token is asked for unless only "
        "this machine is answered; none: nobody is asked, on this machine alone",
    )
    token: str = Field(
        default="", description="access token, such as one that stays; else each start makes one"
    )
    proxies: str = Field(
        default="",
        description="addresses or networks of trusted proxies, set apart by commas, whose "
        "X-Forwarded headers are believed",
    )
    user_header: str = Field(
        default="", description="header in which a trusted proxy names whoever logged in there"
    )
    sso_role: Literal["none", "viewer", "member"] = Field(
        default="viewer",
        description="role of whoever that proxy names and `user add` has not added: viewer, "
        "member, or none, which lets nobody else in",
    )
    quota_mb: int = Field(
        default=20480, ge=1, description="size of all files that a named user may keep here, in MB"
    )
    prefix: str = Field(
        default="",
        pattern=r"^(/[A-Za-z0-9._~-]+)*$",
        description="path below which a proxy shows it, such as /deepresolve",
    )
    processes: int = Field(
        default=1, ge=1, le=32, description="processes that answer browsers, of 8 threads each"
    )
    upload_mb: int = Field(
        default=2048, ge=1, description="size limit of what a user uploads at once, in MB"
    )
    cache_mb: int = Field(
        default=512, ge=1, description="size limit of derived pictures on disk, in MB"
    )
    gpus: str = Field(
        default="auto", description="GPUs that compute runs: auto, none, or numbers such as 0,1"
    )
    cpu_workers: int = Field(
        default=1, ge=1, description="workers of a machine without a GPU, which share its cores"
    )
    coordinator: str = Field(
        default="",
        description="host:port where workers on other machines are answered; empty: nobody is",
    )
    coordinator_url: str = Field(
        default="",
        description="address that they reach it at, such as that of a proxy; empty: the same",
    )
    engine: Literal["local", "slurm", "celery"] = Field(
        default="local",
        description="what computes: workers of this machine, jobs of SLURM, or workers of Celery",
    )
    broker: str = Field(
        default="",
        description="Redis or Valkey that Celery takes tickets from, redis://:PASSWORD@HOST:6379/0",
    )
    lease_s: float = Field(
        default=30.0,
        gt=1,
        description="seconds without a word after which a worker on another machine loses its run",
    )
    engine_workers: int = Field(
        default=4, ge=1, description="workers that SLURM or Celery is asked for at once, at most"
    )
    sbatch: str = Field(
        default="--gres=gpu:1", description="further words for sbatch, such as -p gpu -t 4:00:00"
    )
    free_mb: int = Field(
        default=500, ge=0, description="room on the disk below which no run is taken on, in MB"
    )
    stall_s: float = Field(
        default=600, gt=0, description="seconds without progress after which a run has failed"
    )
    keep_days: int = Field(
        default=0, ge=0, description="days after which unpinned runs go to the bin; 0 is never"
    )
    user_queued: int = Field(
        default=200, ge=0, description="runs of one user that may wait at once; 0 is any number"
    )
    user_running: int = Field(
        default=0, ge=0, description="runs of one user that are computed at once; 0 is any number"
    )
    user_results_mb: int = Field(
        default=0, ge=0, description="room for the results of one user, in MB; 0 is any"
    )

    def environment(self) -> dict[str, str]:
        """Return the variables that give another process these settings, but for the token."""
        values = self.model_dump(exclude={"token"}) | {
            "state": self.state.absolute(),
            "genomes": self.genomes.absolute(),
        }
        return {f"DRD_{name.upper()}": str(value) for name, value in values.items()}

    @property
    def run_roots(self) -> tuple[Path, ...]:
        """Folders whose children are runs: those in the state, and the demos that are shipped."""
        return self.state / "runs", Path(__file__).parent / "demos" / "runs"


def read_settings(**given: object) -> Settings:
    """Return the settings of the environment, with the given values in their place.

    Raises
    ------
    SettingsError
        When a value is of the wrong kind or out of range.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "DRD_" + str(first["loc"][0]).upper()
        raise SettingsError(f"{name} is {first['input']!r}: {first['msg']}.") from None
