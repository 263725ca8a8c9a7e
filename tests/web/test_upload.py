import html
import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask_migrate import upgrade
from PIL import Image, ImageChops
from sqlalchemy import func, select

from app.decoding.asking import STOPPED
from app.decoding.inside.photographs import SEVERAL
from app.extensions import db
from app.factory import create_app
from app.results.tables import Analysis
from app.upload.answers import CONFIRM
from app.upload.forms import AGES
from app.upload.framing import OUTSIDE, TOO_SMALL
from app.upload.views import SAME_NAME
from config import Settings
from models.labels import BINARY, task_of
from models.patient import Patient
from models.prediction import SimilarCase
from models.quality import BURNT_LEVEL, LEAST_BRIGHTNESS, LEAST_SHARPNESS, MOST_BURNT
from tests.broken_decoders import MARK
from tests.decoders import broken_decoders
from tests.dicoms import dicom
from tests.factories import csrf_token, make_patient, make_user, post, send_whole, sign_in
from tests.fakes import CARD, LEARNED_CARD, BrokenClassifiers, FakeClassifiers
from tests.hostile import LIMITS, MARKER, REFUSED, SMALL, picture, several
from tests.pictures import jpeg, png

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

HERE = "/prediction"
SUBMISSION = re.compile(r'name="submission"[^>]*value="([^"]+)"')


@pytest.fixture
def doctor(client, session):
    user = make_user(session)
    sign_in(client, user)
    return user


@pytest.fixture
def send(client, doctor):
    """Send the form as the doctor's browser does; `fields` replace the ordinary ones, None leaves one out."""

    def send(content=None, **fields):
        file = (io.BytesIO(png(picture()) if content is None else content), "lesion.jpg")
        every = {"image": file, "patient_name": "Ingrid Sørensen"} | fields
        return post(client, HERE, {name: value for name, value in every.items() if value is not None})

    return send


def analyses(session):
    session.expire_all()
    return session.scalars(select(Analysis).order_by(Analysis.id)).all()


@pytest.fixture
def nothing_stored(session, storage):
    """Tell whether neither database nor storage holds anything of a test."""

    def nothing_stored():
        session.expire_all()
        return session.scalar(select(func.count()).select_from(Analysis)) == 0 and not stored(storage)

    return nothing_stored


def stored(storage):
    return dict(storage.keys())


def public_id(response):
    return response.location.rpartition("/")[2]


def test_a_photograph_that_stops_its_reader_is_refused_and_others_are_taken(client, send, session, nothing_stored):
    with broken_decoders():
        refused = send(jpeg(picture()) + MARK)
        left = nothing_stored()
        taken = send()

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert STOPPED in html.unescape(refused.text)
    assert left
    assert len(analyses(session)) == 1


def test_the_page_is_told_the_limits_by_which_the_server_judges_a_photograph(client, doctor):
    page = client.get(HERE).text

    assert f'data-sharpness="{LEAST_SHARPNESS}"' in page
    assert f'data-brightness="{LEAST_BRIGHTNESS}"' in page
    assert f'data-burnt="{MOST_BURNT}"' in page
    assert f'data-burnt-level="{BURNT_LEVEL}"' in page
    assert 'data-blurred="The photograph looks blurred. Take it again, or use it anyway."' in page


def test_an_anonymous_person_is_asked_to_sign_in(client):
    response = client.get(HERE)

    assert response.status_code == 302
    assert response.location.startswith("/login?next=")


def test_an_anonymous_person_can_send_nothing(client, nothing_stored):
    response = client.post(HERE, data={"image": (io.BytesIO(png(picture())), "a.png"), "patient_name": "A"})

    assert response.status_code == 302
    assert nothing_stored()


def test_a_form_without_token_is_refused(client, doctor, nothing_stored):
    response = client.post(HERE, data={"image": (io.BytesIO(png(picture())), "a.png"), "patient_name": "A"})

    assert response.status_code == 400
    assert nothing_stored()


