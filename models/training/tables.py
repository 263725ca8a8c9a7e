"""The tables that come with the photographs: CSV files, found anywhere below a data folder."""

from __future__ import annotations

import csv
from pathlib import Path

METADATA = "HAM10000_metadata.csv"  # lesion_id, image_id, dx, dx_type, age, sex, localization


def rows_of(data: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of every table of this name below a data folder; none if there is none."""
    rows: list[dict[str, str]] = []
    for path in sorted(data.rglob(name)):
        with path.open(newline="") as file:
            rows += csv.DictReader(file)
    return rows
