from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients import timeline
from app.patients.listing import PAGE_LENGTH
from app.patients.tables import Lesion, Patient
from app.results.names import name_key
from app.results.tables import Analysis
from app.storage import Storage
from tests.factories import make_analysis, make_lesion, make_patient, make_user, post, sign_in

NAMES = re.compile(r'<a class="stretched-link"[^>]*>([^<]*)</a>')
GET = ("", "/edit", "/merge", "/erase", "/lesions/new")
POST = ("/edit", "/archive", "/unarchive", "/merge", "/erase", "/lesions/new")


def listed(reader: FlaskClient, **query: str) -> list[str]:
    return NAMES.findall(reader.get("/patients", query_string=query).text)


def patients(session: Session) -> list[Patient]:
    session.expire_all()
    return list(session.scalars(select(Patient).order_by(Patient.id)))


@pytest.mark.parametrize("part", GET)
def test_its_owner_sees_every_page(reader: FlaskClient, patient: Patient, part: str) -> None:
    response = reader.get(f"/patients/{patient.public_id}{part}")

    assert response.status_code == 200
    assert "Ingrid Sørensen" in response.text
    assert re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", response.text) is None


@pytest.mark.parametrize("part", GET)
def test_a_stranger_finds_no_page(client: FlaskClient, session: Session, patient: Patient, part: str) -> None:
    sign_in(client, make_user(session))

    response = client.get(f"/patients/{patient.public_id}{part}")

    assert response.status_code == 404
    assert "Ingrid" not in response.text


@pytest.mark.parametrize("part", POST)
def test_a_stranger_changes_nothing(client: FlaskClient, session: Session, patient: Patient, part: str) -> None:
    sign_in(client, make_user(session))
    mine = make_patient(session, session.scalars(select(User).order_by(User.id.desc())).first())

    response = post(
        client,
        f"/patients/{patient.public_id}{part}?other={mine.public_id}",
        {"name": "Ingrid Sørensen", "label": "A"},
        form="/patients/new",
    )

    assert response.status_code == 404
    assert [(row.name, row.archived_at, row.notes) for row in patients(session)] == [
        ("Ingrid Sørensen", None, None)
    ] * 2
    assert session.scalars(select(Lesion)).all() == []


@pytest.mark.parametrize("address", ["/patients", "/patients/new", "/patients/{0}", "/patients/{0}/erase"])
def test_the_anonymous_are_sent_to_sign_in(client: FlaskClient, patient: Patient, address: str) -> None:
    response = client.get(address.format(patient.public_id))

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize("part", POST)
def test_the_anonymous_change_nothing(client: FlaskClient, session: Session, patient: Patient, part: str) -> None:
    response = client.post(f"/patients/{patient.public_id}{part}", data={"name": "Ingrid Sørensen"})

    assert response.headers["Location"].startswith("/login")
    assert [(row.name, row.archived_at) for row in patients(session)] == [("Ingrid Sørensen", None)]


def test_a_patient_is_written_down_and_shown(reader: FlaskClient, session: Session, owner: User) -> None:
    fields = {
        "name": " Ingrid  Sørensen ",
        "birth_year": "1972",
        "sex": "female",
        "skin_type": "2",
        "notes": "Outdoors.",
    }

    response = post(reader, "/patients/new", fields)

    (patient,) = patients(session)
    assert response.location == f"/patients/{patient.public_id}"
    assert patient.author_id == owner.id
    assert patient.name_key == name_key(session, owner.clinic_id, "ingrid  SØRENSEN")
    assert (patient.birth_year, patient.sex, patient.skin_type) == (1972, "female", 2)
    page = reader.get(response.location).text
    assert all(words in page for words in ("1972", "II: always burns", "Outdoors."))


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "Jane\u202e"), ("birth_year", "72"), ("birth_year", "3000"), ("sex", "x")],
)
def test_what_can_not_be_true_is_refused(reader: FlaskClient, session: Session, field: str, value: str) -> None:
    response = post(reader, "/patients/new", {"name": "Ingrid", field: value})

    assert response.status_code == 422
    assert patients(session) == []


