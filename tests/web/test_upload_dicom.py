import html
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now
from app.decoding.inside.dicom.structure import DAMAGED
from app.results.tables import Analysis
from app.upload.confirmation import CHOOSE, CONFIRM
from app.upload.dicom import kept
from app.upload.dicom.jobs import sweep_uploads
from app.upload.dicom.kept import FOLDER, GONE
from app.upload.inspection import inspect
from tests.dicoms import INGRID, baseline, dicom, region
from tests.factories import csrf_token, make_lesion, make_patient, make_user, post, sign_in
from tests.hostile import LIMITS, SMALL, picture
from tests.pictures import jpeg, lesion_picture, png

HERE = "/prediction"
FIELD = re.compile(r'<(?:input|textarea|select)\b[^>]*\bname="([^"]+)"[^>]*>')
VALUE = re.compile(r'\bvalue="([^"]*)"')
BACK = region("66643007", "SCT", "Skin of back")


@pytest.fixture
def send(reader):
    """Send a file as the owner's browser does, and return the page that asks what the file says."""

    def send(content, to=HERE, **fields):
        return post(reader, to, {"image": (io.BytesIO(content), "a.dcm"), "patient_name": "", **fields})

    return send


@pytest.fixture
def confirm(reader):
    """Send the page's form back as it is, but for `fields`."""

    def confirm(page, to=HERE, **fields):
        return reader.post(to, data=fields_of(page.text) | {"picture": "1"} | fields)

    return confirm


def fields_of(page):
    """Return what a browser would send of the form of a new test."""
    form = page[page.index("data-upload") :]
    found = {}
    for match in FIELD.finditer(form):
        tag, name = match[0], match[1]
        rest = form[match.end() :]
        if tag.startswith("<select"):
            chosen = re.search(r'<option selected value="([^"]*)"', rest[: rest.index("</select>")])
            found[name] = chosen[1] if chosen else ""
        elif tag.startswith("<textarea"):
            found[name] = rest[: rest.index("</textarea>")].strip("\r\n")
        elif 'type="radio"' not in tag and 'type="checkbox"' not in tag and 'type="file"' not in tag:
            found[name] = (VALUE.search(tag) or ["", ""])[1]
    return {name: html.unescape(value) for name, value in found.items()}


def analyses(session):
    session.expire_all()
    return session.scalars(select(Analysis).order_by(Analysis.id)).all()


def test_what_a_file_says_is_shown_and_nothing_is_recorded_yet(send, session):
    page = send(dicom(AnatomicRegionSequence=BACK, **INGRID))

    fields = fields_of(page.text)
    assert page.status_code == 200
    assert analyses(session) == []
    assert "This is what the file says" in page.text
    assert (fields["patient_name"], fields["age"], fields["sex"]) == ("Ingrid Sørensen", "53", "female")
    assert (fields["body_site"], fields["note"]) == ("back", "Photographed on 3 May 2024, left (from the DICOM file).")
    for words in ("4711", "12 June 1970", "Skin of back (back)", "3 May 2024", "Derma Scope 3"):
        assert words in page.text
    assert "data:image/jpeg;base64," in page.text


def test_what_was_confirmed_is_recorded_with_the_pixels_of_the_file(send, confirm, session, storage):
    answer = confirm(send(dicom(AnatomicRegionSequence=BACK, **INGRID)), patient_name="Ingrid S.", age="54")

    (analysis,) = analyses(session)
    assert answer.status_code == 303
    assert answer.location == f"/results/{analysis.public_id}"
    assert (analysis.patient_name, analysis.age, analysis.sex) == ("Ingrid S.", 54, "female")
    assert analysis.body_site == "back"
    assert storage.get(analysis.photograph_key) == inspect(png(picture()), LIMITS).png


def test_the_answer_is_that_of_the_same_photograph_as_a_png(send, confirm, reader, session):
    confirm(send(dicom(**INGRID)))
    post(reader, HERE, {"image": (io.BytesIO(png(picture())), "a.png"), "patient_name": "Ingrid Sørensen"})

    one, other = analyses(session)
    assert one.probabilities == other.probabilities
    assert one.photograph_sha256 == other.photograph_sha256


