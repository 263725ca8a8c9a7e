"""Whoever asks for whatever address, with whatever method, is answered what the table says; nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.security.gate import API
from tests.access.table import ANSWERED, BODIES, EXPECTED, OPEN, PEOPLE, ROWS, Outcome, values
from tests.access.world import World

READING = {"GET", "HEAD", "OPTIONS"}


def test_every_address_has_a_row_and_every_row_an_address(world: World) -> None:
    assert {rule.endpoint for rule in world.app.url_map.iter_rules()} == set(EXPECTED)


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_is_answered_what_the_table_says(world: World, who: str) -> None:
    untouched, wrong = world.digest(), []

    for rule, method in requests(world):
        expected = EXPECTED[rule.endpoint][who]
        address, options = asked(world, rule, method)
        answer = world.send(who, method, address, **options)
        found = [] if is_as_expected(rule.endpoint, expected, answer) else [f"{answer.status}, not {expected.value}"]
        found += [f"told {word}" for word in told(world, who, answer) if word not in unquote(answer.request.url)]
        if method not in READING and expected is Outcome.LET_IN:
            world.restore()
        elif world.digest() != untouched:
            found.append("something changed")
            world.restore()
        wrong += [f"{method} {address} ({rule.endpoint}): {problem}" for problem in found]

    assert not wrong, "\n".join(wrong)


def requests(world: World) -> Iterator[tuple[Rule, str]]:
    for rule in world.app.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            if method not in ("HEAD", "OPTIONS"):
                yield rule, method


def asked(world: World, rule: Rule, method: str) -> tuple[str, dict[str, object]]:
    """Return the address with real things in it, and what is sent."""
    given = values(world, rule.endpoint)
    variables = {name: given[name] for name in rule.arguments}
    with world.app.test_request_context():
        address = world.app.url_map.bind("localhost").build(rule.endpoint, variables)
    body = BODIES.get(rule.endpoint)
    return address, {} if method == "GET" or body is None else body(world)


def told(world: World, who: str, answer: TestResponse) -> list[str]:
    """Return the names and ids of the other clinic that an answer tells."""
    foreign = world.ours if who in ("other", "anonymous") else world.theirs
    content = answer.data + str(answer.headers).encode()
    return [word for word in foreign.ids if word.encode() in content]


def is_as_expected(endpoint: str, expected: Outcome, answer: TestResponse) -> bool:
    to_sign_in = answer.status_code == 302 and answer.location.startswith("/login")
    if endpoint in ROWS[OPEN].split():  # what is wrong with what was sent, everybody is told
        return answer.status_code < 500 and answer.status_code not in (403, 404)
    if expected is Outcome.TURNED_AWAY:
        return answer.status_code == 401 if answer.request.path.startswith(API) else to_sign_in
    if expected is Outcome.LET_IN:
        wanted = ANSWERED.get((endpoint, answer.request.method))
        return not to_sign_in and (answer.status_code < 400 if wanted is None else answer.status_code == wanted)
    return answer.status_code == int(expected.value)
