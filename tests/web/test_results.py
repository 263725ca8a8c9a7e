from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings
from tests.conftest import MASTER_KEY
from tests.factories import csrf_token, make_analysis, make_user, post, sign_in
from tests.fakes import CARD, LEARNED_CARD, FakeClassifiers

SPACE = "\N{NO-BREAK SPACE}"
PAGES = ("", "/image", "/thumbnail.jpg", "/heatmap.png", "/report.pdf")
SIMILAR = [{"image_id": "a", "lesion_id": "b", "label": "mel", "confirmed_by": "histo", "similarity": 0.9}]
CERTAIN = {"akiec": 0.0, "bcc": 0.0, "bkl": 0.0, "df": 0.0, "mel": 0.0, "nv": 1.0, "vasc": 0.0}


@pytest.fixture
def analysis(session: Session, owner: User, storage: Storage) -> Analysis:
    return make_analysis(session, owner, storage=storage)


def page(client: FlaskClient, owner: User, analysis: Analysis) -> str:
    sign_in(client, owner)
    response = client.get(f"/results/{analysis.public_id}")

    assert response.status_code == 200
    return response.text


def without_choices(html: str) -> str:
    """Leave out what the clinician may say, which names every class."""
    return re.sub(r'<form class="verdict-form".*?</form>', "", html, flags=re.DOTALL)


def text(html: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("part", PAGES)
def test_it_shows_every_part_to_its_owner(client: FlaskClient, owner: User, analysis: Analysis, part: str) -> None:
    sign_in(client, owner)

    response = client.get(f"/results/{analysis.public_id}{part}")

    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("part", PAGES)
def test_it_hides_every_part_from_a_stranger(
    client: FlaskClient, session: Session, analysis: Analysis, part: str
) -> None:
    sign_in(client, make_user(session))

    response = client.get(f"/results/{analysis.public_id}{part}")

    assert response.status_code == 404
    assert analysis.patient_name not in response.text


@pytest.mark.parametrize("part", PAGES)
def test_it_sends_the_anonymous_to_sign_in(client: FlaskClient, analysis: Analysis, part: str) -> None:
    response = client.get(f"/results/{analysis.public_id}{part}")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login?next=")


def test_the_unknown_is_answered_like_what_belongs_to_others(
    client: FlaskClient, session: Session, analysis: Analysis
) -> None:
    sign_in(client, make_user(session))

    of_others = client.get(f"/results/{analysis.public_id}")
    unknown = client.get("/results/AAAAAAAAAAAAAAAAAAAAAA")

    assert unknown.status_code == of_others.status_code == 404
    request_number = re.compile(r"\b[0-9a-f]{16}\b")
    assert request_number.sub("", text(unknown.text)) == request_number.sub("", text(of_others.text))


@pytest.mark.parametrize("public_id", ["%00", "..", "%2e%2e%2fetc", "'", "A" * 5000, "%ff"])
def test_odd_ids_are_not_found(client: FlaskClient, owner: User, public_id: str) -> None:
    sign_in(client, owner)

    assert client.get(f"/results/{public_id}").status_code == 404


def test_it_says_what_is_most_likely_and_how_malignant(client: FlaskClient, owner: User, analysis: Analysis) -> None:
    words = text(page(client, owner, analysis))

    assert f"The classifier favours melanocytic nevus (60{SPACE}%); melanoma comes next (15{SPACE}%)" in words
    assert f"25{SPACE}% malignancy" in words
    assert "actinic keratosis or intraepithelial carcinoma, basal cell carcinoma and melanoma added together" in words
    assert "Above the alert threshold" in words
    assert "The most likely class is benign, but the malignant classes together are above" in words
    assert "Decision support, not a diagnosis" in words


def test_it_lists_every_class_with_its_full_name_and_kind(client: FlaskClient, owner: User, analysis: Analysis) -> None:
    html = page(client, owner, analysis)

    table = html[html.index('<table class="table probabilities"') :]
    table = table[: table.index("</table>")]
    assert [table.count(label.name) for label in CARD.task.labels] == [1] * 7
    assert text(table).count("▲ Malignant") == 3
    assert text(table).count("○ Benign") == 4


def test_it_draws_a_bar_for_every_class(client: FlaskClient, owner: User, analysis: Analysis) -> None:
    html = page(client, owner, analysis)

    widths = re.findall(r'class="bar-(?:malignant|benign)" width="([0-9.]+)"', html)
    assert [float(width) for width in widths] == [0.6, 0.15, 0.05, 0.05, 0.05, 0.05, 0.05]


def test_it_never_claims_certainty(client: FlaskClient, session: Session, owner: User, storage: Storage) -> None:
    analysis = make_analysis(session, owner, storage=storage, probabilities=CERTAIN)

    words = text(page(client, owner, analysis))

    assert not re.search(r"(?<!\d)100\s*%", words)
    assert not re.search(r"(?<!\d)0\s*%", words)
    assert f"&gt;{SPACE}99{SPACE}%" in words
    assert f"&lt;{SPACE}1{SPACE}%" in words


def test_it_names_the_classifier_with_its_held_out_accuracy(
    client: FlaskClient, owner: User, analysis: Analysis
) -> None:
    words = text(page(client, owner, analysis))

    assert "MobileNetV2, version 1.0.0" in words
    assert f"84{SPACE}% (95{SPACE}% interval 82{SPACE}% to 86{SPACE}%)" in words


@pytest.mark.parametrize("columns", [{"model_version": "0.1.0"}, {"model_name": "resnet50-ham7"}])
def test_a_result_outlives_the_classifier_that_made_it(
    client: FlaskClient, session: Session, owner: User, storage: Storage, columns: dict[str, str]
) -> None:
    analysis = make_analysis(session, owner, storage=storage, **columns)

    words = text(page(client, owner, analysis))

    assert f"{analysis.model_name}, version {analysis.model_version}" in words
    assert "this version is no longer installed" in words
    assert "threshold" not in words


def test_a_binary_result_has_two_classes(client: FlaskClient, session: Session, owner: User, storage: Storage) -> None:
    analysis = make_analysis(
        session,
        owner,
        storage=storage,
        model_name="alexnet-binary",
        probabilities={"benign": 0.4, "malignant": 0.6},
    )

    words = text(without_choices(page(client, owner, analysis)))

    assert f"The classifier favours a malignant lesion (60{SPACE}%)" in words
    assert "The probability of the malignant class." in words
    assert "nevus" not in words
    assert "Malignant class" not in words  # the answer says so itself


def test_it_warns_of_a_poor_photograph_and_says_what_to_do(
    client: FlaskClient, session: Session, owner: User, storage: Storage
) -> None:
    analysis = make_analysis(session, owner, storage=storage, reasons=["blurred", "dark"])

    words = text(page(client, owner, analysis))

    assert "The photograph looks blurred. Steady the camera" in words
    assert "The photograph is too dark. Take it again with more light." in words
    assert "No answer" not in words


@pytest.mark.parametrize("reasons", [["unfamiliar"], [], ["a code of a later version"]])
def test_it_says_so_first_when_the_photograph_was_not_accepted(
    client: FlaskClient, session: Session, owner: User, storage: Storage, reasons: list[str]
) -> None:
    analysis = make_analysis(session, owner, storage=storage, accepted=False, reasons=reasons)

    words = text(page(client, owner, analysis))

    assert words.index("No answer: the photograph was not accepted") < words.index("Show the scores")
    assert "Most likely class" not in words


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7 * 7 }}", "' or 1=1 --"])
def test_a_name_can_do_no_harm(client: FlaskClient, session: Session, owner: User, storage: Storage, name: str) -> None:
    analysis = make_analysis(session, owner, storage=storage, patient_name=name, note=name)

    result, history = page(client, owner, analysis), client.get("/previous_tests").text
    found = client.get("/previous_tests", query_string={"patient": name}).text

    for html in (result, history, found):
        assert "<script>alert" not in html
        assert "<img src=x>" not in html
        assert ">49<" not in html
    assert client.get(f"/results/{analysis.public_id}/report.pdf").status_code == 200


