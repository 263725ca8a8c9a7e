"""Issued reports: made once, signed, amended, never changed."""

from __future__ import annotations

import io
import json
from functools import partial

import pytest
from pypdf import PdfReader
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DatabaseError

from app.auth.tables import User
from app.extensions import db
from app.reports import services
from app.reports.codes import grouped, new_code
from app.reports.files import pdf_key
from app.reports.jobs import sweep_reports
from app.reports.records import sha256
from app.reports.services import OvertakenError
from app.reports.tables import CLINICAL, ErasedReport, Report, Signature
from app.results.jobs import erase_files
from app.results.report.text import moment
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT
from tests.factories import csrf_token, make_analysis, make_user, post, sign_in
from tests.object_store import in_both
from tests.pictures import lesion_picture, png


@pytest.fixture
def analysis(session, owner, storage):
    return make_analysis(session, owner, storage=storage)


def issue(client, analysis, **fields):
    return post(client, f"/results/{analysis.public_id}/reports/new", fields)


def issued(client, session, analysis, **fields) -> Report:
    """Issue a report and return its row."""
    response = issue(client, analysis, **fields)

    assert response.status_code == 303, response.text
    session.expire_all()
    return session.scalars(select(Report).order_by(Report.id.desc())).first()


def sign(client, report):
    address = f"/reports/{grouped(report.code)}"
    return post(client, f"{address}/sign", form=address)


def words_of(pdf: bytes) -> str:
    text_ = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text_.split()).replace("\N{NO-BREAK SPACE}", " ")


def downloaded(client, report):
    return client.get(f"/reports/{grouped(report.code)}/report.pdf")


def test_a_working_copy_says_that_it_is_one_and_is_the_same_each_time(reader, analysis):
    address = f"/results/{analysis.public_id}/report.pdf"

    first, second = reader.get(address), reader.get(address)

    assert first.data == second.data
    assert "Working copy, not issued" in words_of(first.data)


def test_an_issued_report_is_kept_with_its_hashes_and_is_served_unchanged(reader, session, owner, analysis):
    report = issued(reader, session, analysis)

    response = downloaded(reader, report)

    assert response.mimetype == "application/pdf"
    assert (
        response.headers["Content-Disposition"] == f'attachment; filename="lentigo-report-{grouped(report.code)}.pdf"'
    )
    assert sha256(response.data) == report.pdf_sha256
    assert sha256(report.content.encode()) == report.text_sha256
    assert json.loads(report.content)["content"]["analysis"]["patient"] == analysis.patient_name
    assert report.photograph_sha256 == analysis.photograph_sha256
    assert (report.issued_by, report.version, report.threshold) == (owner.name, 1, 0.12)
    words = words_of(response.data)
    assert "Not signed" in words
    assert grouped(report.code) in words
    assert f"http://localhost/verify/{grouped(report.code)}" in words
    assert report.text_sha256 in words.replace(" ", "")


def test_a_signature_makes_the_final_file_with_name_and_time(reader, session, owner, analysis):
    report = issued(reader, session, analysis)

    response = sign(reader, report)

    signature = session.scalars(select(Signature)).one()
    final = downloaded(reader, report)
    assert response.status_code == 303
    assert signature.signed_by == owner.name
    assert sha256(final.data) == signature.pdf_sha256 != report.pdf_sha256
    assert f"Signed by {owner.name}, {moment(signature.signed_at)}" in words_of(final.data)
    assert "Not signed" not in words_of(final.data)


def test_signing_twice_changes_nothing(reader, session, analysis):
    report = issued(reader, session, analysis)
    sign(reader, report)
    before = downloaded(reader, report).data

    again = reader.post(f"/reports/{report.code}/sign", data={"csrf_token": _token(reader, analysis)})

    assert again.status_code == 303
    assert downloaded(reader, report).data == before
    assert len(session.scalars(select(Signature)).all()) == 1


def _token(client, analysis):
    return csrf_token(client.get(f"/results/{analysis.public_id}").text)


def test_what_has_changed_since_it_was_issued_is_not_signed(reader, session, analysis):
    report = issued(reader, session, analysis)
    analysis.patient_name = "Somebody Else"
    session.commit()

    response = sign(reader, report)

    assert response.status_code == 409
    assert "The record has changed since this version was issued" in response.text
    assert session.scalars(select(Signature)).all() == []


