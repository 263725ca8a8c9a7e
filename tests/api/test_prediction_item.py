"""One test, through the API: what it answers, its files, keeping it elsewhere, deleting it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.api.tokens.scopes import READ, WRITE
from app.auth.tables import User
from app.clock import now
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT
from app.results.wording import ALARM, NO_ANSWER
from app.storage import Storage
from tests.api.conftest import Program
from tests.api.photographs import send
from tests.factories import make_analysis, make_lesion, make_outline, make_patient, make_token, make_user
from tests.fakes import HEATMAP

FILES = {
    "/image": ("image/png", b"\x89PNG"),
    "/thumbnail.jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "/heatmap.png": ("image/png", b"\x89PNG"),
    "/report.pdf": ("application/pdf", b"%PDF"),
}
SIMILAR = [{"image_id": "a", "lesion_id": "b", "label": "mel", "confirmed_by": "histo", "similarity": 0.9}]


@pytest.fixture
def analysis(session: Session, owner: User, storage: Storage) -> Analysis:
    return make_analysis(session, owner, storage=storage, similar=SIMILAR, views=8, views_changed=3)


def address(analysis: Analysis, rest: str = "") -> str:
    return f"/predictions/{analysis.public_id}{rest}"


def test_it_tells_all_that_is_known(program: Program, session: Session, analysis: Analysis) -> None:
    make_outline(session, analysis)

    answer = program.get(address(analysis)).json

    assert (answer["label"], answer["label_name"], answer["malignant"]) == ("nv", "Melanocytic nevus", False)
    assert (answer["malignancy"], answer["threshold"], answer["alert"]) == (analysis.malignancy, 0.12, True)
    assert answer["summary"].startswith("The classifier favours melanocytic nevus")
    assert any(remark["caution"] and "changed in 3 of 8 views" in remark["text"] for remark in answer["remarks"])
    assert (answer["views"], answer["views_changed"]) == (8, 3)
    assert answer["frame"] == {"left": 75, "top": 0, "side": 450}
    assert answer["sha256"] == analysis.photograph_sha256
    assert answer["outline"]["asymmetry"] == 0.05
    assert answer["created_at"].endswith("Z")


def test_an_all_clear_by_class_alone_is_not_given(program: Program, analysis: Analysis) -> None:
    texts = [remark["text"] for remark in program.get(address(analysis)).json["remarks"]]

    assert texts[0] == "The most likely class is benign, but the malignant classes together are above the threshold."


def test_more_is_there_for_whoever_asks(program: Program, analysis: Analysis) -> None:
    plain = program.get(address(analysis)).json
    more = program.get(address(analysis, "?include=heatmap,similar")).json

    assert (plain["heatmap"], plain["similar"]) == (None, None)
    assert more["heatmap"] == [list(row) for row in HEATMAP]
    assert [case["label_name"] for case in more["similar"]] == ["Melanoma"]
    assert program.get(address(analysis, "?include=everything")).status_code == 422


def test_the_links_lead_to_what_they_say(program: Program, analysis: Analysis) -> None:
    links = program.get(address(analysis)).json["links"]

    for name in ("self", "image", "thumbnail", "heatmap", "report", "verdicts"):
        assert program.get(links[name].removeprefix("/api/v1")).status_code == 200, name
    assert links["page"] == f"/results/{analysis.public_id}"


@pytest.mark.parametrize("part", FILES)
def test_its_files_come_as_what_they_are(program: Program, analysis: Analysis, part: str) -> None:
    response = program.get(address(analysis, part))

    kind, start = FILES[part]
    assert (response.status_code, response.mimetype) == (200, kind)
    assert response.data.startswith(start)
    assert "no-store" in response.headers["Cache-Control"]


def test_a_photograph_that_is_no_longer_the_one_that_was_judged_makes_no_report(
    program: Program, session: Session, analysis: Analysis
) -> None:
    analysis.photograph_sha256 = "0" * 64
    session.commit()

    assert program.get(address(analysis, "/report.pdf")).status_code == 500


@pytest.mark.parametrize("part", ["", *FILES, "/verdicts", "/verdicts/1"])
def test_it_hides_other_peoples_tests(stranger: Program, client: FlaskClient, analysis: Analysis, part: str) -> None:
    assert stranger.get(address(analysis, part)).status_code == 404
    assert client.get(f"/api/v1{address(analysis, part)}").status_code == 401


def test_a_stranger_changes_nothing(stranger: Program, session: Session, analysis: Analysis) -> None:
    assert stranger.delete(address(analysis)).status_code == 404
    assert stranger.patch(address(analysis), json={"lesion": None}).status_code == 404
    assert session.get(Analysis, analysis.id) is not None


def test_without_an_answer_nothing_looks_like_one(program: Program, session: Session, owner: User) -> None:
    refused = make_analysis(session, owner, accepted=False, reasons=["blurred"])

    answer = program.get(address(refused)).json

    assert (answer["accepted"], answer["reasons"], answer["retake"]) == (False, ["blurred"], "due")
    assert answer["cautions"][0]["remedy"] == "Steady the camera, focus on the lesion and take it again."
    names = ("label", "label_name", "malignant", "probabilities", "malignancy", "alert", "views_changed", "similar")
    assert [answer[name] for name in names] == [None] * len(names)
    assert answer["summary"] == NO_ANSWER
    assert {"text": ALARM, "caution": True} in answer["remarks"]


def test_the_scores_of_a_refused_photograph_are_told_to_whoever_asks(
    program: Program, session: Session, owner: User, analysis: Analysis
) -> None:
    refused = make_analysis(session, owner, accepted=False)

    assert program.get(address(refused)).json["scores"] is None
    assert program.get(address(refused, "?include=scores")).json["scores"] == refused.probabilities
    assert program.get(address(analysis, "?include=scores")).json["scores"] is None


def test_what_is_hidden_stays_so_until_the_assessment(
    program: Program, session: Session, owner: User, analysis: Analysis
) -> None:
    owner.blind = True
    session.commit()

    hidden = program.get(address(analysis, "?include=heatmap,similar,scores")).json
    heatmap = program.get(address(analysis, "/heatmap.png"))
    program.post(address(analysis, "/verdicts"), json={"kind": "assessment", "label": "mel"})
    seen = program.get(address(analysis)).json

    names = (
        "label",
        "probabilities",
        "malignancy",
        "alert",
        "summary",
        "remarks",
        "views",
        "heatmap",
        "similar",
        "scores",
    )
    assert hidden["concealed"]
    assert [hidden[name] for name in names] == [None] * len(names)
    assert (hidden["links"]["heatmap"], hidden["links"]["report"]) == (None, None)
    assert (heatmap.status_code, heatmap.json["type"]) == (403, "/api/docs#answer-hidden")
    assert (seen["concealed"], seen["label"], seen["assessment"]) == (False, "nv", "mel")


def test_what_was_just_sent_is_hidden_as_well(program: Program, session: Session, owner: User) -> None:
    owner.blind = True
    session.commit()

    answer = send(program, query="?include=heatmap").json

    assert (answer["concealed"], answer["label"], answer["heatmap"]) == (True, None, None)


def test_it_is_kept_with_another_patient_or_lesion(
    program: Program, session: Session, owner: User, analysis: Analysis
) -> None:
    patient = make_patient(session, owner, name="Cem Kaya")
    lesion = make_lesion(session, patient)

    moved = program.patch(address(analysis), json={"patient": patient.public_id}).json
    placed = program.patch(address(analysis), json={"lesion": lesion.public_id}).json
    same = program.patch(address(analysis), json={"patient": patient.public_id}).json
    loose = program.patch(address(analysis), json={"lesion": None}).json

    assert (moved["patient"], moved["patient_name"], moved["lesion"]) == (patient.public_id, "Cem Kaya", None)
    assert (placed["patient"], placed["lesion"]) == (patient.public_id, lesion.public_id)
    assert same["lesion"] == lesion.public_id
    assert (loose["patient"], loose["lesion"]) == (patient.public_id, None)


def test_it_is_kept_nowhere_that_makes_no_sense(
    program: Program, session: Session, owner: User, analysis: Analysis
) -> None:
    theirs, archived = make_patient(session, make_user(session)), make_patient(session, owner, archived_at=now())
    lesion = make_lesion(session, make_patient(session, owner, name="Cem"))
    sent = (
        {"patient": theirs.public_id},
        {"patient": archived.public_id},
        {"patient": archived.public_id, "lesion": lesion.public_id},
        {"lesion": None},
        {},
        {"patient": None},
        {"note": "changed"},
    )

    statuses = [program.patch(address(analysis), json=body).status_code for body in sent]

    assert statuses == [422, 409, 422, 422, 422, 422, 422]


def test_it_is_deleted_for_good(program: Program, analysis: Analysis) -> None:
    assert program.delete(address(analysis)).status_code == 204
    assert program.get(address(analysis)).status_code == 404
    assert program.delete(address(analysis)).status_code == 404


def test_a_token_for_reading_changes_nothing(app: Flask, session: Session, owner: User, analysis: Analysis) -> None:
    reader = Program(app.test_client(), make_token(session, owner, scope=READ))
    writer = Program(app.test_client(), make_token(session, owner, scope=WRITE))

    assert reader.get(address(analysis)).status_code == 200
    assert reader.patch(address(analysis), json={}).status_code == 403
    assert reader.delete(address(analysis)).status_code == 403
    assert writer.delete(address(analysis)).status_code == 204


def test_a_verdict_in_force_stands_beside_the_answer(
    program: Program, session: Session, owner: User, analysis: Analysis
) -> None:
    for label in ("nv", "mel"):
        give(session, analysis, author=owner, kind=ASSESSMENT, label=label)
    session.commit()

    answer = program.get(address(analysis)).json

    assert answer["assessment"] == "mel"
    assert [(verdict["number"], verdict["label"]) for verdict in answer["verdicts"]] == [(2, "mel")]