def test_a_page_keeps_to_the_content_security_policy(client: FlaskClient, owner: User, analysis: Analysis) -> None:
    sign_in(client, owner)

    for address in (f"/results/{analysis.public_id}", "/previous_tests"):
        html = client.get(address).text
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", html)


def test_the_framed_square_is_marked_and_carries_the_heat_map(
    client: FlaskClient, owner: User, analysis: Analysis
) -> None:
    html = page(client, owner, analysis)

    heat = re.search(r"<image class=\"heat\"[^>]*>", html)
    assert heat is not None
    assert 'x="75" y="0" width="450" height="450"' in heat[0]
    assert '<rect class="square" x="75" y="0" width="450" height="450"/>' in html
    assert '<label for="heat-strength">' in html


def test_pictures_are_shown_inline(client: FlaskClient, owner: User, analysis: Analysis) -> None:
    sign_in(client, owner)

    for part, kind, magic in (
        ("image", "image/png", b"\x89PNG"),
        ("thumbnail.jpg", "image/jpeg", b"\xff\xd8"),
        ("heatmap.png", "image/png", b"\x89PNG"),
    ):
        response = client.get(f"/results/{analysis.public_id}/{part}")
        assert response.mimetype == kind
        assert response.data.startswith(magic)
        assert response.headers["Content-Disposition"] == "inline"