def test_tests_follow_a_new_name(reader: FlaskClient, session: Session, owner: User, patient: Patient) -> None:
    test = make_analysis(session, owner, patient_id=patient.id)
    other = make_analysis(session, owner)

    post(reader, f"/patients/{patient.public_id}/edit", {"name": "Ingrid Berg", "birth_year": "1972"})

    session.expire_all()
    assert (test.patient_name, test.age) == ("Ingrid Berg", 54)
    assert test.patient_key == patient.name_key == name_key(session, owner.clinic_id, "ingrid berg")
    assert other.patient_name == "Ingrid Sørensen"


def test_the_list_has_ones_own_patients_from_a_to_z(reader: FlaskClient, session: Session, owner: User) -> None:
    for name in ("Cem", "bea", "Ada"):
        make_patient(session, owner, name=name)
    make_patient(session, make_user(session), name="Theirs")

    assert listed(reader) == ["Ada", "bea", "Cem"]
    assert listed(reader, name="BE") == ["bea"]
    assert listed(reader, name="%") == []


def test_the_list_is_turned_page_by_page_and_back(reader: FlaskClient, session: Session, owner: User) -> None:
    names = [f"P{number:03}" for number in range(2 * PAGE_LENGTH + 1)]
    made = [make_patient(session, owner, name=name) for name in names]

    pages = [listed(reader, after=made[at].public_id) for at in (PAGE_LENGTH - 1, 2 * PAGE_LENGTH - 1)]
    back = [listed(reader, before=made[at].public_id) for at in (2 * PAGE_LENGTH, PAGE_LENGTH)]

    first, second, third = names[:PAGE_LENGTH], names[PAGE_LENGTH:-1], names[-1:]
    assert listed(reader) == first
    assert pages == [second, third]
    assert back == [second, first]


def test_archived_patients_are_listed_on_request_only(reader: FlaskClient, session: Session, patient: Patient) -> None:
    post(reader, f"/patients/{patient.public_id}/archive", form="/patients/new")
    hidden, shown = listed(reader), listed(reader, archived="y")
    archived = reader.get(f"/patients/{patient.public_id}").text
    post(reader, f"/patients/{patient.public_id}/unarchive", form="/patients/new")

    assert (hidden, shown) == ([], ["Ingrid Sørensen"])
    assert "This patient is archived" in archived
    assert "New photograph" not in archived
    assert listed(reader) == ["Ingrid Sørensen"]