def test_the_page_offers_file_camera_and_every_body_site(client, doctor):
    page = client.get(HERE).text

    assert 'type="file"' in page
    assert 'capture="environment"' in page
    assert all(f'value="{site}"' in page for site in ("abdomen", "lower extremity", "upper extremity"))


def test_the_page_has_no_inline_script_or_style(client, doctor):
    page = client.get(HERE).text

    assert re.search(r"<script(?![^>]*\bsrc=)", page) is None
    assert re.search(r"\sstyle=|\son\w+=", page) is None


def test_a_photograph_is_classified_recorded_and_shown(send, doctor, session):
    response = send(age="54", sex="female", body_site="back", note="Grew since May.")

    (analysis,) = analyses(session)
    assert response.status_code == 303
    assert response.location == f"/results/{analysis.public_id}"
    assert analysis.author_id == doctor.id
    assert (analysis.patient_name, analysis.age, analysis.sex) == ("Ingrid Sørensen", 54, "female")
    assert (analysis.body_site, analysis.note) == ("back", "Grew since May.")
    assert (analysis.width, analysis.height) == SMALL
    assert (analysis.frame_left, analysis.frame_top, analysis.frame_side) == (8, 0, 80)


def test_what_is_known_of_the_patient_goes_to_the_classifier_and_leaves_the_answer_as_it_is(
    send, session, app, classifiers
):
    send(age="70", sex="male", body_site="face")
    app.extensions["classifiers"] = learned = FakeClassifiers(LEARNED_CARD)
    send(age="70", sex="male", body_site="face")
    send()

    unlearned, weighed, unknown = analyses(session)
    assert learned[CARD.name].patients == [Patient(70, "male", "face"), Patient()]
    assert weighed.probabilities == unlearned.probabilities
    assert (weighed.label, weighed.malignancy) == (unlearned.label, unlearned.malignancy)
    assert weighed.probabilities_with_patient["bcc"] > weighed.probabilities["bcc"]
    assert sum(weighed.probabilities_with_patient.values()) == pytest.approx(1)
    assert unlearned.probabilities_with_patient is unknown.probabilities_with_patient is None


def test_views_and_similar_cases_are_recorded_with_the_answer(send, session, classifiers, monkeypatch):
    case = SimilarCase("ISIC_0000001", "HAM_0000001", "mel", "histo", 0.93)
    classifier = classifiers[CARD.name]
    answer = classifier.predict
    monkeypatch.setattr(
        classifier, "predict", lambda *seen: replace(answer(*seen), views=8, views_changed=3, similar=(case,))
    )

    send()

    (analysis,) = analyses(session)
    assert (analysis.views, analysis.views_changed) == (8, 3)
    assert [SimilarCase(**each) for each in analysis.similar] == [case]


def test_what_may_be_left_out_is_recorded_as_not_given(send, session):
    send(age="", sex="", body_site="", note="  ")

    (analysis,) = analyses(session)
    assert (analysis.age, analysis.sex, analysis.body_site, analysis.note) == (None, None, None, None)


def test_the_network_sees_exactly_what_is_kept(send, session, storage, classifiers):
    send(jpeg(picture()))

    (analysis,) = analyses(session)
    kept = Image.open(io.BytesIO(storage.get(analysis.photograph_key)))
    answer = classifiers[analysis.model_name].predict(kept)
    assert answer.probabilities == analysis.probabilities
    assert answer.malignancy == analysis.malignancy


def test_photograph_and_thumbnail_are_kept(send, session, storage):
    send()

    (analysis,) = analyses(session)
    kept = Image.open(io.BytesIO(storage.get(analysis.photograph_key)))
    thumbnail = Image.open(io.BytesIO(storage.get(analysis.thumbnail_key)))
    assert ImageChops.difference(kept, picture()).getbbox() is None
    assert thumbnail.size == (160, 160)
    assert set(stored(storage)) == set(analysis.storage_keys)