def test_the_report_is_a_download_whose_name_tells_nothing_of_the_patient(
    client: FlaskClient, owner: User, analysis: Analysis
) -> None:
    sign_in(client, owner)

    response = client.get(f"/results/{analysis.public_id}/report.pdf")

    name = f"lentigo-{analysis.created_at:%Y-%m-%d}-{analysis.public_id[:8]}.pdf"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.mimetype == "application/pdf"
    assert response.data.startswith(b"%PDF-")
    assert response.data == client.get(f"/results/{analysis.public_id}/report.pdf").data


@pytest.mark.parametrize("part", ["/image", "/thumbnail.jpg", "/report.pdf"])
def test_a_missing_file_is_told_in_a_sentence(client: FlaskClient, session: Session, owner: User, part: str) -> None:
    analysis = make_analysis(session, owner)  # nothing in storage
    sign_in(client, owner)

    response = client.get(f"/results/{analysis.public_id}{part}")

    assert response.status_code == 404
    assert "The photograph of this test is missing from storage." in response.text
    assert client.get(f"/results/{analysis.public_id}").status_code == 200


def test_it_deletes_row_and_files_and_says_so(
    client: FlaskClient, session: Session, owner: User, analysis: Analysis, storage: Storage
) -> None:
    kept = make_analysis(session, owner, storage=storage)
    sign_in(client, owner)
    form = f"/results/{analysis.public_id}"

    response = post(client, f"{form}/delete", form=form)

    assert response.status_code == 303
    assert response.headers["Location"] == "/previous_tests"
    assert "The test and its photograph are deleted." in client.get("/previous_tests").text
    assert session.scalars(select(Analysis.public_id)).all() == [kept.public_id]
    assert set(dict(storage.keys())) == set(kept.storage_keys)
    assert client.get(form).status_code == 404


def test_a_second_delete_finds_nothing(client: FlaskClient, owner: User, analysis: Analysis) -> None:
    sign_in(client, owner)
    form = f"/results/{analysis.public_id}"
    token = csrf_token(client.get(form).text)
    client.post(f"{form}/delete", data={"csrf_token": token})

    response = client.post(f"{form}/delete", data={"csrf_token": token})

    assert response.status_code == 404


def test_a_stranger_deletes_nothing(
    client: FlaskClient, session: Session, analysis: Analysis, storage: Storage
) -> None:
    sign_in(client, make_user(session))

    response = post(client, f"/results/{analysis.public_id}/delete", form="/previous_tests")

    assert response.status_code == 404
    assert session.scalars(select(Analysis.id)).all() == [analysis.id]
    assert set(dict(storage.keys())) == set(analysis.storage_keys)


def test_the_anonymous_delete_nothing(client: FlaskClient, session: Session, analysis: Analysis) -> None:
    response = post(client, f"/results/{analysis.public_id}/delete", form="/login")

    assert response.status_code == 302
    assert session.scalars(select(Analysis.id)).all() == [analysis.id]


def test_it_deletes_nothing_without_the_token(
    client: FlaskClient, session: Session, owner: User, analysis: Analysis
) -> None:
    sign_in(client, owner)

    response = client.post(f"/results/{analysis.public_id}/delete")

    assert response.status_code == 400
    assert session.scalars(select(Analysis.id)).all() == [analysis.id]


def test_a_link_can_not_delete(client: FlaskClient, session: Session, owner: User, analysis: Analysis) -> None:
    sign_in(client, owner)

    response = client.get(f"/results/{analysis.public_id}/delete")

    assert response.status_code == 405
    assert session.scalars(select(Analysis.id)).all() == [analysis.id]


def test_a_page_reads_no_network(
    client: FlaskClient, owner: User, analysis: Analysis, classifiers: FakeClassifiers
) -> None:
    page(client, owner, analysis)

    assert classifiers[CARD.name].calls == []


def test_a_photograph_that_was_not_accepted_is_never_said_to_be_below_the_threshold(
    client: FlaskClient, session: Session, storage: Storage, owner: User
) -> None:
    analysis = make_analysis(session, owner, storage=storage, accepted=False, probabilities=CERTAIN)

    shown = text(page(client, owner, analysis))

    assert "Below the alert threshold" not in shown
    assert "This is no all-clear either." in shown


def test_the_scores_of_a_photograph_that_was_not_accepted_are_folded_away(
    client: FlaskClient, session: Session, storage: Storage, owner: User
) -> None:
    analysis = make_analysis(session, owner, storage=storage, accepted=False, views=8, views_changed=4, similar=SIMILAR)

    html = page(client, owner, analysis)

    folded = re.search(r'<details class="refused-scores">.*?</details>', html, re.DOTALL)
    assert folded is not None
    open_part = text(without_choices(html.replace(folded[0], "")))
    assert "60%" in text(folded[0]).replace(SPACE, "")
    assert not re.search(r"melan|nevus|keratosis|(?<!alert )malignancy", open_part, re.IGNORECASE)
    assert not any(words in open_part for words in ("setting this is", "views", "test lesions", "(most likely)"))
    assert "The malignant scores lie above the alert threshold all the same." in open_part