def test_an_amendment_of_a_signed_report_says_why_and_the_earlier_version_stays(reader, session, analysis):
    first = issued(reader, session, analysis)
    sign(reader, first)
    before = downloaded(reader, first).data

    refused = issue(reader, analysis, reason=" ")
    second = issued(reader, session, analysis, reason="The site was wrong.")

    assert refused.status_code == 422
    assert "Please say why the signed report is replaced." in refused.text
    assert second.version == 2
    assert "Amends version 1. Reason: The site was wrong." in words_of(downloaded(reader, second).data)
    assert downloaded(reader, first).data == before
    assert "Replaced by a later version" in reader.get(f"/reports/{first.code}").text


def test_a_draft_is_replaced_without_a_reason_and_can_no_longer_be_signed(reader, session, analysis):
    first = issued(reader, session, analysis)
    token = _token(reader, analysis)
    second = issued(reader, session, analysis)

    response = reader.post(f"/reports/{first.code}/sign", data={"csrf_token": token})

    assert "Replaces version 1, which was not signed." in words_of(downloaded(reader, second).data)
    assert response.status_code == 409
    assert "A later version of this report was issued." in response.text


@pytest.mark.parametrize("changed", ["reports", "report_signatures"])
def test_the_database_lets_nobody_change_a_report(reader, session, analysis, changed):
    sign(reader, issued(reader, session, analysis))

    with pytest.raises(DatabaseError, match="an issued report never changes"):
        session.execute(text(f"UPDATE {changed} SET pdf_sha256 = 'other'"))  # noqa: S608 - names from this file


def test_the_orm_can_change_no_report_either(reader, session, analysis):
    report = issued(reader, session, analysis)
    report.issued_by = "Somebody Else"

    with pytest.raises(DatabaseError, match="an issued report never changes"):
        session.commit()
    session.rollback()
    with pytest.raises(DatabaseError, match="an issued report never changes"):
        session.execute(update(Report).values(content="{}"))


@pytest.mark.parametrize("signed", [False, True])
def test_a_stored_file_that_was_changed_is_not_served(reader, session, storage, analysis, signed):
    report = issued(reader, session, analysis)
    if signed:
        sign(reader, report)
    key = pdf_key(analysis, report, signed=signed)
    storage.put(key, storage.get(key).replace(b"%%EOF", b"%%EOF "))

    response = downloaded(reader, report)

    assert response.status_code == 500
    assert "The stored file is no longer the one that was issued" in response.text


def test_a_stored_file_that_is_missing_is_said_to_be(reader, session, storage, analysis):
    report = issued(reader, session, analysis)
    storage.delete(pdf_key(analysis, report))

    response = downloaded(reader, report)

    assert response.status_code == 500
    assert "The file of this report is missing" in response.text


def test_no_report_is_made_of_a_photograph_that_is_not_the_one_that_was_analysed(reader, session, storage, analysis):
    storage.put(analysis.photograph_key, png(lesion_picture(2)))

    response = issue(reader, analysis)

    assert response.status_code == 500
    assert "The stored photograph is no longer the one that was analysed" in response.text
    assert session.scalars(select(Report)).all() == []


def test_a_report_goes_with_its_test_and_leaves_a_trace_without_the_patient(reader, session, storage, analysis):
    report = issued(reader, session, analysis)
    sign(reader, report)
    code, public_id = report.code, analysis.public_id

    post(reader, f"/results/{public_id}/delete", form=f"/results/{public_id}")

    session.expire_all()
    trace = session.scalars(select(ErasedReport)).one()
    assert session.scalars(select(Report)).all() == []
    assert list(storage.keys(f"analyses/{public_id}")) == []
    assert trace.code == code
    assert trace.issued_at <= trace.signed_at
    assert set(ErasedReport.__table__.columns.keys()) == {
        "code", "issued_at", "signed_at", "erased_at", "pdf_sha256", "signed_pdf_sha256",
    }  # fmt: skip


def test_a_report_goes_with_its_patient(reader, session, owner, storage, patient):
    analysis = make_analysis(session, owner, storage=storage, patient_id=patient.id)
    report = issued(reader, session, analysis)
    code, public_id = report.code, analysis.public_id

    post(reader, f"/patients/{patient.public_id}/erase", {"name": patient.name})

    session.expire_all()
    assert session.scalars(select(ErasedReport.code)).all() == [code]
    assert list(storage.keys(f"analyses/{public_id}")) == []


def test_files_stay_while_their_row_is_there(app, reader, session, storage, analysis):
    report = issued(reader, session, analysis)

    with app.app_context():
        erase_files(analysis.public_id)

    assert storage.get(pdf_key(analysis, report))


def test_the_page_of_a_test_lists_what_was_issued_of_it(reader, session, analysis):
    address = f"/results/{analysis.public_id}"
    before = reader.get(address).text
    first = issued(reader, session, analysis)
    sign(reader, first)
    issued(reader, session, analysis, reason="Because.")

    page = reader.get(address).text

    assert "None issued yet" in before
    assert f"/reports/{grouped(first.code)}" in page
    assert "Clinical report, version 2" in page
    assert "not signed" in page
    assert "Replaced" in page