def test_what_was_typed_before_stays_and_what_the_file_says_stands_beside_it(send):
    page = send(dicom(**INGRID), patient_name="I. S.", age="60", note="Grew since May.")

    fields = fields_of(page.text)
    assert (fields["patient_name"], fields["age"], fields["note"]) == ("I. S.", "60", "Grew since May.")
    assert "The file says: Ingrid Sørensen." in page.text
    assert "The file says: 53." in page.text


def test_a_field_that_is_not_right_is_said_without_asking_for_the_file_again(send, confirm, session):
    page = confirm(send(dicom(**INGRID)), patient_name="", age="54", note="Kept note")

    assert page.status_code == 422
    assert "Please give a name or a reference." in page.text
    assert fields_of(page.text)["note"] == "Kept note"
    assert analyses(session) == []
    assert confirm(page, patient_name="Ingrid").status_code == 303


def test_one_of_several_pictures_is_chosen(send, confirm, session, storage):
    images = [lesion_picture(seed, SMALL) for seed in range(3)]
    page = send(baseline(*images, **INGRID))

    refused = confirm(page, picture="")
    answer = confirm(page, picture="2")

    (analysis,) = analyses(session)
    assert page.text.count("data:image/jpeg;base64,") == 3
    assert refused.status_code == 422
    assert CHOOSE in refused.text
    assert answer.status_code == 303
    assert storage.get(analysis.photograph_key) == inspect(jpeg(images[1]), LIMITS).png


@pytest.mark.parametrize("number", ["0", "4", "-1", "x", "9" * 30])
def test_a_picture_that_is_not_there_is_refused(number, send, confirm, session):
    page = send(baseline(*[lesion_picture(seed, SMALL) for seed in range(3)]))

    assert confirm(page, picture=number, patient_name="A").status_code == 422
    assert analyses(session) == []


def test_more_pictures_than_can_be_chosen_from_are_refused(send):
    page = send(baseline(*[picture()] * 61))

    assert page.status_code == 422
    assert "holds 61 pictures" in page.text


def test_the_square_is_that_of_the_chosen_picture(send, confirm, session):
    confirm(send(dicom(**INGRID)), frame_left="0.25", frame_top="0.25", frame_side="0.5")

    (analysis,) = analyses(session)
    assert (analysis.frame_left, analysis.frame_top, analysis.frame_side) == (24, 20, 40)


@pytest.mark.parametrize("element", ["BurnedInAnnotation", "RecognizableVisualFeatures"])
def test_what_could_name_the_patient_is_confirmed_first(element, send, confirm, session):
    page = send(dicom(**INGRID, **{element: "YES"}))

    refused = confirm(page)
    answer = confirm(page, confirmed="y")

    assert "Please look at this first" in page.text
    assert refused.status_code == 422
    assert CONFIRM in refused.text
    assert answer.status_code == 303
    assert len(analyses(session)) == 1


def test_another_patient_than_the_chosen_one_is_said_and_confirmed_first(send, confirm, session, owner):
    chosen = make_patient(session, owner, name="Mary Roe", sex="male", birth_year=1980)
    lesion = make_lesion(session, chosen)
    here = f"{HERE}?lesion={lesion.public_id}"
    page = send(dicom(**INGRID), to=here, patient_name="Mary Roe")

    refused = confirm(page, to=here)
    answer = confirm(page, to=here, confirmed="y")

    (analysis,) = analyses(session)
    for sentence in ("The file is of Ingrid Sørensen. You have chosen Mary Roe.", "is female", "born in 1970"):
        assert sentence in html.unescape(page.text)
    assert refused.status_code == 422
    assert answer.status_code == 303
    assert (analysis.patient_id, analysis.lesion_id) == (chosen.id, lesion.id)


