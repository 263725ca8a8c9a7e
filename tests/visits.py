"""An address of every page, picture and file of a site with one of each thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.api.tokens.scopes import ADMIN
from app.auth.tables import User
from tests.factories import make_token
from tests.fakes import CARD
from tests.web.test_concealment import WITHOUT_ANSWERS, Walk

OWN_EXAMPLES = {"classifiers.show": [CARD.name], "api_models.show": [CARD.name], "static": ["icons/favicon.svg"]}
# which are opened by what a letter holds
BY_LINK = {"auth.finish", "account.confirm_email", "reset.choose", "invitations.accept"}


def visits(walk: Walk) -> dict[str, tuple[str, TestResponse]]:
    """Return for each endpoint that can be read an address of it and what it answers there.

    What is left out has nothing to show of such a site, as `test_concealment.WITHOUT_ANSWERS` says.
    """
    owner = walk.session.scalars(select(User)).first()
    assert owner is not None
    walk = replace(walk, token=make_token(walk.session, owner, scope=ADMIN))
    found = {}
    for rule in walk.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            answered = next(_answered(walk, rule.endpoint, sorted(rule.arguments)), None)
            if answered is not None:
                found[rule.endpoint] = answered
    readable = {rule.endpoint for rule in walk.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    unseen = readable - set(found) - WITHOUT_ANSWERS - BY_LINK
    assert not unseen, f"give an example of {unseen}"
    return found


def _answered(walk: Walk, endpoint: str, variables: list[str]) -> Iterator[tuple[str, TestResponse]]:
    examples = {**walk.own_examples, **OWN_EXAMPLES}.get(endpoint, walk.examples)
    for values in product(examples, repeat=len(variables)):
        address = walk.app.url_map.bind("localhost").build(endpoint, dict(zip(variables, values, strict=True)))
        with walk.get(address) as answer:
            answer.get_data()  # streams hold the context of their request until they are read
        if answer.status_code < 400:
            yield address, answer