def test_it_says_at_each_setting_whether_to_refer_and_what_that_is_worth(
    client: FlaskClient, owner: User, analysis: Analysis
) -> None:
    words = text(page(client, owner, analysis)).replace(SPACE, " ")

    assert "At the 95 %-sensitivity setting this is: refer" in words
    assert "At the 90 %-sensitivity setting this is: not referred" in words
    assert "Sensitivity 96 % (93 % to 98 %) 90 % (86 % to 93 %)" in words
    assert "PPV 47 % 53 %" in words
    assert "for a clinic where 20 % of the lesions photographed are malignant, as in the test photographs" in words


class TestWithThePrevalenceOfTheClinic:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings(environment="testing", instance=tmp_path / "instance", master_key=MASTER_KEY, prevalence=0.02)

    def test_predictive_values_are_those_of_the_clinic(
        self, client: FlaskClient, owner: User, analysis: Analysis
    ) -> None:
        words = text(page(client, owner, analysis)).replace(SPACE, " ")

        assert "PPV 7 % 8 %" in words
        assert "PPV and NPV are for this clinic, where 2 % of the lesions photographed are malignant." in words


def test_it_says_in_how_many_views_the_answer_changed(
    client: FlaskClient, session: Session, storage: Storage, owner: User
) -> None:
    analysis = make_analysis(session, owner, storage=storage, views=8, views_changed=1)

    words = text(page(client, owner, analysis))

    assert "The answer changed in 1 of 8 views (mirrored, turned, in slightly different light)." in words


def test_a_result_from_before_views_were_looked_at_says_nothing_of_them(
    client: FlaskClient, owner: User, analysis: Analysis
) -> None:
    assert "The answer changed" not in page(client, owner, analysis)


def test_it_says_how_many_such_patients_were_measured(client: FlaskClient, owner: User, analysis: Analysis) -> None:
    words = text(page(client, owner, analysis))

    assert "measured on 1,491 test lesions. 574 were of patients aged 45 to 59." in words
    assert "61 were of all of these together." in words
    assert "Never measured: skin types V and VI." in words


def test_beside_the_answer_stands_what_age_and_body_site_change(
    client: FlaskClient, session: Session, storage: Storage, owner: User, app: Flask
) -> None:
    app.extensions["classifiers"] = FakeClassifiers(LEARNED_CARD)
    analysis = make_analysis(session, owner, storage=storage, probabilities_with_patient=CERTAIN)

    words = text(page(client, owner, analysis)).replace(SPACE, " ")

    answer, _, table = words.partition("All classes")
    assert "60 %" in answer.partition("With age and body site")[0]  # the answer is the photograph's
    assert "From the photograph alone: melanocytic nevus 60 %, malignancy 25 %" in answer
    assert "With age 54 and body site back: melanocytic nevus &gt; 99 %, malignancy &lt; 1 %" in answer
    assert "The malignancy falls below the alert threshold of 12 %: this is no all-clear." in answer
    assert "Photograph alone With age and body site" in table
    assert re.search(r"Melanoma ▲ Malignant mel ▲ Malignant 15 % &lt; 1 %", table)


def test_nothing_is_weighed_in_where_there_is_no_answer(
    client: FlaskClient, session: Session, storage: Storage, owner: User, app: Flask
) -> None:
    app.extensions["classifiers"] = FakeClassifiers(LEARNED_CARD)
    columns = {"accepted": False, "probabilities_with_patient": CERTAIN}
    analysis = make_analysis(session, owner, storage=storage, **columns)

    words = text(page(client, owner, analysis))

    assert "With age" not in words
    assert "99" not in words


def test_where_no_fact_was_given_it_says_what_giving_them_adds(
    client: FlaskClient, session: Session, storage: Storage, owner: User, app: Flask
) -> None:
    analysis = make_analysis(session, owner, storage=storage, age=None, sex=None, body_site=None)
    unlearned = page(client, owner, analysis)
    app.extensions["classifiers"] = FakeClassifiers(LEARNED_CARD)

    learned = client.get(f"/results/{analysis.public_id}").text

    assert "Giving age and body site with a test adds a second reading" in learned
    assert "Giving age" not in unlearned


def test_the_title_that_browsers_keep_does_not_name_the_patient(
    client: FlaskClient, owner: User, analysis: Analysis
) -> None:
    html = page(client, owner, analysis)

    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    assert title is not None
    assert "Result of" in title[1]
    assert analysis.patient_name not in title[1]
