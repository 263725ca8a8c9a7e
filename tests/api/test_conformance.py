"""The API does what its description says, whatever is sent: schemathesis against the real application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection
from sqlalchemy.orm import Session

from app.api.tokens.scopes import ADMIN
from app.api.tokens.selectors import all_tokens_of
from app.auth.tables import User
from app.batches.sending.naming import ONE
from app.batches.tables import Batch
from app.interop.deliveries.destinations import register
from app.interop.deliveries.tables import Delivery
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT
from app.storage import Storage
from config import Settings
from tests.factories import belonging_to, make_analysis, make_lesion, make_patient, make_token
from tests.fakes import NAME, FakeDestination
from tests.pictures import jpeg, lesion_picture

EXAMPLES = 12  # of each operation and mode
TOKEN = "Authorization"
FILES = {"image", "files"}


@dataclass
class Things:
    """Makes what an operation may be about, anew for each, because operations change and delete."""

    session: Session
    storage: Storage
    owner: User
    photograph: bytes

    def make(self, path: str) -> dict[str, str]:
        """Return values for the variables of an address that lead somewhere."""
        kind = path.removeprefix("/api/v1/").split("/")[0]
        maker = getattr(self, f"_{kind}", None)
        return {"name": NAME, "number": "1"} | ({} if maker is None else {"public_id": maker()})

    def file(self, generated: object) -> object:
        """Return a photograph, or as many as were generated."""
        return [self.photograph for _ in generated] if isinstance(generated, list) else self.photograph

    def _patients(self) -> str:
        return make_patient(self.session, self.owner).public_id

    def _lesions(self) -> str:
        return make_lesion(self.session, make_patient(self.session, self.owner)).public_id

    def _predictions(self) -> str:
        analysis = make_analysis(self.session, self.owner, storage=self.storage)
        give(self.session, analysis, author=self.owner, kind=ASSESSMENT, label="nv")
        self.session.commit()
        return analysis.public_id

    def _batches(self) -> str:
        batch = Batch(
            clinic_id=self.owner.clinic_id,
            author_id=self.owner.id,
            model_name=NAME,
            naming=ONE,
            chosen=False,
            patient_name="Ann",
        )
        self.session.add(batch)
        self.session.commit()
        return batch.public_id

    def _deliveries(self) -> str:
        analysis = make_analysis(self.session, self.owner)
        delivery = Delivery(analysis_id=analysis.id, **belonging_to(self.owner), destination="fhir")
        self.session.add(delivery)
        self.session.commit()
        return delivery.public_id

    def _tokens(self) -> str:
        make_token(self.session, self.owner)
        return all_tokens_of(self.session, self.owner)[0].public_id


@pytest.fixture
def things(app: Flask, session: Session, storage: Storage, owner: User) -> Things:
    register(app, FakeDestination())
    return Things(session, storage, owner, jpeg(lesion_picture(size=(200, 200))))


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


FITTING = GenerationMode.POSITIVE
MODES = [FITTING, GenerationMode.NEGATIVE]


@pytest.mark.parametrize("mode", MODES, ids=["what fits", "what does not fit"])
def test_every_operation_answers_as_it_is_described(
    described: BaseSchema, things: Things, token: dict[str, str], subtests: pytest.Subtests, mode: GenerationMode
) -> None:
    for result in described.get_all_operations():
        operation = result.ok()
        if mode is GenerationMode.NEGATIVE and not takes_anything(operation):
            continue
        with subtests.test(operation.label):
            judge(operation, mode, things, token)


def takes_anything(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Tell whether there is anything, beside the token, that could be sent wrongly."""
    sent = (operation.path_parameters, operation.query, operation.headers, operation.body)
    return any(getattr(each, "name", None) != TOKEN for parameters in sent for each in parameters)


def judge(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, things: Things, token: dict[str, str]
) -> None:
    """Send one operation many requests, about what is there and what is not, and judge each answer."""
    known = things.make(operation.path)

    @hypothesis.settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(case=operation.as_strategy(generation_mode=mode), there=st.booleans())
    def answers(case: Case, there: bool) -> None:
        if there and fits(case, ParameterLocation.PATH):
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        if there and mode is FITTING and isinstance(case.body, dict):
            case.body = {name: things.file(value) if name in FILES else value for name, value in case.body.items()}
        # whether what does not fit is refused is for the other mode: a photograph put in does not look generated
        case.call_and_validate(headers=token, excluded_checks=[negative_data_rejection] if mode is FITTING else [])

    answers()


def fits(case: Case, place: ParameterLocation) -> bool:
    """Tell whether this part of a request is as it should be."""
    part = case.meta.components.get(place) if case.meta is not None else None
    return part is not None and part.mode is GenerationMode.POSITIVE