def test_nothing_is_issued_signed_or_shown_before_the_own_assessment(reader, session, owner, analysis):
    report = issued(reader, session, analysis)
    token = _token(reader, analysis)
    owner.blind = True
    session.commit()

    answers = [
        reader.get(f"/results/{analysis.public_id}/reports/new"),
        reader.post(f"/results/{analysis.public_id}/reports/new", data={"csrf_token": token}),
        reader.get(f"/reports/{report.code}"),
        downloaded(reader, report),
        reader.post(f"/reports/{report.code}/sign", data={"csrf_token": token}),
    ]
    page = reader.get(f"/results/{analysis.public_id}").text
    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()

    assert [answer.status_code for answer in answers] == [409] * 5
    assert "Issue a" not in page
    assert reader.get(f"/reports/{report.code}").status_code == 200


def test_a_stranger_finds_none_of_it(reader, app, session, analysis):
    report = issued(reader, session, analysis)
    stranger = app.test_client()
    user = make_user(session)
    sign_in(stranger, user)
    token = _token(stranger, make_analysis(session, user))

    answers = [
        stranger.get(f"/results/{analysis.public_id}/reports/new"),
        stranger.post(f"/results/{analysis.public_id}/reports/new", data={"csrf_token": token}),
        stranger.get(f"/reports/{report.code}"),
        downloaded(stranger, report),
        stranger.post(f"/reports/{report.code}/sign", data={"csrf_token": token}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5


@pytest.mark.parametrize("address", ["/results/x/reports/new", "/reports/x", "/reports/x/report.pdf"])
def test_somebody_who_is_not_signed_in_is_asked_to(client, address):
    assert client.get(address).location.startswith("/login")


def test_of_two_who_sign_at_once_the_first_counts_and_the_file_is_theirs(reader, session, storage, analysis):
    report = issued(reader, session, analysis)
    sign(reader, report)
    final = downloaded(reader, report).data

    with pytest.raises(OvertakenError, match="quicker"):
        services.sign(
            session,
            storage,
            analysis=analysis,
            report=report,
            signer=session.get(User, analysis.author_id),
            document=Said(report.content),
            verified_at=lambda code: code,
        )

    assert downloaded(reader, report).data == final


def test_of_two_versions_issued_at_once_one_is_refused(session, owner, storage, analysis):
    make = partial(
        services.issue,
        storage=storage,
        analysis=analysis,
        author=owner,
        kind=CLINICAL,
        document=Said("{}"),
        card=None,
        verified_at=lambda code: code,
    )
    make(session)

    with pytest.raises(OvertakenError, match="quicker"):
        make(BlindTo(session))


class Said:
    """A document that says this, and is drawn as that."""

    def __init__(self, text_: str) -> None:
        self.text = text_

    def drawn(self, _issue) -> bytes:
        return self.text.encode()


class BlindTo:
    """A session that does not see a report yet, as one does that began before it was committed."""

    def __init__(self, session) -> None:
        self._session = session

    def execute(self, statement):
        return self._session.execute(statement.where(Report.id < 0))

    def __getattr__(self, name):
        return getattr(self._session, name)


@in_both
def test_files_of_reports_without_a_row_are_swept_away(reader, session, storage, analysis, age):
    report = issued(reader, session, analysis)
    draft, final = pdf_key(analysis, report), pdf_key(analysis, report, signed=True)
    lost, young = (draft.replace(report.code, new_code()) for _ in range(2))
    for key in (final, lost, young):
        storage.put(key, b"%PDF")
    for key in (draft, final, lost):
        age(key)

    with reader.application.app_context():
        sweep_reports()

    assert {key for key, _ in storage.keys(f"analyses/{analysis.public_id}/reports")} == {draft, young}


def test_a_version_that_names_another_patient_says_so(reader, session, analysis):
    report = issued(reader, session, analysis)
    address = f"/reports/{report.code}"
    before = reader.get(address).text
    analysis.patient_name = "Somebody Else"
    session.commit()

    assert "names another patient" not in before
    assert "It was issued for Ingrid Sørensen." in reader.get(address).text


def test_the_page_of_a_test_takes_as_many_queries_however_many_reports_there_are(app, reader, session, analysis):
    issued(reader, session, analysis)
    counted = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *_: counted.append(1))

    reader.get(f"/results/{analysis.public_id}")
    few = len(counted)
    for _ in range(3):
        issued(reader, session, analysis)
    counted.clear()
    reader.get(f"/results/{analysis.public_id}")

    assert len(counted) == few