def test_where_and_when_a_photograph_was_taken_is_not_kept(send, storage):
    exif = Image.Exif()
    exif[0x010F] = MARKER.decode()
    exif.get_ifd(0x8825)[29] = MARKER.decode()

    response = send(jpeg(picture(), exif=exif, comment=MARKER))

    assert response.status_code == 303
    assert all(MARKER not in storage.get(key) for key in stored(storage))


def test_a_refused_file_is_told_at_the_field_and_what_was_written_is_kept(send, nothing_stored):
    response = send(b"no photograph", patient_name="Kept Name", age="54", sex="female", note="Kept note")

    assert response.status_code == 422
    assert "This is text, not a photograph" in response.text
    assert 'value="Kept Name"' in response.text
    assert 'value="54"' in response.text
    assert '<option selected value="female">' in response.text
    assert "Kept note</textarea>" in response.text
    assert nothing_stored()


def test_no_hostile_file_leaves_anything_behind(client, doctor, nothing_stored):
    token = csrf_token(client.get(HERE).text)
    for name, (make, sentence) in REFUSED.items():
        response = send_whole(client, token, make())

        assert response.status_code in (413, 422), name
        assert sentence in html.unescape(response.text), name
    assert nothing_stored()


@pytest.mark.parametrize("name", ["lesion.gif", "lesion", "../../etc/passwd", "lesion.php.jpg", "lésion\u202egpj.exe"])
def test_the_name_of_a_file_means_nothing(name, client, doctor, session):
    response = post(client, HERE, {"image": (io.BytesIO(png(picture())), name), "patient_name": "A"})

    assert response.status_code == 303


def test_a_file_one_byte_above_the_limit_is_too_large(client, doctor, nothing_stored):
    content = jpeg(picture()).ljust(LIMITS.bytes + 1, b"\0")

    response = send_whole(client, csrf_token(client.get(HERE).text), content)

    assert response.status_code == 413
    assert LIMITS.too_large in response.text
    assert nothing_stored()


def test_a_file_far_above_the_limit_is_too_large(client, doctor, nothing_stored):
    response = send_whole(client, csrf_token(client.get(HERE).text), bytes(2 * LIMITS.bytes))

    assert response.status_code == 413
    assert nothing_stored()


def test_a_form_without_a_photograph_says_so(client, doctor, nothing_stored):
    response = post(client, HERE, {"patient_name": "A"})

    assert response.status_code == 422
    assert "Please choose a photograph." in response.text
    assert nothing_stored()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("patient_name", "", "Please give a name or a reference."),
        ("patient_name", " \t ", "Please give a name or a reference."),
        ("patient_name", "x" * 121, "Please use at most 120 characters."),
        ("patient_name", "Jane\u202eeoD", "Please remove the invisible characters"),
        ("patient_name", "Jane\x00Doe", "Please remove the invisible characters"),
        ("patient_name", "Jane\nDoe", "Please remove the invisible characters"),
        ("patient_name", "Jane\u200bDoe", "Please remove the invisible characters"),
        ("note", "x" * 2001, "Please use at most 2,000 characters."),
        ("note", "a\u2066b", "Please remove the invisible characters"),
        ("age", "121", "Please give the age in whole years, from 0 to 120."),
        ("age", "-1", "Please give the age in whole years, from 0 to 120."),
        ("age", "12.5", "Please give the age in whole years, from 0 to 120."),
        ("age", "1_0", "Please give the age in whole years, from 0 to 120."),
        ("age", "9" * 5000, "Please give the age in whole years, from 0 to 120."),
        ("sex", "both", "Not a valid choice."),
        ("body_site", "elbow", "Not a valid choice."),
    ],
)
def test_what_a_field_can_not_hold_is_said_there(field, value, sentence, send, nothing_stored):
    response = send(**{field: value})

    assert response.status_code == 422
    assert sentence in response.text
    assert nothing_stored()


