"""The API does what its description says, whatever is sent: schemathesis against the real application."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from sqlalchemy.orm import Session

from app.api.tokens.scopes import ADMIN
from app.auth.tables import User
from config import Settings
from tests.factories import make_token

EXAMPLES = 25  # of each operation and mode
TOKEN = "Authorization"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_requests_per_minute": 1_000_000})


@pytest.fixture
def described(app: Flask) -> BaseSchema:
    """The API as it describes itself.

    Which days and cursors are good, and which texts can be read, no JSON Schema can say: what fits may be a 422, too.
    """
    schema: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    schema.config.checks.positive_data_acceptance.expected_statuses.append("422")
    return schema


@pytest.fixture
def token(session: Session, owner: User) -> dict[str, str]:
    return {TOKEN: f"Bearer {make_token(session, owner, scope=ADMIN)}"}


MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.mark.parametrize("mode", MODES, ids=["what fits", "what does not fit"])
def test_every_operation_answers_as_it_is_described(
    described: BaseSchema, token: dict[str, str], subtests: pytest.Subtests, mode: GenerationMode
) -> None:
    for result in described.get_all_operations():
        operation = result.ok()
        if mode is GenerationMode.NEGATIVE and not takes_anything(operation):
            continue
        with subtests.test(operation.label):
            judge(operation, mode, token)


def takes_anything(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Tell whether there is anything, beside the token, that could be sent wrongly."""
    sent = (operation.path_parameters, operation.query, operation.headers, operation.body)
    return any(getattr(each, "name", None) != TOKEN for parameters in sent for each in parameters)


def judge(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, token: dict[str, str]) -> None:
    """Send one operation many requests, and hold each answer against the description."""

    @hypothesis.settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Case) -> None:
        case.call_and_validate(headers=token)

    answers()
