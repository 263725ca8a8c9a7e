from datetime import UTC, datetime, timedelta

import pytest

from app.clock import now
from app.dashboard import views
from tests.factories import make_analysis, make_user
from tests.fakes import CARD
from tests.web.test_history import counted_queries

TODAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
VERSION = CARD.version


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(views, "now", lambda: TODAY)


def make(session, owner, weeks_ago=0, **columns):
    return make_analysis(session, owner, created_at=TODAY - timedelta(weeks=weeks_ago), **columns)


def csv(reader, name, **query):
    response = reader.get(f"/dashboard/{name}.csv", query_string=query or None)

    assert response.status_code == 200, response.text
    return [line.split(",") for line in response.get_data().decode("utf-8-sig").splitlines()]


def test_a_site_without_tests_says_what_will_be_here(reader):
    response = reader.get("/dashboard")

    assert response.status_code == 200
    assert "No tests in this period" in response.text
    assert "<canvas" not in response.text


def test_anonymous_people_are_sent_to_sign_in(client):
    for address in ("/dashboard", "/dashboard/tests.csv", "/index"):
        response = client.get(address)

        assert response.status_code == 302
        assert response.location.startswith("/login?next=")


def test_tests_are_counted_by_week_with_empty_weeks_between(reader, session, owner):
    for weeks_ago, accepted in ((0, True), (0, False), (2, True)):
        make(session, owner, weeks_ago, accepted=accepted)

    assert csv(reader, "tests") == [
        ["Week from Monday", "Answered", "Not accepted", "Hidden answers"],
        ["2026-11-02", "1", "0", "0"],
        ["2026-11-09", "0", "0", "0"],
        ["2026-11-16", "1", "1", "0"],
    ]


@pytest.mark.parametrize(
    ("query", "tests"),
    [
        ({}, 4),
        ({"period": "4w"}, 2),
        ({"period": "3m"}, 3),
        ({"period": "12m"}, 4),
        ({"period": "all"}, 5),
        ({"period": "own", "date_from": "2026-01-01", "date_to": "2026-10-01"}, 1),
        ({"period": "own", "date_to": "2026-01-01"}, 2),
        ({"period": "own"}, 5),
        ({"date_from": "2026-11-20"}, 4),  # dates count for own dates only
    ],
)
def test_a_period_counts_what_lies_in_its_weeks(reader, session, owner, query, tests):
    for weeks_ago in (0, 4, 13, 52, 53):
        make(session, owner, weeks_ago)

    rows = csv(reader, "tests", **query)

    assert sum(int(row[1]) for row in rows[1:]) == tests


@pytest.mark.parametrize(
    "query",
    [
        {"period": "own", "date_from": "2026-03-02", "date_to": "2026-03-01"},
        {"period": "own", "date_from": "yesterday"},
        {"period": "own", "date_to": "0001-01-01"},
        {"period": "fortnight"},
    ],
)
def test_a_period_that_is_none_is_refused_with_a_sentence(reader, session, owner, query):
    make(session, owner)

    page = reader.get("/dashboard", query_string=query)
    table = reader.get("/dashboard/tests.csv", query_string=query)

    assert page.status_code == 400
    assert 'class="field-error"' in page.text
    assert "Nothing is counted" in page.text
    assert table.status_code == 404


def test_what_strangers_have_is_never_counted(reader, session, owner):
    stranger = make_user(session)
    for _ in range(30):
        make(session, stranger, label="mel", malignancy=0.99, diagnosis="mel", assessment="mel", milliseconds=999)
    own = make(session, owner, label="nv", malignancy=0.01, milliseconds=40)

    page = reader.get("/dashboard").text

    assert "1 test" in page
    assert "999" not in page
    assert "0 of 20 confirmed diagnoses so far" in page
    assert [row[1] for row in csv(reader, "classes") if row[0] == "Melanoma"] == ["0"]
    session.delete(own)
    session.commit()
    assert reader.get("/dashboard/tests.csv").status_code == 404


def test_figures_are_given_from_twenty_confirmed_diagnoses_on(reader, session, owner):
    for _ in range(19):
        make(session, owner, malignancy=0.5, label="mel", diagnosis="mel")
    before = reader.get("/dashboard").text
    hidden = reader.get("/dashboard/diagnoses-agreement.csv").status_code

    make(session, owner, malignancy=0.01, label="nv", diagnosis="nv")
    after = csv(reader, "diagnoses-agreement")

    assert "19 of 20 confirmed diagnoses so far" in before
    assert "verification bias" in before
    assert hidden == 404
    assert [row[:2] + row[4:] for row in after[1:3]] == [
        ["Sensitivity at the alert threshold", "1.0", "19", "19"],
        ["Specificity at the alert threshold", "1.0", "1", "1"],
    ]
    assert csv(reader, "calibration")[-1][4:] == ["19", "19"]


def test_answers_that_are_hidden_are_left_out_and_counted(reader, session, owner):
    owner.blind_since = TODAY
    for _ in range(3):
        make(session, owner, label="mel", malignancy=0.9, diagnosis="mel")
    make(session, owner, label="nv", malignancy=0.01, assessment="nv", diagnosis="nv")
    session.commit()

    page = reader.get("/dashboard").text

    assert "3 hidden" in page
    assert csv(reader, "tests")[1] == ["2026-11-16", "4", "0", "3"]
    assert [row[1] for row in csv(reader, "classes")[1:]] == ["0", "0", "0", "0", "0", "1", "0"]
    assert csv(reader, "diagnoses-by-class")[1:] == [["Melanocytic nevus", "0", "0", "0", "0", "0", "1", "0"]]
    assert csv(reader, "malignancy")[-1][1] == "0"


