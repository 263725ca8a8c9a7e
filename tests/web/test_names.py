"""Names that the database finds without knowing them."""

from __future__ import annotations

from threading import Thread

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.encrypted.names import LONGEST, NameIndex, begins_so
from app.patients import listing, services
from app.patients.records import PatientFacts
from app.patients.tables import Patient
from app.results import names
from app.results.names import names_with, written_down
from app.results.services import remove
from app.results.tables import Analysis, NameMark
from tests.factories import make_analysis, make_patient, make_user
from tests.postgresql import on_both
from tests.web.test_history import listed

A_MOMENT = 0.3  # seconds, in which whoever need not wait is through
HERE, ELSEWHERE = NameIndex(bytes(32), 1), NameIndex(bytes(32), 2)
TYPED = [
    ("ing sør", True), ("SØRENS", True), ("sørense", True), ("Sørensen Ingrid", True), ("anna", True), ("a", True),
    ("grid", False), ("ingrids", False), ("sørensem", False), ("i", False), ("b", False), ("ing berg", False),
]  # fmt: skip


def marks(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(NameMark)) or 0


def test_a_name_is_known_by_the_same_key_however_it_is_spelt_and_by_another_in_another_clinic() -> None:
    assert HERE.key("Ingrid  Weiß") == HERE.key("INGRID WEISS") != ELSEWHERE.key("Ingrid Weiß")
    assert not HERE.marks("Ingrid") & ELSEWHERE.marks("Ingrid")
    assert HERE.key("Ingrid") != NameIndex(bytes(31) + b"1", 1).key("Ingrid")


def test_no_more_than_the_first_letters_of_a_word_are_marked() -> None:
    assert len(HERE.marks("Wilhelmina")) == LONGEST - 1
    assert HERE.marks("Wilhelmine") == HERE.marks("Wilhelmina")


@pytest.mark.parametrize(("typed", "found"), [*TYPED, ("", True)])
def test_each_word_typed_begins_a_word_of_the_name(typed: str, found: bool) -> None:
    assert begins_so("Ingrid Anna-A. Sørensen", typed) is found


@pytest.mark.parametrize(("typed", "found"), TYPED)
def test_lists_find_names_by_how_their_words_begin(
    reader: FlaskClient, session: Session, owner: User, typed: str, found: bool
) -> None:
    patient = make_patient(session, owner, name="Ingrid Anna-A. Sørensen")
    make_analysis(session, owner, patient_name=patient.name, patient_id=patient.id)
    make_patient(session, make_user(session), name="Ingrid Anna-A. Sørensen")

    page = reader.get("/patients", query_string={"name": typed}).text

    assert ("1 patient found" in page) is found
    assert listed(reader, patient=typed) == ([patient.name] if found else [])


def test_a_frequent_beginning_is_found_too(
    session: Session, owner: User, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ada Berg", "Adam Holm", "Cem"):
        make_analysis(session, owner, patient_name=name, patient_id=make_patient(session, owner, name=name).id)
    monkeypatch.setattr(names, "MOST_MARKED", 1)

    unknown = names_with(session, owner, "ad")
    page = reader.get("/patients?name=ad").text

    assert unknown is None
    assert "2 patients found" in page
    assert listed(reader, patient="ad") == ["Adam Holm", "Ada Berg"]


def test_the_database_forgets_a_name_with_the_last_patient_and_the_last_test_that_bear_it(
    app: object, session: Session, owner: User
) -> None:
    patient = make_patient(session, owner, name="Ada")
    test = make_analysis(session, owner, patient_name="ADA")
    other = make_user(session)
    make_patient(session, other, name="Ada")
    before = marks(session)

    services.amend(session, patient, facts=PatientFacts(name="Bea"))
    renamed = marks(session)
    remove(session, test)
    removed = marks(session)
    session.execute(text("DELETE FROM patients WHERE id = :id"), {"id": patient.id})

    assert (before, renamed, removed, marks(session)) == (4, 6, 4, 2)


@on_both
def test_a_name_that_is_written_while_its_last_bearer_is_erased_is_still_found(session: Session, owner: User) -> None:
    test = make_analysis(session, owner, patient_name="Ada").id
    other = Thread(target=_erase, args=(session.get_bind(), test))

    written = written_down(session, owner.clinic_id, "Ada")
    other.start()
    other.join(A_MOMENT)
    make_patient(session, owner, name="Ada", name_key=written)
    other.join()

    assert names_with(session, owner, "ad") == [written]
    assert session.scalar(select(func.count()).select_from(Analysis)) == 0


@on_both
def test_a_name_is_forgotten_when_its_last_two_bearers_are_erased_at_once(session: Session, owner: User) -> None:
    one, two = (make_analysis(session, owner, patient_name="Ada").id for _ in range(2))
    other = Thread(target=_erase, args=(session.get_bind(), two))

    session.execute(delete(Analysis).where(Analysis.id == one))
    other.start()
    other.join(A_MOMENT)
    session.commit()
    other.join()

    assert marks(session) == 0


def _erase(engine: Engine, number: int) -> None:
    with Session(engine) as own:
        own.execute(delete(Analysis).where(Analysis.id == number))
        own.commit()


def test_too_many_patients_are_listed_newest_first_and_the_page_says_so(
    reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_SORTED", 4)
    monkeypatch.setattr(listing, "PAGE_LENGTH", 2)
    made = [make_patient(session, owner, name=name) for name in "ABCDE"]

    first = listing.page_of(session, owner)
    second = listing.page_of(session, owner, after=first.after)
    third = listing.page_of(session, owner, after=second.after)
    back = listing.page_of(session, owner, before=third.before)

    def named(page: listing.Page) -> str:
        return "".join(each.patient.name for each in page.listed)

    assert [named(page) for page in (first, second, third, back)] == ["ED", "CB", "A", "CB"]
    assert (first.before, third.after, back.after) == (None, None, made[1].public_id)
    assert "the newest come first" in reader.get("/patients").text


def test_nothing_readable_of_a_name_stands_in_its_index(session: Session, owner: User) -> None:
    make_patient(session, owner, name="Zaubernuss")
    make_analysis(session, owner, patient_name="Zaubernuss")

    kept = session.execute(
        select(Patient.name_key, Analysis.patient_key, NameMark.name_key).where(
            Patient.name_key == Analysis.patient_key, Patient.name_key == NameMark.name_key
        )
    ).all()

    assert {len(key) for row in kept for key in row} == {22}
    assert not any("zaub" in key.casefold() for row in kept for key in row)
