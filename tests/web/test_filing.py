from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis
from tests.factories import PASSWORD, csrf_token, make_analysis, make_lesion, make_patient, make_user, post, sign_in
from tests.pictures import lesion_picture, png

PICTURE = png(lesion_picture(size=(96, 80)))
YEAR = now().year


@pytest.fixture
def test(session: Session, owner: User, patient: Patient) -> Analysis:
    return make_analysis(session, owner, patient_id=patient.id)


def send(reader: FlaskClient, address: str = "/prediction", **fields: str) -> Any:
    return post(reader, address, {"image": (io.BytesIO(PICTURE), "a.png"), "patient_name": "Ingrid Sørensen", **fields})


def newest(session: Session) -> Analysis:
    session.expire_all()
    return session.scalars(select(Analysis).order_by(Analysis.id.desc())).first()


def patients(session: Session) -> list[Patient]:
    session.expire_all()
    return list(session.scalars(select(Patient).order_by(Patient.id)))


def test_a_new_name_makes_a_patient(reader: FlaskClient, session: Session, owner: User) -> None:
    response = send(reader, sex="female", age="54")

    (made,) = patients(session)
    assert (made.author_id, made.name, made.sex, made.birth_year) == (owner.id, "Ingrid Sørensen", "female", None)
    assert newest(session).patient_id == made.id
    page = reader.get(response.location).text
    assert f'href="/patients/{made.public_id}">Ingrid Sørensen</a>, who has no other tests' in page
    assert "patient of the same name" not in page


def test_a_name_used_before_means_the_same_patient_and_the_page_says_so(
    reader: FlaskClient, session: Session, test: Analysis, patient: Patient
) -> None:
    response = send(reader, patient_name="INGRID  sørensen", sex="female", age="54")

    page = reader.get(response.location).text
    assert newest(session).patient_id == patient.id
    assert newest(session).patient_name == "Ingrid Sørensen"
    assert "kept with the patient of the same name, who has 1 other test. If this is somebody else" in page
    assert "Move to another patient" in page


def test_a_name_means_no_patient_of_another_clinician(reader: FlaskClient, session: Session, owner: User) -> None:
    make_patient(session, make_user(session))

    send(reader)

    assert [row.author_id == owner.id for row in patients(session)] == [False, True]
    assert newest(session).patient_id == patients(session)[1].id


@pytest.mark.parametrize(
    ("known", "said", "why"),
    [
        ([{}, {}], {}, "more than one patient has this name"),
        ([{"archived_at": now()}], {}, "the only patient of this name is archived"),
        ([{"sex": "male"}], {"sex": "female"}, "has another sex or age"),
        ([{"birth_year": YEAR - 50}], {"age": "53"}, "has another sex or age"),
    ],
)
def test_in_doubt_a_test_is_kept_with_nobody_until_somebody_chooses(
    reader: FlaskClient, session: Session, owner: User, *, known: list[dict[str, Any]], said: dict[str, str], why: str
) -> None:
    for columns in known:
        make_patient(session, owner, **columns)

    response = send(reader, **said)

    page = reader.get(response.location).text
    assert response.status_code == 303
    assert newest(session).patient_id is None
    assert len(patients(session)) == len(known)
    assert why in page
    assert f'href="{response.location}/move">Choose the patient' in page


@pytest.mark.parametrize("said", [{}, {"age": "52"}, {"sex": "male"}])
def test_what_fits_or_is_not_known_raises_no_doubt(
    reader: FlaskClient, session: Session, owner: User, said: dict[str, str]
) -> None:
    known = make_patient(session, owner, sex="male", birth_year=YEAR - 50)

    send(reader, **said)

    assert newest(session).patient_id == known.id


def test_an_age_that_does_not_fit_earlier_tests_raises_doubt(
    reader: FlaskClient, session: Session, test: Analysis
) -> None:
    send(reader, age="20")  # the earlier test says 54

    assert newest(session).patient_id is None


