"""Server settings: one table of name, default and help, read from `DRD_...` variables."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from deepresolve_dash.errors import SettingsError


class Settings(BaseSettings):
    """What a server can be told; every field is also the variable `DRD_` plus its name."""

    model_config = SettingsConfigDict(env_prefix="DRD_", frozen=True)

    state: Path = Field(
        default=Path("cache"), description="folder of runs, models and derived pictures"
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8050, ge=1, le=65535, description="port to listen on")
    upload_mb: int = Field(
        default=2048, ge=1, description="size limit of what a user uploads at once, in MB"
    )
    cache_mb: int = Field(
        default=512, ge=1, description="size limit of derived pictures on disk, in MB"
    )

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