@pytest.mark.parametrize(
    ("written", "recorded"),
    [
        ("  Ingrid  ", "Ingrid"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("Ελένη Παπαδοπούλου", "Ελένη Παπαδοπούλου"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("#2041/b <i>", "#2041/b <i>"),
    ],
)
def test_a_name_is_recorded_trimmed_and_composed(written, recorded, send, session):
    send(patient_name=written)

    assert [analysis.patient_name for analysis in analyses(session)] == [recorded]


def test_a_note_keeps_its_lines(send, session):
    send(note="one\r\ntwo")

    assert analyses(session)[0].note == "one\ntwo"


def test_what_was_written_is_shown_again_as_text(send):
    response = send(b"no photograph", patient_name='"><script>alert(1)</script>')

    assert "<script>alert(1)" not in response.text
    assert "&lt;script&gt;" in response.text


def test_the_square_is_recorded_in_pixels(send, session):
    send(frame_left="0.25", frame_top="0.25", frame_side="0.5")

    (analysis,) = analyses(session)
    assert (analysis.frame_left, analysis.frame_top, analysis.frame_side) == (24, 20, 40)


def test_a_square_at_the_edge_may_be_rounded_into_the_photograph(send, session):
    send(frame_left="0.166668", frame_top="0.000001", frame_side="1")

    (analysis,) = analyses(session)
    assert (analysis.frame_left, analysis.frame_top, analysis.frame_side) == (16, 0, 80)


@pytest.mark.parametrize(
    ("square", "sentence"),
    [
        (("nan", "0", "1"), OUTSIDE),
        (("0", "inf", "1"), OUTSIDE),
        (("-0.1", "0", "0.5"), OUTSIDE),
        (("0", "0", "1.5"), OUTSIDE),
        (("0.9", "0", "1"), OUTSIDE),
        (("0", "", "1"), OUTSIDE),
        (("", "", "0.5"), OUTSIDE),
        (("here", "0", "1"), OUTSIDE),
        (("0", "0", "0"), TOO_SMALL),
        (("0", "0", "0.05"), TOO_SMALL),
    ],
)
def test_a_square_without_sense_is_refused_and_never_replaced(square, sentence, send, nothing_stored):
    response = send(**dict(zip(("frame_left", "frame_top", "frame_side"), square, strict=True)))

    assert response.status_code == 422
    assert sentence in response.text
    assert nothing_stored()


def test_what_the_browser_sends_sets_no_result(send, session):
    honest = send()
    forged = send(
        label="nv", malignancy="0", accepted="1", probabilities='{"nv": 1}', model_version="9", public_id="mine",
        author_id="99", heatmap="[]", reasons="[]", created_at="2001-01-01", photograph_sha256="0" * 64,
    )  # fmt: skip

    one, other = analyses(session)
    assert [public_id(honest), public_id(forged)] == [one.public_id, other.public_id]
    for column in (
        "author_id",
        "label",
        "malignancy",
        "probabilities",
        "accepted",
        "model_version",
        "heatmap",
        "reasons",
    ):
        assert getattr(one, column) == getattr(other, column)
    assert one.photograph_sha256 == other.photograph_sha256
    assert abs(one.created_at - other.created_at).days == 0


def test_the_same_form_sent_twice_is_one_test(client, doctor, session, storage):
    fields = {"patient_name": "A", "submission": submission(client)}

    first, second = [post(client, HERE, fields | {"image": photograph()}) for _ in range(2)]

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(analyses(session)) == 1
    assert len(stored(storage)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"patient_name": "B"},
        {"note": "other"},
        {"frame_left": "0", "frame_top": "0", "frame_side": "0.5"},
        {"image": (io.BytesIO(png(picture((90, 90)))), "other.png")},
    ],
    ids=["name", "note", "square", "photograph"],
)
def test_a_form_that_was_changed_is_another_test(change, client, doctor, session):
    fields = {"patient_name": "A", "submission": submission(client)}
    first = post(client, HERE, fields | {"image": photograph()})

    second = post(client, HERE, {"image": photograph()} | fields | change)

    assert first.location != second.location
    assert len(analyses(session)) == 2


