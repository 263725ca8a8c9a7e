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
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT
from app.storage import Storage
from models.labels import HAM7
from tests.factories import make_analysis, make_lesion
from tests.web.test_security_gate import OPEN

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
# Pages with variables that are not the public id of a test, a patient or a lesion, and why no answer can be on them.
# Whoever adds a page that needs another variable gives an example below, with a hidden answer behind it.
WITHOUT_ANSWERS = {
    "classifiers.show",  # a card
    "classifiers.photograph",  # of the training data
}
QUERIES = ("", "sort=suspicious", "label=mel", "malignancy_from=50", "sort=suspicious&malignancy_from=0")
EVER_NEW = re.compile(r'(name="(?:csrf_token|submission)"[^>]*value=")[^"]*|\b[0-9a-f]{16}\b')


@pytest.fixture
def analysis(session: Session, storage: Storage, owner: User, patient: Patient) -> Analysis:
    """A test whose answer is hidden, among one that was assessed and one that was refused."""
    lesion = make_lesion(session, patient)
    kept = {"patient_id": patient.id, "lesion_id": lesion.id, "storage": storage}
    assessed = make_analysis(session, owner, **kept, malignancy=0.5)
    give(session, assessed, author=owner, kind=ASSESSMENT, label="mel")
    make_analysis(session, owner, **kept, accepted=False)
    owner.blind = True
    hidden = make_analysis(session, owner, **kept, malignancy=0.05)
    session.commit()
    return hidden


@dataclass(frozen=True)
class Walk:
    """Asks for every page, its variables filled in with each of the examples, and with every query."""

    app: Flask
    client: FlaskClient
    session: Session
    examples: tuple[str, ...]

    def addresses(self) -> Iterator[tuple[str, str]]:
        for rule in self.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in WITHOUT_ANSWERS | OPEN:
                continue
            for values in product(self.examples, repeat=len(rule.arguments)):
                with self.app.test_request_context():
                    variables = dict(zip(sorted(rule.arguments), values, strict=True))
                    yield rule.endpoint, self.app.url_map.bind("localhost").build(rule.endpoint, variables)

    def answers(self) -> dict[tuple[str, str], tuple[int, str]]:
        """Return status and content of all that is found, less what is new each time, by endpoint and address."""
        found = {}
        for endpoint, address in self.addresses():
            for query in QUERIES:
                response = self.client.get(address, query_string=query)
                if response.status_code == 404:
                    break
                content = EVER_NEW.sub(r"\1", response.data.decode("latin-1"))
                found[endpoint, f"{address}?{query}"] = response.status_code, content
        return found

    def changed_by_another_answer(self, analysis: Analysis) -> set[str]:
        """Return the endpoints whose pages change with what the classifier answered."""
        before = self.answers()
        for column, value in OTHER_ANSWER.items():
            setattr(analysis, column, value)
        self.session.commit()
        after = self.answers()
        return {key[0] for key in before | after if before.get(key) != after.get(key)}


@pytest.fixture
def walk(app: Flask, reader: FlaskClient, session: Session, analysis: Analysis, patient: Patient) -> Walk:
    lesion = session.get(Lesion, analysis.lesion_id)
    return Walk(app, reader, session, (analysis.public_id, patient.public_id, lesion.public_id))


def test_no_page_tells_what_is_hidden(walk: Walk, analysis: Analysis) -> None:
    assert walk.changed_by_another_answer(analysis) == set()


def test_every_page_was_looked_at(walk: Walk, app: Flask) -> None:
    found = {endpoint for endpoint, _ in walk.answers()}

    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - WITHOUT_ANSWERS - OPEN - found == set()


def test_once_assessed_the_pages_show_the_answer(walk: Walk, session: Session, owner: User, analysis: Analysis) -> None:
    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()

    assert walk.changed_by_another_answer(analysis) >= {
        "landing.home",
        "lesions.show",
        "patients.show",
        "results.heatmap",
        "results.previous_tests",
        "results.report",
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
