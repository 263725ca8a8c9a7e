"""The settings that name what a site runs on: each an address, with a default that needs nothing but Python."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from app.setting_kinds import DatabaseServer, QueueServer


class EngineSettings(BaseSettings):
    """Database and queue by address; see `config.Settings`."""

    database_url: DatabaseServer = Field(
        None, repr=False, description="SQLAlchemy address. Default: SQLite in the instance folder."
    )
    queue_url: QueueServer = Field(
        None,
        repr=False,
        description="Queue of the jobs: `redis://` or, encrypted, `rediss://`, with a database of Redis that is for "
        "nothing else (`redis://queue.clinic.example:6379/0`), or `postgresql+psycopg://` with a database of "
        "PostgreSQL, which may be that of the site. Default: SQLite in the instance folder, for this machine.",
    )