def test_merging_shows_what_moves_and_moves_nothing_before_it_is_confirmed(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    other = make_patient(session, owner, name="I. Sørensen", sex="male")
    patient.sex = "female"
    make_analysis(session, owner, patient_id=other.id)
    session.commit()

    page = reader.get(f"/patients/{patient.public_id}/merge?other={other.public_id}").text

    assert "1 test and 0 lesions of I. Sørensen" in page
    assert "The two records differ in sex." in page
    assert len(patients(session)) == 2


def test_merging_moves_tests_lesions_notes_and_what_was_missing(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    other = make_patient(session, owner, name="I. Sørensen", birth_year=1972, notes="Sunburns.")
    lesion = make_lesion(session, other)
    test = make_analysis(session, owner, patient_id=other.id, lesion_id=lesion.id, patient_name=other.name)

    response = post(reader, f"/patients/{patient.public_id}/merge?other={other.public_id}")

    (kept,) = patients(session)
    assert response.status_code == 303
    assert (kept.id, kept.birth_year) == (patient.id, 1972)
    assert re.fullmatch(r"Merged on .* with the patient “I. Sørensen”.\n\nSunburns.", kept.notes)
    assert (test.patient_id, test.lesion_id, test.patient_name) == (kept.id, lesion.id, "Ingrid Sørensen")
    assert lesion.patient_id == kept.id


def test_a_patient_is_not_merged_with_herself_or_with_anothers(
    reader: FlaskClient, session: Session, patient: Patient
) -> None:
    theirs = make_patient(session, make_user(session))
    address = f"/patients/{patient.public_id}/merge?other="

    herself = post(reader, address + patient.public_id)
    anothers = post(reader, address + theirs.public_id, form="/patients/new")

    assert (herself.status_code, anothers.status_code) == (409, 404)
    assert len(patients(session)) == 2


def test_erasing_removes_lesions_tests_and_files_and_nothing_else(
    reader: FlaskClient, session: Session, owner: User, storage: Storage, patient: Patient
) -> None:
    lesion = make_lesion(session, patient)
    for columns in ({"lesion_id": lesion.id}, {}):
        make_analysis(session, owner, storage=storage, patient_id=patient.id, **columns)
    other = make_analysis(session, owner, storage=storage)

    response = post(reader, f"/patients/{patient.public_id}/erase", {"name": "ingrid  SØRENSEN"})

    assert response.location == "/patients"
    assert patients(session) == []
    assert session.scalars(select(Lesion)).all() == []
    assert session.scalars(select(Analysis)).all() == [other]
    assert {key for key, _ in storage.keys()} == set(other.storage_keys)  # noqa: SIM118 - no mapping


@pytest.mark.parametrize("typed", ["", "Ingrid"])
def test_nobody_is_erased_before_the_name_is_typed(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, typed: str
) -> None:
    make_analysis(session, owner, patient_id=patient.id)

    response = post(reader, f"/patients/{patient.public_id}/erase", {"name": typed})

    assert response.status_code == 422
    assert "Nothing was erased." in response.text
    assert len(session.scalars(select(Analysis)).all()) == 1


def test_the_patients_page_has_the_tests_newest_first_and_those_of_nobody(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    lesion = make_lesion(session, patient, label="Mole")
    tests = [make_analysis(session, owner, patient_id=patient.id, **at) for at in ({"lesion_id": lesion.id}, {})]
    make_analysis(session, owner)

    page = reader.get(f"/patients/{patient.public_id}").text

    order = re.findall(r'<a href="/results/([^"]+)">([^<]*)', page)
    assert order == [(tests[1].public_id, "Back"), (tests[0].public_id, "Mole")]
    assert "1 test bears the same name and is kept with nobody yet" in page


@pytest.mark.parametrize("kind", ["patients", "lesions"])
def test_what_a_colleague_has_written_meanwhile_is_not_silently_replaced(
    reader: FlaskClient, session: Session, patient: Patient, kind: str
) -> None:
    record = patient if kind == "patients" else make_lesion(session, patient)
    notes, what = ("notes", "name") if kind == "patients" else ("note", "label")
    address = f"/{kind}/{record.public_id}/edit"
    page = reader.get(address).text
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)[1]
    setattr(record, notes, "Allergic to lidocaine.")
    session.commit()

    late = post(reader, address, {what: "Typed", "seen": seen})
    shown = re.search(r'name="seen"[^>]*value="([^"]+)"', late.text)[1]
    again = post(reader, address, {what: "Typed", notes: "Allergic to lidocaine.", "seen": shown})

    session.expire_all()
    assert (late.status_code, again.status_code) == (409, 303)
    assert 'value="Typed"' in late.text
    assert (getattr(record, what), getattr(record, notes)) == ("Typed", "Allergic to lidocaine.")


def test_older_tests_follow_page_by_page(reader: FlaskClient, session: Session, owner: User, patient: Patient) -> None:
    made = [make_analysis(session, owner, patient_id=patient.id) for _ in range(2 * timeline.PAGE_LENGTH)]
    expected = [test.public_id for test in reversed(made)]

    pages, address = [], f"/patients/{patient.public_id}"
    while address:
        page = reader.get(address).text
        pages.append(re.findall(r'<a href="/results/([^"]+)">', page))
        older = re.search(r'href="([^"#]+)#timeline">Older tests', page)
        address = older and older[1]

    assert pages == [expected[: timeline.PAGE_LENGTH], expected[timeline.PAGE_LENGTH :]]
    assert "Newest tests" in page


def test_the_timeline_starts_anew_at_anothers_test(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    mine = make_analysis(session, owner, patient_id=patient.id)
    theirs = make_analysis(session, make_user(session))

    page = reader.get(f"/patients/{patient.public_id}?after={theirs.public_id}").text

    assert re.findall(r'<a href="/results/([^"]+)">', page) == [mine.public_id]
