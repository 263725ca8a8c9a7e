"""Settings that are read from files, one for each: what is secret need not stand in the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource

from app.setting_kinds import AbsolutePath, NotEmpty


def _obstacle(folder: Path) -> str | None:
    """Return why the settings in a folder can't be read; None if they can."""
    if not folder.is_dir():
        return f"{folder} is no folder"
    closed = [path for path in folder.glob("lentigo_*") if not os.access(path, os.R_OK)]
    return f"this account can't read {closed[0]}" if closed else None


def _require_readable(folder: Path | None) -> Path | None:
    """Refuse a folder that is not there: whatever was to be read from it would be missing without a word."""
    if folder is not None and (obstacle := _obstacle(folder)):
        raise ValueError(obstacle)
    return folder


class SettingsWithSecrets(BaseSettings):
    """Settings of which a folder may hold some, each in a file that is called like it."""

    secrets_dir: Annotated[AbsolutePath | None, NotEmpty, AfterValidator(_require_readable)] = Field(
        None,
        description="Folder of files that hold a setting each and are called like it, such as `lentigo_secret_key`: "
        "for what should not stand in the environment, which counts first.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - as pydantic calls it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the folder that the others name last; what can't be read is refused by its own setting."""
        others = (init_settings, env_settings, dotenv_settings)
        folder = next((Path(name) for source in others if (name := source().get("secrets_dir"))), None)
        if folder is not None and not _obstacle(folder) and isinstance(file_secret_settings, SecretsSettingsSource):
            file_secret_settings.secrets_dir = folder
        return *others, file_secret_settings