def test_the_chosen_patient_needs_no_confirmation(send, confirm, session, owner):
    chosen = make_patient(session, owner, name="Ingrid Sørensen", sex="female", birth_year=1970)
    here = f"{HERE}?patient={chosen.public_id}"

    page = send(dicom(**INGRID), to=here)

    assert "Please look at this first" not in page.text
    assert confirm(page, to=here).status_code == 303


def test_nothing_of_the_patient_is_kept_while_the_form_is_open(send, storage):
    send(dicom(PatientName="Planted^Jane", PatientID="Planted-4711", InstitutionName="Planted"))

    ((key, _),) = storage.keys()
    assert key.startswith(f"{FOLDER}/")
    assert b"Planted" not in storage.get(key)


def test_what_a_file_says_is_never_logged(send, confirm, caplog):
    confirm(send(dicom(PatientName="Planted^Jane", PatientID="Planted-4711")))

    assert "Planted" not in caplog.text


def test_the_same_form_sent_twice_is_one_test(send, confirm, session):
    page = send(dicom(**INGRID))

    first, second = confirm(page), confirm(page)

    assert first.location == second.location
    assert len(analyses(session)) == 1


def test_a_kept_file_is_of_no_use_to_somebody_else(app, send, session):
    page = send(dicom(**INGRID))
    stranger = app.test_client()
    sign_in(stranger, make_user(session))

    token = csrf_token(stranger.get(HERE).text)
    answer = stranger.post(HERE, data=fields_of(page.text) | {"picture": "1", "csrf_token": token})

    assert answer.status_code == 422
    assert GONE in answer.text
    assert analyses(session) == []


def test_a_kept_file_is_of_no_use_to_an_anonymous_person(app, send, session):
    page = send(dicom(**INGRID))

    answer = app.test_client().post(HERE, data=fields_of(page.text) | {"picture": "1"})

    assert answer.status_code == 302
    assert analyses(session) == []


@pytest.mark.parametrize("seal", ["x", "a.b.c", "W10.aaaa.bbbb"])
def test_a_seal_that_is_not_ours_is_refused(seal, send, confirm, session):
    answer = confirm(send(dicom(**INGRID)), kept=seal)

    assert answer.status_code == 422
    assert GONE in answer.text
    assert fields_of(answer.text)["patient_name"] == "Ingrid Sørensen"


def test_after_an_hour_the_file_is_gone_and_the_fields_are_not(send, confirm, storage, app, monkeypatch):
    page = send(dicom(**INGRID))
    monkeypatch.setattr("app.upload.dicom.jobs.now", lambda: now() + timedelta(minutes=61))
    with app.app_context():
        sweep_uploads()

    answer = confirm(page)

    assert list(storage.keys()) == []
    assert answer.status_code == 422
    assert GONE in answer.text
    assert fields_of(answer.text)["patient_name"] == "Ingrid Sørensen"


def test_a_seal_is_not_taken_after_an_hour(send, confirm, monkeypatch):
    page = send(dicom(**INGRID))
    monkeypatch.setattr(kept, "KEPT_FOR", timedelta(seconds=-1))

    assert GONE in confirm(page).text


def test_what_was_kept_within_the_hour_is_not_swept(send, storage, app):
    send(dicom(**INGRID))

    with app.app_context():
        sweep_uploads()

    assert len(list(storage.keys())) == 1


def test_a_damaged_file_is_said_at_the_field_and_not_kept(send, storage):
    page = send(dicom(**INGRID)[:-200], patient_name="Kept Name")

    assert page.status_code == 422
    assert DAMAGED in page.text
    assert fields_of(page.text)["patient_name"] == "Kept Name"
    assert list(storage.keys()) == []


def test_what_a_file_says_is_shown_as_text(send):
    page = send(dicom(PatientName="<script>alert(1)</script>", Manufacturer='"><b>'))

    assert "<script>alert(1)" not in page.text
    assert '"><b>' not in page.text


def test_the_page_that_confirms_has_no_inline_script_or_style(send):
    page = send(dicom(**INGRID)).text

    assert re.search(r"<script(?![^>]*\bsrc=)", page) is None
    assert re.search(r"\sstyle=|\son\w+=", page) is None
