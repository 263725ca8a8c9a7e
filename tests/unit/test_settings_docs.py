"""The page of the settings and the settings themselves say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from config import ROOT, Settings

PAGE = ROOT / "docs" / "settings.md"


def shown(default: Any) -> str:
    """Write a default as one would set it."""
    match default:
        case None | ():
            return ""
        case bool():
            return f"`{str(default).lower()}`"
        case Path():
            return f"`{default.relative_to(ROOT).as_posix()}`"
        case _:
            return f"`{default}`"


def table() -> str:
    """Write the table that the page must hold."""
    rows = [
        f"| `LENTIGO_{name.upper()}` | {shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| Variable | Default | Meaning |", "| --- | --- | --- |", *rows])


def test_the_page_lists_every_setting_with_its_default_and_meaning() -> None:
    page = PAGE.read_text()

    assert table() in page, f"docs/settings.md must hold this table:\n\n{table()}"


def test_the_page_names_no_setting_that_does_not_exist() -> None:
    known = {f"LENTIGO_{name.upper()}" for name in Settings.model_fields}

    for path in [PAGE, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "Makefile"]:
        named = set(re.findall(r"LENTIGO_[A-Z_]+[A-Z]", path.read_text()))
        assert named <= known, path.name