def test_the_form_knows_the_patient_and_the_lesion_it_is_opened_from(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    known = make_patient(session, owner, sex="male", birth_year=YEAR - 50)
    lesion = make_lesion(session, known, site="face")

    page = reader.get(f"/prediction?lesion={lesion.public_id}").text

    assert 'value="50"' in page
    assert '<option selected value="male">' in page
    assert '<option selected value="face">' in page
    assert f'<option selected value="{lesion.public_id}">' in page
    assert '<input type="hidden" name="patient_name" value="Ingrid Sørensen">' in page


def test_a_photograph_is_kept_with_the_chosen_lesion_whatever_the_name_says(
    reader: FlaskClient, session: Session, patient: Patient
) -> None:
    lesion = make_lesion(session, patient)

    send(reader, f"/prediction?lesion={lesion.public_id}", lesion=lesion.public_id, patient_name="Somebody")

    test = newest(session)
    assert (test.patient_id, test.lesion_id, test.patient_name) == (patient.id, lesion.id, "Ingrid Sørensen")
    assert patients(session) == [patient]


def test_a_photograph_can_make_a_lesion(reader: FlaskClient, session: Session, patient: Patient) -> None:
    send(reader, f"/prediction?patient={patient.public_id}", lesion="new", body_site="scalp")

    (lesion,) = session.scalars(select(Lesion))
    assert (lesion.patient_id, lesion.label, lesion.site) == (patient.id, "Lesion 1", "scalp")
    assert newest(session).lesion_id == lesion.id


def test_a_new_lesion_is_marked_on_the_map_with_its_photograph(
    reader: FlaskClient, session: Session, patient: Patient
) -> None:
    place = {"body_site": "back", "side": "back", "x": "0.25", "y": "0.4"}

    send(reader, f"/prediction?patient={patient.public_id}", lesion="new", **place)

    (lesion,) = session.scalars(select(Lesion))
    assert (lesion.site, lesion.side, lesion.x, lesion.y) == ("back", "back", 0.25, 0.4)


def test_a_mark_moves_no_lesion_that_was_there_before(reader: FlaskClient, session: Session, patient: Patient) -> None:
    lesion = make_lesion(session, patient)

    send(reader, f"/prediction?patient={patient.public_id}", lesion=lesion.public_id, side="back", x="0.2", y="0.4")

    session.expire_all()
    assert (newest(session).lesion_id, lesion.side) == (lesion.id, None)


@pytest.mark.parametrize("place", [{"side": "back"}, {"side": "top", "x": "0.5", "y": "0.5"}, {"x": "2", "y": "0"}])
def test_half_a_mark_is_refused_before_anything_is_kept(
    reader: FlaskClient, session: Session, patient: Patient, place: dict[str, str]
) -> None:
    response = send(reader, f"/prediction?patient={patient.public_id}", lesion="new", **place)

    assert response.status_code == 422
    assert "does not lie on the body map" in response.text
    assert newest(session) is None


def test_the_same_form_sent_twice_makes_one_test_and_one_lesion(
    reader: FlaskClient, session: Session, patient: Patient
) -> None:
    for _ in range(2):
        send(reader, f"/prediction?patient={patient.public_id}", lesion="new", submission="token")

    assert len(session.scalars(select(Analysis)).all()) == 1
    assert len(session.scalars(select(Lesion)).all()) == 1


def test_an_archived_patient_gets_no_test(reader: FlaskClient, session: Session, patient: Patient) -> None:
    patient.archived_at = now()
    session.commit()

    response = post(reader, f"/prediction?patient={patient.public_id}", form="/patients/new")

    assert response.status_code == 409
    assert "This patient is archived" in response.text
    assert newest(session) is None


def test_nothing_is_kept_with_what_belongs_to_others(reader: FlaskClient, session: Session, patient: Patient) -> None:
    theirs = make_patient(session, make_user(session))
    lesion = make_lesion(session, theirs)

    pages = [
        reader.get(f"/prediction?{query}").status_code
        for query in (f"patient={theirs.public_id}", f"lesion={lesion.public_id}")
    ]
    slipped_in = send(reader, f"/prediction?patient={patient.public_id}", lesion=lesion.public_id)

    assert pages == [404, 404]
    assert slipped_in.status_code == 422
    assert newest(session) is None


def test_a_test_is_moved_to_another_patients_new_lesion(
    reader: FlaskClient, session: Session, owner: User, test: Analysis
) -> None:
    other = make_patient(session, owner, name="Cem")
    before = (test.label, test.probabilities, test.age)

    response = post(reader, f"/results/{test.public_id}/move/{other.public_id}", {"lesion": "new"})

    (lesion,) = session.scalars(select(Lesion))
    session.expire_all()
    assert response.location == f"/results/{test.public_id}"
    assert (test.patient_id, test.lesion_id, test.patient_name) == (other.id, lesion.id, "Cem")
    assert test.patient_key == other.name_key
    assert (lesion.patient_id, lesion.site) == (other.id, "back")
    assert (test.label, test.probabilities, test.age) == before


def test_a_test_is_moved_to_a_new_patient_of_the_same_name(
    reader: FlaskClient, session: Session, test: Analysis, patient: Patient
) -> None:
    post(reader, f"/results/{test.public_id}/move", {"name": "Ingrid Sørensen"})

    first, second = patients(session)
    assert first.id == patient.id
    assert test.patient_id == second.id
    assert "Another patient has the same name." in reader.get(f"/results/{test.public_id}").text


def test_a_test_is_not_moved_to_an_archived_patient(
    reader: FlaskClient, session: Session, owner: User, test: Analysis, patient: Patient
) -> None:
    other = make_patient(session, owner, archived_at=now())

    response = post(reader, f"/results/{test.public_id}/move/{other.public_id}", form="/patients/new")

    session.expire_all()
    assert response.status_code == 409
    assert test.patient_id == patient.id


def test_the_history_links_to_the_patient_or_to_the_choice_of_one(
    reader: FlaskClient, session: Session, owner: User, test: Analysis, patient: Patient
) -> None:
    unassigned = make_analysis(session, owner)
    address = "/results/{0.public_id}/patient"

    page = reader.get("/previous_tests").text
    kept, free = (reader.get(address.format(one)).location for one in (test, unassigned))

    assert all(f'href="{address.format(one)}"' in page for one in (test, unassigned))
    assert kept == f"/patients/{patient.public_id}"
    assert free == f"/results/{unassigned.public_id}/move"


def test_strangers_and_the_anonymous_can_not_see_or_move_a_test(
    client: FlaskClient, session: Session, test: Analysis, patient: Patient
) -> None:
    addresses = [f"/results/{test.public_id}/{part}" for part in ("patient", "move", f"move/{patient.public_id}")]
    anonymous = [client.get(address).location for address in addresses]
    sign_in(client, make_user(session))
    mine = make_patient(session, session.scalars(select(User).order_by(User.id.desc())).first())

    seen = [client.get(address).status_code for address in addresses]
    moved = [
        post(client, f"/results/{test.public_id}/move{to}", {"name": "A"}, form="/patients/new").status_code
        for to in ("", f"/{mine.public_id}")
    ]

    session.expire_all()
    assert all(location.startswith("/login?next=") for location in anonymous)
    assert (seen, moved) == ([404] * 3, [404] * 2)
    assert test.patient_id == patient.id


def test_the_owner_can_not_move_a_test_to_anothers_patient(
    reader: FlaskClient, session: Session, test: Analysis, patient: Patient
) -> None:
    theirs = make_patient(session, make_user(session))

    response = post(reader, f"/results/{test.public_id}/move/{theirs.public_id}", form="/patients/new")

    session.expire_all()
    assert response.status_code == 404
    assert test.patient_id == patient.id


def test_a_move_to_a_patient_whom_a_colleague_erases_at_the_same_moment_says_so(
    app: Flask, reader: FlaskClient, session: Session, owner: User, test: Analysis
) -> None:
    other = make_patient(session, owner, name="Greta")
    before, address = test.patient_id, f"/results/{test.public_id}/move/{other.public_id}"

    def erase(_flushed: Session, _context: Any, _instances: Any) -> None:
        session.execute(delete(Patient).where(Patient.id == other.id))
        session.commit()

    token = csrf_token(reader.get(address).text)
    event.listen(Session, "before_flush", erase, once=True)
    response = reader.post(address, data={"lesion": "", "csrf_token": token})

    session.expire_all()
    assert response.status_code == 404
    assert "The patient is no longer there." in response.text
    assert test.patient_id == before


def test_every_list_to_choose_from_looks_like_one(reader: FlaskClient, session: Session, patient: Patient) -> None:
    make_lesion(session, patient)

    page = reader.get("/prediction", query_string={"patient": patient.public_id}).text

    lists = re.findall(r"<select[^>]*>", page)
    assert {"lesion", "body_site", "sex"} <= {re.search(r'name="(\w+)"', one)[1] for one in lists}
    assert all('class="form-select"' in one for one in lists)


def test_a_sign_in_that_ends_during_an_upload_leads_back_to_the_same_lesion(
    client: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    lesion = make_lesion(session, patient)

    turned_away = client.post(f"/prediction?lesion={lesion.public_id}", data={"lesion": lesion.public_id})
    signed_in = post(client, turned_away.location, {"email": owner.email, "password": PASSWORD})

    assert signed_in.location == f"/prediction?lesion={lesion.public_id}"
