"""Every endpoint, job and command is in the register, and nothing else is."""

from __future__ import annotations

import pytest
from flask import Flask

from app.audit.agents import family
from app.audit.events import ACTIONS, VIEW
from app.audit.floods import MINUTE, MOST_A_MINUTE, REPEATED, Floods
from app.audit.register import ENDPOINTS, SAFE, Entry, Unrecorded, entry_of, words_of
from app.audit.register.elsewhere import BOOKKEEPING, COMMANDS, JOBS, PROGRESS
from app.audit.register.entries import ASKING
from app.audit.subjects import KINDS, identifier
from app.extensions import db
from app.jobs.registry import JOBS as ALL_JOBS


def test_every_endpoint_is_in_the_register_and_every_entry_is_an_endpoint(app: Flask) -> None:
    assert set(ENDPOINTS) == set(app.view_functions)


def test_every_job_and_command_of_the_register_is_there(app: Flask) -> None:
    commands = {
        f"{name} {part}" if part else name
        for name, command in app.cli.commands.items()
        for part in getattr(command, "commands", {None: None})
    }

    assert set(JOBS) <= set(ALL_JOBS)
    assert set(COMMANDS) <= commands


def test_every_entry_names_its_subject_by_a_variable_of_the_address(app: Flask) -> None:
    wrong = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if isinstance(entry := ENDPOINTS[rule.endpoint], Entry)
        and entry.variable is not None
        and entry.variable not in rule.arguments
    ]

    assert wrong == []


def test_every_page_that_changes_something_is_recorded_and_its_form_is_a_look(app: Flask) -> None:
    changing = [rule for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE - {"OPTIONS"}]
    asking = {rule.endpoint for rule in changing if ENDPOINTS[rule.endpoint] is ASKING}
    silent = {rule.endpoint for rule in changing if isinstance(entry_of(rule.endpoint, "POST"), Unrecorded)}

    assert silent - asking == {"verification.ask"}  # a code is looked up, at another address
    assert all(endpoint.endswith("options") for endpoint in asking)
    assert entry_of("patients.edit", "GET") == Entry(VIEW, "looked at a patient's record", "patient")


def test_every_page_about_somebody_is_recorded(app: Flask) -> None:
    named = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "public_id" in rule.arguments and "GET" in (rule.methods or ())
    }

    assert {endpoint for endpoint in named if isinstance(entry_of(endpoint, "GET"), Unrecorded)} == set()


def test_every_action_has_words_and_every_table_is_there(app: Flask) -> None:
    entries = [entry for entry in (*ENDPOINTS.values(), *JOBS.values(), *COMMANDS.values()) if isinstance(entry, Entry)]
    tables = {table for bind in db.metadatas.values() for table in bind.tables}

    assert {entry.action for entry in entries} <= set(ACTIONS)
    assert words_of("view", "patients.edit") == "looked at a patient's record"
    assert words_of("view", "a page that there was once") == "changed records"
    assert tables >= BOOKKEEPING | PROGRESS
    assert set(KINDS) - {"clinics"} <= tables


@pytest.mark.parametrize("typed", ["Ingrid Sørensen", "ingrid@clinic.example", "a" * 23, "1", "", "Ingrid%20"])
def test_what_somebody_types_into_an_address_is_no_identifier(typed: str) -> None:
    assert identifier("patient", typed) is None


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("Ingrid Sørensen", "another program"),
    ],
)
def test_a_browser_is_known_by_its_family_alone(agent: str, expected: str) -> None:
    assert family(agent) == expected


def test_strangers_do_not_flood_the_log_and_what_is_left_out_is_counted() -> None:
    moment = [0.0]
    floods = Floods(lambda: moment[0])

    kept = sum(not floods.is_too_much("view") for _ in range(MOST_A_MINUTE + 7))
    moment[0] = MINUTE

    assert kept == MOST_A_MINUTE
    assert not floods.is_too_much("sign-in")
    assert not floods.is_too_much("view")
    assert (floods.dropped("view"), floods.dropped("view")) == (7, 0)


def test_what_a_page_asks_for_again_is_recorded_once_in_a_while() -> None:
    moment = [0.0]
    floods = Floods(lambda: moment[0])

    heard = [floods.heard(1, "/live/batch:a"), floods.heard(1, "/live/batch:a"), floods.heard(2, "/live/batch:a")]
    moment[0] = REPEATED

    assert heard == [False, True, False]
    assert floods.heard(1, "/live/batch:a") is False
