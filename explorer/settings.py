"""Where things are and how the server is reached: read from ``TOUSHI_…`` variables, overridden by the command line.

The launcher passes its settings to the web process through the same variables (``environment``). Nothing is opened or
created here.
"""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "TOUSHI_"
"""The folder that holds ``models/``, ``explorer/`` and ``pages/``."""


class Settings(BaseSettings):
    """One server's settings.

    store: folder of runs, uploaded data and caches. scheduler: address of the dask scheduler that trains, '' for an
    embedded one. workers: processes of the embedded cluster, 0 for one a core, at most 4.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8501, ge=1, le=65535)
    store: Path = Path("store")
    scheduler: str = ""
    workers: int = Field(0, ge=0, le=64)
    browser: bool = True

    def environment(self) -> dict[str, str]:
        """These settings as environment variables for a child process; the store as an absolute path."""
        values = self.model_dump(mode="json") | {"store": str(self.store.resolve())}
        return {f"{PREFIX}{name}".upper(): str(value) for name, value in values.items()}