@pytest.mark.parametrize("asker", ["fetch", "queue"])
def test_a_script_is_told_in_json_where_the_result_is_and_the_same_again(client, doctor, session, asker):
    fields = {"patient_name": "A", "submission": "once"}

    first, second = [by_script(client, asker, fields | {"image": photograph()}) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["address"] == second.json["address"] == f"/results/{analyses(session)[0].public_id}"
    assert len(analyses(session)) == 1


def test_whom_a_name_has_found_is_said_on_the_next_page_or_to_the_queue_itself(client, doctor):
    fields = {"patient_name": "Ingrid"}
    by_script(client, "fetch", fields | {"image": photograph()})

    shown = by_script(client, "fetch", fields | {"image": photograph()})
    page = client.get(shown.json["address"]).text
    waited = by_script(client, "queue", fields | {"image": photograph()})

    assert "told" not in shown.json
    assert SAME_NAME in page
    assert SAME_NAME in waited.json["told"]
    assert SAME_NAME not in client.get("/previous_tests").text


def test_a_script_is_told_in_json_why_nothing_was_stored(client, doctor, nothing_stored):
    response = by_script(client, "queue", {"patient_name": "A", "age": "200", "image": photograph()})

    assert response.status_code == 422
    assert response.json == {"error": AGES, "fields": {"age": [AGES]}}
    assert nothing_stored()


def test_a_dicom_file_is_neither_taken_nor_kept_where_no_page_can_ask_to_confirm_it(client, doctor, nothing_stored):
    file = dicom()

    waited = by_script(client, "queue", {"patient_name": "A", "image": (io.BytesIO(file), "a.dcm")})
    shown = by_script(client, "fetch", {"patient_name": "A", "image": (io.BytesIO(file), "a.dcm")})

    assert (waited.status_code, waited.json) == (409, {"error": CONFIRM})
    assert (shown.status_code, shown.json) == (409, {})  # the page's script leaves the form to the browser then
    assert nothing_stored()


def test_a_script_is_told_in_json_of_errors_that_have_a_page(client, doctor):
    token = csrf_token(client.get(HERE).text)

    response = client.post(f"{HERE}?patient=none", data={"csrf_token": token}, headers={"X-Requested-With": "queue"})

    assert response.status_code == 404
    assert list(response.json) == ["error"]


def test_the_same_form_sent_again_is_one_test_though_its_patient_was_renamed_meanwhile(client, doctor, session):
    patient = make_patient(session, doctor, name="Ingrid")
    address, fields = f"{HERE}?patient={patient.public_id}", {"submission": "once"}
    first = by_script(client, "queue", fields | {"image": photograph()}, address)
    post(client, f"/patients/{patient.public_id}/edit", {"name": "Ingrid Sørensen"})

    second = by_script(client, "queue", fields | {"image": photograph()}, address)

    session.expire_all()
    assert patient.name == "Ingrid Sørensen"
    assert first.json == second.json
    assert len(analyses(session)) == 1


def test_two_people_with_the_same_token_have_a_test_each(app, session):
    for user in (make_user(session), make_user(session)):
        client = app.test_client()
        sign_in(client, user)
        post(client, HERE, {"patient_name": "A", "submission": "same", "image": photograph()})

    assert len({analysis.author_id for analysis in analyses(session)}) == 2


def test_a_double_click_is_one_test(app, client, doctor, session, storage):
    token = csrf_token(client.get(HERE).text)
    cookie = client.get_cookie("lentigo").value

    def click(_):
        other = app.test_client()
        other.set_cookie("lentigo", cookie)
        fields = {"patient_name": "A", "submission": "once", "csrf_token": token, "image": photograph()}
        return other.post(HERE, data=fields)

    with ThreadPoolExecutor(4) as threads:
        responses = list(threads.map(click, range(4)))

    assert {response.status_code for response in responses} == {303}
    assert len({response.location for response in responses}) == 1
    assert len(analyses(session)) == 1
    assert len(stored(storage)) == 2


def test_there_is_no_choice_of_one_classifier(client, doctor):
    assert 'name="model"' not in client.get(HERE).text


def test_an_unknown_classifier_is_refused(send, nothing_stored):
    response = send(model="../../weights")

    assert response.status_code == 422
    assert nothing_stored()


class TestWithSeveralClassifiers:
    @pytest.fixture
    def classifiers(self):
        better = {"ham7-grouped": CARD.metrics["ham7-grouped"] | {"balanced_accuracy": interval(0.81)}}
        leaky = {"binary-stock": {"lesions_learned_from": 97, "balanced_accuracy": interval(0.93)}}
        return FakeClassifiers(
            CARD,
            replace(CARD, name="alexnet-binary", title="AlexNet", classes=BINARY.codes, metrics=leaky,
                    training={"split": "binary-stock"}),
            replace(CARD, name="inceptionv3-ham7", title="InceptionV3"),
            replace(CARD, name="resnet50-ham7", title="ResNet-50", metrics=better),
        )  # fmt: skip

    @pytest.mark.usefixtures("doctor")
    def test_the_page_offers_them_in_words_the_default_first(self, client):
        options = re.findall(r'<option (selected )?value="([a-z0-9-]*-\w+)">(.*?)</option>', client.get(HERE).text)

        assert [(chosen, name, words.replace("\xa0", " ")) for chosen, name, words in options] == [
            ("selected ", "mobilenetv2-ham7", "MobileNetV2, seven classes: 72 % (default)"),
            ("", "resnet50-ham7", "ResNet-50, seven classes: 81 %"),
            ("", "inceptionv3-ham7", "InceptionV3, seven classes: 72 %"),
            ("", "alexnet-binary", "AlexNet, two classes: not measured on unseen lesions"),
        ]

    @pytest.mark.parametrize("name", ["resnet50-ham7", "alexnet-binary"])
    def test_the_chosen_one_answers(self, client, send, session, name):
        response = send(model=name)

        (analysis,) = analyses(session)
        assert analysis.model_name == name
        assert set(analysis.probabilities) == set(task_of(name).codes)
        assert client.get(response.location).status_code == 200
        assert client.get(f"{response.location}/report.pdf").data.startswith(b"%PDF-")


class TestWithoutWeights:
    @pytest.fixture
    def classifiers(self):
        return BrokenClassifiers()

    def test_the_page_says_so_and_nothing_is_stored(self, send, nothing_stored):
        response = send(patient_name="Kept Name")

        assert response.status_code == 503
        assert "The classifier is not available" in response.text
        assert 'value="Kept Name"' in response.text
        assert nothing_stored()

    def test_a_refused_file_is_told_all_the_same(self, send):
        assert SEVERAL in send(several("PNG")).text


def test_nothing_is_stored_if_storage_fails(send, app, storage, monkeypatch, nothing_stored):
    def fail(contents):
        key, content = next(iter(contents.items()))
        storage.put(key, content)
        raise OSError("the disk is full")

    monkeypatch.setattr(storage, "put_all", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    response = send()

    assert response.status_code == 500
    assert nothing_stored()


def test_the_limits_are_settings(tmp_path):
    settings = Settings(environment="testing", instance=tmp_path / "i", upload_megabytes=1, upload_megapixels=1)
    app = create_app(settings, FakeClassifiers())
    with app.app_context():
        upgrade()
        user = make_user(db.session)
        client = app.test_client()
        sign_in(client, user)
        db.session.remove()
        db.engine.dispose()

    assert "up to 1 MB" in client.get(HERE).text


def interval(value):
    return {"value": value, "low": value - 0.03, "high": value + 0.03}


def by_script(client, asker, fields, address=HERE):
    """Send the form as a page's script does, or the queue of what has waited on a device."""
    token = csrf_token(client.get(HERE).text)
    return client.post(address, data={**fields, "csrf_token": token}, headers={"X-Requested-With": asker})


def submission(client):
    return SUBMISSION.search(client.get(HERE).text)[1]


def photograph():
    return (io.BytesIO(png(picture())), "lesion.png")
