"""The settings of how a site is watched: its measures and traces, and how those are closed to others."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from app.setting_kinds import LongToken, OptionalPath, WebAddress


class WatchingSettings(BaseSettings):
    """A part of the settings: see `config.Settings`."""

    metrics_token: LongToken = Field(
        None,
        repr=False,
        description="Bearer token, at least 16 characters, by which `/metrics` is read. Default: none, and nobody "
        "reads it.",
    )
    metrics_folder: OptionalPath = Field(
        None,
        description="Folder that the processes of one machine count in. Default: in the instance folder.",
    )
    worker_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port on which a worker answers `/healthz` and `/metrics`, where no web server runs beside it. "
        "Default: none.",
    )
    otlp_endpoint: WebAddress = Field(
        None,
        description="Base address of an OTLP receiver for traces, such as `https://traces.clinic.example:4318`; needs "
        "the extra `tracing`. Default: none, and nothing is traced.",
    )