def test_versions_are_never_mixed(reader, session, owner):
    for _ in range(2):
        make(session, owner, label="nv")
    make(session, owner, label="mel", model_version="0.9.0")

    page = reader.get("/dashboard").text
    other = reader.get("/dashboard?classifier=mobilenetv2-ham7:0.9.0").text

    assert f"Answers of {CARD.name} {VERSION}" in page
    assert "2 classifiers or versions of them" in page
    assert f"Answers of {CARD.name} 0.9.0" in other
    assert "nothing to compare with" in other
    assert [row[1] for row in csv(reader, "classes")[1:]].count("2") == 1
    assert [row[1] for row in csv(reader, "classes", classifier="mobilenetv2-ham7:0.9.0")[1:]].count("1") == 1


def test_a_classifier_of_two_classes_has_its_page_too(reader, session, owner):
    answer = {"model_name": "cnn6m-binary", "probabilities": {"benign": 0.2, "malignant": 0.8}, "malignancy": 0.8}
    make(session, owner, **answer, assessment="bcc")

    rows = csv(reader, "assessments-by-side")

    assert rows[1:] == [["Malignant", "1", "0", "1", "0"], ["Benign", "0", "0", "0", "0"]]
    assert [row[0] for row in csv(reader, "classes")] == ["Class", "Benign", "Malignant"]


def test_percentiles_of_a_week_are_durations_that_occurred(reader, session, owner):
    for milliseconds in (*[40] * 10, *[50] * 9, 900):
        make(session, owner, milliseconds=milliseconds)
    make(session, owner, 2, milliseconds=70)
    make(session, owner, 1)

    assert csv(reader, "latency")[1:] == [["2026-11-02", "70", "70", "1"], ["2026-11-16", "40", "50", "20"]]


def test_a_table_that_there_is_not_answers_404(reader, session, owner):
    make(session, owner)

    assert reader.get("/dashboard/nothing.csv").status_code == 404
    assert reader.get("/dashboard/calibration.csv").status_code == 404


def test_a_table_comes_as_a_file_whose_name_tells_nothing(reader, session, owner):
    make(session, owner)

    response = reader.get("/dashboard/tests.csv")

    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"] == 'attachment; filename="lentigo-tests-2026-11-21.csv"'
    assert "no-store" in response.headers["Cache-Control"]


def test_every_table_of_the_page_can_be_taken_along(reader, session, owner):
    for _ in range(20):
        make(session, owner, diagnosis="mel", assessment="mel", milliseconds=40)
    page = reader.get("/dashboard?period=4w").text

    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="/dashboard/')[1:]]

    assert len(links) == 11
    for link in links:
        assert "period=4w" in link
        assert reader.get(f"/dashboard/{link}").status_code == 200


@pytest.mark.parametrize("address", ["/dashboard", "/index"])
def test_pages_ask_the_same_number_of_questions_however_many_tests_there_are(app, reader, session, owner, address):
    make(session, owner, diagnosis="mel")
    with counted_queries(app) as few:
        reader.get(address)
    for number in range(30):
        make(session, owner, number, diagnosis="mel", assessment="nv", milliseconds=40 + number)
    with counted_queries(app) as many:
        reader.get(address)

    assert len(many) == len(few)


def test_home_counts_from_the_tallies_alone(app, reader, session, owner):
    make(session, owner)
    with counted_queries(app) as statements:
        reader.get("/index")

    unlimited = [statement for statement in statements if "LIMIT" not in statement]  # the navigation counts to 99
    counting = [statement for statement in unlimited if "sum(" in statement or "count(" in statement]
    assert counting
    assert all("weekly_" in statement for statement in counting)


def test_home_shows_the_last_twelve_weeks(reader, session, owner):
    make(session, owner)
    make(session, owner, 12, accepted=False)
    make(session, owner, 13)

    page = reader.get("/index").text

    assert "2 tests, 1 not accepted" in page
    assert 'href="/dashboard"' in page


def test_home_counts_what_is_hidden(reader, session, owner):
    owner.blind_since = now()
    make(session, owner)

    page = reader.get("/index").text

    assert "1 hidden until you have entered your assessment" in page


def test_the_home_page_of_a_new_account_says_how_to_begin(reader):
    page = reader.get("/index").text

    assert "No tests yet" in page
    assert 'href="/prediction"' in page


def test_the_home_page_shows_the_newest_tests_first(reader, session, owner):
    for name in ("Oldest", "Older", "Middle", "Newer", "New", "Newest"):
        make_analysis(session, owner, patient_name=name)

    page = reader.get("/index").text

    assert page.index("Newest") < page.index("Newer") < page.index("Middle") < page.index("Older")
    assert "Oldest" not in page


def test_the_home_page_hides_other_peoples_tests(reader, session, owner):
    make_analysis(session, make_user(session), patient_name="Somebody Else's Patient")

    page = reader.get("/index").text

    assert "Somebody Else" not in page


def test_home_says_how_much_waits_on_the_worklist(reader, session, owner, patient):
    before = reader.get("/index").text
    make(session, owner, malignancy=0.9, threshold=0.1, patient_id=patient.id)

    after = reader.get("/index").text

    assert "on your worklist" not in before
    assert "1 on your worklist" in after
