"""Whoever looks blind first learns nothing of an answer, on no page, before an own assessment is entered.

Every page is asked for twice, and in between the classifier's answer becomes another one: not a byte may differ. So it
doesn't matter in which words, figures, order or counts an answer could show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.api.operation import operation_of
from app.auth.tables import User
from app.batches.sending.naming import ONE
from app.batches.tables import DONE, Batch, BatchItem
from app.clock import now
from app.live.parts import PARTS
from app.patients.tables import Lesion, Patient
from app.reports.tables import Report
from app.results.history.listing import PAGE_LENGTH
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT
from app.security.gate import API
from app.storage import Storage
from config import Settings
from models.labels import HAM7
from tests.factories import belonging_to, make_analysis, make_lesion, make_token, post
from tests.web.test_history import NAMES, turn

OTHER_ANSWER = {
    "label": "mel",
    "probabilities": dict.fromkeys(HAM7.codes, 0.01) | {"mel": 0.94},
    "probabilities_with_patient": dict.fromkeys(HAM7.codes, 0.02) | {"mel": 0.88},
    "malignancy": 0.96,
    "suspicion": 0.96,
    "heatmap": [[1.0, 0.0], [0.0, 0.5]],
    "views": 8,
    "views_changed": 3,
    "similar": [{"image_id": "a", "lesion_id": "b", "label": "mel", "confirmed_by": "histo", "similarity": 0.9}],
}
# Pages that are not about a test, a patient or a lesion, and why no answer can be on them.
# Whoever adds a page that needs another variable gives an example below, with a hidden answer behind it.
WITHOUT_ANSWERS = {
    "static",
    *("operations.readyz", "operations.metrics"),  # of the site
    # who asked for what and when, in codes: each look adds a line
    *("oversight.index", "oversight.export", "oversight.own"),
    "phone.session",  # who is signed in, with a token that is new each time
    "classifiers.show",  # a card
    "classifiers.photograph",  # of the training data
    *("api_docs.show", "api_health.openapi"),  # how the interface is described
    "api_models.show",  # a card
    *("api_access.me", "api_access.index", "tokens.index"),  # of tokens, each use of which changes what they say
    "api_exchange.show",  # how far a delivery is
    "api_verdicts.show",  # what the person said, which `api_verdicts.index` lists
    "api_rights.export",  # a zip file with the time in it: `test_patient_export` looks inside
}
TABLE = "malignancy"  # of the dashboard
FILES = ("photograph", "report")  # of DICOM
SECTIONS = ("unassessed", "retakes")  # of the worklist
QUERIES = ("", "sort=suspicious", "label=mel", "malignancy_from=50")
API_QUERIES = ("", "label=mel", "malignancy_min=0.5", "alert=true", "include=heatmap,similar,scores")
EVER_NEW = re.compile(r'(name="(?:csrf_token|submission)"[^>]*value=")[^"]*|nonce="[^"]*"|\b[0-9a-f]{16}\b')


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_requests_per_minute": 100_000})


@pytest.fixture
def analysis(reader: FlaskClient, session: Session, storage: Storage, owner: User, patient: Patient) -> Analysis:
    """A test whose answer is hidden, though a report was issued of it, among one assessed and one refused."""
    lesion = make_lesion(session, patient)
    kept = {"patient_id": patient.id, "lesion_id": lesion.id, "storage": storage}
    assessed = make_analysis(session, owner, **kept, malignancy=0.5)
    give(session, assessed, author=owner, kind=ASSESSMENT, label="mel")
    make_analysis(session, owner, **kept, accepted=False)
    hidden = make_analysis(session, owner, **kept, malignancy=0.05)
    post(reader, f"/results/{hidden.public_id}/reports/new")
    owner.blind = True
    session.commit()
    return hidden


@dataclass(frozen=True)
class Walk:
    """Asks for every page, its variables filled in with each of the examples, and with every query.

    A browser asks, and a program: under the API's addresses the token counts, elsewhere the cookie.
    """

    app: Flask
    client: FlaskClient
    session: Session
    examples: tuple[str, ...]
    own_examples: dict[str, list[str]]  # of endpoints whose variables nobody else has
    token: str

    def get(self, address: str, query: str = "") -> TestResponse:
        return self.client.get(address, query_string=query, headers={"Authorization": f"Bearer {self.token}"})

    def addresses(self) -> Iterator[tuple[str, str]]:
        for rule in self.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in WITHOUT_ANSWERS:
                continue
            examples = self.own_examples.get(rule.endpoint, self.examples)
            for values in product(examples, repeat=len(rule.arguments)):
                variables = dict(zip(sorted(rule.arguments), values, strict=True))
                yield rule.endpoint, self.app.url_map.bind("localhost").build(rule.endpoint, variables)

    def pages(self) -> list[tuple[str, str]]:
        """Return those of the addresses at which something is found."""
        return [page for page in self.addresses() if self.get(page[1]).status_code != 404]

    def answers(self, pages: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
        """Return status and content, less what is new each time, by endpoint and address with query."""
        found = {}
        for endpoint, address in pages:
            for query in self._queries(endpoint, address):
                response = self.get(address, query)
                content = EVER_NEW.sub(r"\1", response.data.decode("latin-1"))
                found[endpoint, f"{address}?{query}"] = response.status_code, content
        return found

    def _queries(self, endpoint: str, address: str) -> tuple[str, ...]:
        """Return what to ask an address for; operations of the API say whether they can be asked for anything."""
        if not address.startswith(API):
            return QUERIES
        described = operation_of(self.app.view_functions[endpoint])
        return API_QUERIES if described is not None and described.query is not None else ("",)

    def changed_by_another_answer(self, analysis: Analysis) -> set[str]:
        """Return the endpoints whose pages change with what the classifier answered."""
        pages = self.pages()
        before = self.answers(pages)
        for column, value in OTHER_ANSWER.items():
            setattr(analysis, column, value)
        self.session.commit()
        after = self.answers(pages)
        return {endpoint for (endpoint, address), answer in before.items() if after[endpoint, address] != answer}


@pytest.fixture
def walk(app: Flask, reader: FlaskClient, session: Session, owner: User, analysis: Analysis) -> Walk:
    """Give an example of whatever a page can be about: of each kind one that has to do with the hidden answer."""
    patient, lesion = session.get(Patient, analysis.patient_id), session.get(Lesion, analysis.lesion_id)
    things = (analysis, patient, lesion, batch_of_all(session, owner))
    ids = [thing.public_id for thing in things]
    parts = [f"{name}:{public_id}" for name, public_id in product(PARTS, ids)]
    examples = *ids, session.scalars(select(Report.code)).one(), TABLE, *SECTIONS, *FILES
    token = make_token(session, owner)
    return Walk(app, reader, session, examples, {"live.parts": parts}, token)


def batch_of_all(session: Session, owner: User) -> Batch:
    batch = Batch(
        **belonging_to(owner), model_name="mobilenetv2-ham7", naming=ONE, patient_name="Ingrid", started_at=now()
    )
    session.add(batch)
    session.flush()
    for number in session.scalars(select(Analysis.id)):
        item = BatchItem(batch_id=batch.id, key=str(number), name=f"{number}.png", state=DONE, analysis_id=number)
        session.add(item)
    session.commit()
    return batch


def test_no_page_tells_what_is_hidden(walk: Walk, analysis: Analysis) -> None:
    assert walk.changed_by_another_answer(analysis) == set()


def test_every_page_was_looked_at(walk: Walk, app: Flask) -> None:
    found = {endpoint for endpoint, _ in walk.pages()}

    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - WITHOUT_ANSWERS - found == set()


def test_every_part_that_a_page_is_told_was_looked_at(walk: Walk) -> None:
    found = {address.removeprefix("/live/").partition(":")[0] for _, address in walk.pages()}

    assert set(PARTS) <= found


def test_once_assessed_the_pages_show_the_answer(walk: Walk, session: Session, owner: User, analysis: Analysis) -> None:
    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()

    assert walk.changed_by_another_answer(analysis) >= {
        "api_prediction_files.heatmap",
        "api_prediction_files.report",
        "api_predictions.index",
        "api_predictions.show",
        "api_batch_results.report",
        "api_batch_results.results",
        "api_batch_results.results_csv",
        "batches.results_csv",
        "batches.results_pdf",
        "batches.show",
        "dashboard.home",
        "dashboard.show",
        "dashboard.table",
        "lesions.show",
        "patients.show",
        "results.heatmap",
        "results.previous_tests",
        "reports.working_copy",
        "results.show",
    }


@pytest.mark.parametrize("part", ["/heatmap.png", "/report.pdf"])
def test_what_is_hidden_is_refused_with_a_way_to_the_assessment(
    reader: FlaskClient, analysis: Analysis, part: str
) -> None:
    response = reader.get(f"/results/{analysis.public_id}{part}")

    assert response.status_code == 409
    assert "Hidden until you have entered your assessment" in response.text
    assert f'href="/results/{analysis.public_id}">Enter your assessment' in response.text


def test_the_most_suspicious_come_first_page_by_page_and_the_hidden_last(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    owner.blind = True
    for number in range(PAGE_LENGTH):
        assessed = make_analysis(session, owner, malignancy=number / PAGE_LENGTH, patient_name=f"Shown {number}")
        give(session, assessed, author=owner, kind=ASSESSMENT, label="nv")
        make_analysis(session, owner, malignancy=1 - number / PAGE_LENGTH, patient_name=f"Hidden {number}")
    make_analysis(session, owner, malignancy=0.9, accepted=False, patient_name="Refused")

    first = reader.get("/previous_tests?sort=suspicious").text
    second = turn(reader, first, "next")
    third = turn(reader, second, "next")

    names = [name for html in (first, second, third) for name in NAMES.findall(html)]
    newest_first = range(PAGE_LENGTH - 1, -1, -1)
    assert names == [f"Shown {n}" for n in newest_first] + ["Refused"] + [f"Hidden {n}" for n in newest_first]
    assert NAMES.findall(turn(reader, third, "prev") or "") == NAMES.findall(second)
