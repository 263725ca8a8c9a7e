"""Photographs that classifiers learned from: shown beside similar cases where the site has them in a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from flask import current_app

IMAGE_ID = re.compile(r"ISIC_[0-9]{7}")


def photograph_file(image_id: str) -> Path | None:
    """Return the file of a photograph; None if the id is not one, or the site does not have it.

    Nothing of the id becomes part of a path: it is looked up among the names that the folder has.
    """
    folder: Path | None = current_app.config["SETTINGS"].data
    if folder is None or not IMAGE_ID.fullmatch(image_id):
        return None
    return _files(folder).get(image_id)


@lru_cache(maxsize=2)
def _files(folder: Path) -> Mapping[str, Path]:
    """Find the photographs below a folder, once in each process: their name without suffix -> file."""
    return MappingProxyType({path.stem: path for path in folder.rglob("ISIC_*.jpg") if path.is_file()})
