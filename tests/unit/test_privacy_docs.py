"""The page about privacy and the code say the same."""

from __future__ import annotations

import re

from app import factory
from app.extensions import db
from config import ROOT, Settings

PAGE = (ROOT / "docs" / "privacy.md").read_text()
CELL = re.compile(r"`([a-z_]+)`")


def listed_tables() -> list[str]:
    section = PAGE.partition("| Table |")[2].partition("\n\n")[0]
    return [name for line in section.splitlines()[2:] for name in CELL.findall(line.split("|")[1])]


def test_it_lists_every_table_once_and_no_other() -> None:
    assert factory.FEATURES  # whose tables these are
    assert sorted(listed_tables()) == sorted(db.metadata.tables)


def test_it_names_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"LENTIGO_([A-Z_]+)", PAGE))

    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_what_it_calls_encrypted_is() -> None:
    encrypted = {
        table.name
        for table in db.metadata.tables.values()
        for column in table.columns
        if type(column.type).__module__.startswith("app.encrypted")
    }

    section = PAGE.partition("| Table |")[2].partition("\n\n")[0]
    said = {name for line in section.splitlines() if "ncrypted" in line for name in CELL.findall(line.split("|")[1])}
    assert encrypted <= said


def test_every_page_and_decision_that_it_leads_to_is_there() -> None:
    assert [to for to in re.findall(r"\]\(([^)#]+)", PAGE) if not (ROOT / "docs" / to).exists()] == []
