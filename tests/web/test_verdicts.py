from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed, concealed_from
from app.results.verdicts.selectors import verdicts_of
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict
from tests.factories import csrf_token, make_analysis, make_patient, make_user, post, sign_in
from tests.web.test_history import counted_queries

CHECKED = re.compile(r'<input(?=[^>]*\bchecked\b)[^>]*\bid="(\w+)-(?:label|basis)-\d+"[^>]*\bvalue="(\w+)"')
HISTOLOGY = {"label": "mel", "basis": "histology", "found_on": "2026-03-02", "note": "Breslow 0.4 mm."}


@pytest.fixture
def analysis(session, storage, owner):
    return make_analysis(session, owner, storage=storage)


@pytest.fixture
def address(analysis):
    return f"/results/{analysis.public_id}"


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def card(html, kind):
    """Return the words of one card, without the choices of its form."""
    found = re.search(rf'<section class="card verdict" id="{kind}".*?</section>', html, re.DOTALL)
    return text(re.sub(r"<fieldset.*?</fieldset>", "", found[0], flags=re.DOTALL))


def kept(session, analysis):
    session.expire_all()
    return [(verdict.kind, verdict.label) for verdict in verdicts_of(session, analysis)]


def send(reader, address, kind, **fields):
    """Send the form of a kind as it stands on the page now."""
    seen = re.search(rf'id="{kind}".*?name="seen" value="(\d*)"', reader.get(address).text, re.DOTALL)[1]
    return post(reader, f"{address}/{kind}", {"seen": seen, **fields}, form=address)


def test_an_assessment_is_kept_with_who_and_when(reader, session, owner, analysis, address):
    response = send(reader, address, ASSESSMENT, label="mel", note=" Veil. ")

    session.expire_all()
    verdict = session.scalars(select(Verdict)).one()
    assert (response.status_code, response.location) == (303, address)
    assert (verdict.label, verdict.author_id, verdict.author_name) == ("mel", owner.id, owner.name)
    assert (verdict.note, verdict.basis, verdict.blind) == ("Veil.", None, False)
    assert verdict.created_at > analysis.created_at
    assert analysis.assessment == "mel"


def test_the_page_says_what_is_in_force_by_whom_and_whether_the_classifier_agrees(reader, owner, address):
    send(reader, address, ASSESSMENT, label="mel", note="Veil.")

    html = reader.get(address).text

    words = card(html, ASSESSMENT)
    assert "Your assessment is recorded." in html
    assert f"Melanoma ▲ Malignant {owner.name}, " in words
    assert "UTC Veil." in words
    assert "Assessment and classifier disagree: the assessment calls it melanoma, which is malignant" in words


def test_a_diagnosis_is_kept_with_how_and_when_it_was_found(reader, session, analysis, address):
    response = send(reader, address, DIAGNOSIS, **HISTOLOGY)

    words = card(reader.get(address).text, DIAGNOSIS)
    session.expire_all()
    assert response.status_code == 303
    assert (analysis.diagnosis, analysis.assessment) == ("mel", None)
    assert "Melanoma ▲ Malignant Histology, 2 March 2026" in words
    assert "Breslow 0.4 mm." in words
    assert "The classifier called it melanocytic nevus, which is benign." in words


@pytest.mark.parametrize(
    "sent",
    [
        (ASSESSMENT, {"label": ""}, "assessment-label"),
        (ASSESSMENT, {"label": "benign"}, "assessment-label"),
        (ASSESSMENT, {"label": "nv", "note": "x" * 2001}, "assessment-note"),
        (ASSESSMENT, {"label": "nv", "note": "\u202egnorw"}, "assessment-note"),
        (DIAGNOSIS, HISTOLOGY | {"label": ""}, "diagnosis-label"),
        (DIAGNOSIS, HISTOLOGY | {"label": "uncertain"}, "diagnosis-label"),
        (DIAGNOSIS, HISTOLOGY | {"basis": ""}, "diagnosis-basis"),
        (DIAGNOSIS, HISTOLOGY | {"basis": "rumour"}, "diagnosis-basis"),
        (DIAGNOSIS, HISTOLOGY | {"found_on": f"{now() + timedelta(days=2):%Y-%m-%d}"}, "diagnosis-found_on"),
        (DIAGNOSIS, HISTOLOGY | {"found_on": "2026-02-30"}, "diagnosis-found_on"),
    ],
)
def test_what_can_not_be_recorded_is_told_at_its_field_and_kept(reader, session, analysis, address, sent):
    kind, fields, error = sent

    response = send(reader, address, kind, **fields)

    assert response.status_code == 422
    assert re.findall(r'class="field-error" id="([\w-]+)-error"', response.text) == [error]
    assert "Nothing was recorded" in response.text
    assert fields.get("note", "") in response.text
    if kind == DIAGNOSIS:
        chosen = {value for _, value in CHECKED.findall(response.text)}
        assert chosen == {fields["label"], fields["basis"]} & {"mel", "histology"}
    assert kept(session, analysis) == []


def test_a_change_leaves_what_was_said_before_among_the_earlier_entries(reader, session, analysis, address):
    send(reader, address, ASSESSMENT, label="mel", note="At first sight.")

    response = send(reader, address, ASSESSMENT, label="uncertain")

    words = card(reader.get(address).text, ASSESSMENT)
    assert response.status_code == 303
    assert kept(session, analysis) == [(ASSESSMENT, "mel"), (ASSESSMENT, "uncertain")]
    assert analysis.assessment == "uncertain"
    assert re.search(r"Your assessment Uncertain .* Earlier entries \(1\) Melanoma .* At first sight\.", words)


def test_what_is_taken_back_stays_among_the_earlier_entries(reader, session, analysis, address):
    send(reader, address, DIAGNOSIS, **HISTOLOGY)

    response = send(reader, address, "diagnosis", **HISTOLOGY)  # nothing new: nothing is added
    withdrawn = post(
        reader,
        f"{address}/diagnosis/withdrawal",
        {"seen": str(verdicts_of(session, analysis)[-1].id)},
        form=address,
    )

    words = card(reader.get(address).text, DIAGNOSIS)
    assert (response.status_code, withdrawn.status_code) == (303, 303)
    assert kept(session, analysis) == [(DIAGNOSIS, "mel"), (DIAGNOSIS, None)]
    assert analysis.diagnosis is None
    assert re.search(r"Enter the confirmed diagnosis .* Earlier entries \(2\) Taken back .* Melanoma", words)


def test_a_verdict_of_another_window_is_not_silently_replaced(reader, session, analysis, address):
    html = reader.get(address).text
    send(reader, address, ASSESSMENT, label="bkl")
    fields = {"csrf_token": csrf_token(html), "seen": "", "label": "mel", "note": "Veil."}

    stale = reader.post(f"{address}/assessment", data=fields)
    again = re.search(r'id="assessment".*?name="seen" value="(\d+)"', stale.text, re.DOTALL)[1]
    response = reader.post(f"{address}/assessment", data=fields | {"seen": again})

    assert stale.status_code == 409
    assert "Not recorded: your assessment was entered meanwhile" in stale.text
    assert "Benign keratosis-like lesion ○ Benign" in card(stale.text, ASSESSMENT)
    assert (ASSESSMENT, "mel") in CHECKED.findall(stale.text)
    assert "Veil." in stale.text
    assert response.status_code == 303
    assert kept(session, analysis) == [(ASSESSMENT, "bkl"), (ASSESSMENT, "mel")]


def test_what_was_changed_in_another_window_is_not_taken_back_unseen(reader, session, analysis, address):
    send(reader, address, ASSESSMENT, label="bkl")
    seen = str(verdicts_of(session, analysis)[-1].id)
    send(reader, address, ASSESSMENT, label="mel")

    response = post(reader, f"{address}/assessment/withdrawal", {"seen": seen}, form=address)

    assert response.status_code == 409
    assert kept(session, analysis) == [(ASSESSMENT, "bkl"), (ASSESSMENT, "mel")]


def test_a_form_that_is_sent_twice_records_once(reader, session, analysis, address):
    fields = {"csrf_token": csrf_token(reader.get(address).text), "seen": "", "label": "mel"}

    answers = [reader.post(f"{address}/assessment", data=fields).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert kept(session, analysis) == [(ASSESSMENT, "mel")]


@pytest.mark.parametrize("part", ["assessment", "diagnosis", "assessment/withdrawal", "diagnosis/withdrawal"])
def test_nobody_says_anything_of_another_persons_test(client, session, analysis, address, part):
    stranger = make_user(session)
    sign_in(client, stranger)

    response = post(client, f"{address}/{part}", HISTOLOGY, form="/prediction")

    assert response.status_code == 404
    assert kept(session, analysis) == []


@pytest.mark.parametrize("part", ["assessment", "diagnosis", "assessment/withdrawal", "diagnosis/withdrawal"])
def test_the_anonymous_say_nothing(client, session, analysis, address, part):
    response = post(client, f"{address}/{part}", HISTOLOGY, form="/login")

    assert response.status_code == 302
    assert kept(session, analysis) == []


def test_nothing_is_recorded_without_the_token(reader, session, analysis, address):
    response = reader.post(f"{address}/assessment", data={"label": "mel"})

    assert response.status_code == 400
    assert kept(session, analysis) == []


def test_a_photograph_that_was_not_accepted_can_be_assessed_all_the_same(reader, session, storage, owner):
    refused = make_analysis(session, owner, storage=storage, accepted=False)

    response = send(reader, f"/results/{refused.public_id}", ASSESSMENT, label="mel")

    assert response.status_code == 303
    assert "classifier" not in card(reader.get(f"/results/{refused.public_id}").text, ASSESSMENT)


def test_the_number_of_queries_does_not_grow_with_the_entries(app, reader, session, owner, analysis):
    address = f"/results/{analysis.public_id}"
    with counted_queries(app) as without:
        reader.get(address)
    for label in ("nv", "mel", None, "bcc"):
        give(session, analysis, author=owner, kind=ASSESSMENT, label=label)
    session.commit()

    with counted_queries(app) as with_entries:
        reader.get(address)

    assert len(without) == len(with_entries)


def test_verdicts_go_with_the_test(reader, session, owner, analysis, address):
    patient = make_patient(session, owner)
    of_patient = make_analysis(session, owner, patient_id=patient.id)
    for each in (analysis, of_patient):
        give(session, each, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()

    post(reader, f"{address}/delete", form=address)
    post(reader, f"/patients/{patient.public_id}/erase", {"name": patient.name})

    session.expire_all()
    assert session.scalars(select(Verdict)).all() == []


def test_an_answer_is_concealed_until_somebody_who_looks_blind_has_assessed(session, owner, analysis):
    owner.blind = True
    before = concealed(owner, analysis)

    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")

    assert before
    assert not concealed(owner, analysis)
    assert session.scalars(select(Analysis).where(concealed_from(owner))).all() == []


def blind_verdicts(session, owner, *labels, created_at=None):
    """Assess a new test once for each label, and return which of the assessments count as blind."""
    analysis = make_analysis(session, owner, **({} if created_at is None else {"created_at": created_at}))
    return [give(session, analysis, author=owner, kind=ASSESSMENT, label=label).blind for label in labels]


def test_only_the_first_assessment_is_blind_even_if_it_was_taken_back(session, owner):
    owner.blind = True

    assert blind_verdicts(session, owner, "nv", None, "mel") == [True, False, False]


def test_an_assessment_is_not_blind_if_the_answer_could_be_seen_before(session, owner):
    owner.blind = True
    seen_at = now()
    owner.blind = False
    owner.blind = True  # off, a look, and on again

    assert blind_verdicts(session, owner, "nv", created_at=seen_at) == [False]


def test_a_diagnosis_needs_a_basis_and_an_assessment_has_none(session, owner, analysis):
    for kind, label, basis in (
        (DIAGNOSIS, "mel", None),
        (DIAGNOSIS, "uncertain", "histology"),
        (ASSESSMENT, "mel", "histology"),
    ):
        with pytest.raises(ValueError, match="diagnosis"):
            give(session, analysis, author=owner, kind=kind, label=label, basis=basis)


def test_nothing_is_concealed_where_there_is_no_answer(session, owner):
    owner.blind = True
    refused = make_analysis(session, owner, accepted=False)

    assert not concealed(owner, refused)
    assert session.scalars(select(Analysis).where(concealed_from(owner))).all() == []


def test_a_colleague_reads_whose_assessment_it_is(app, session, reader, owner, analysis):
    post(reader, f"/results/{analysis.public_id}/assessment", {"label": "mel"}, form=f"/results/{analysis.public_id}")
    colleague = make_user(session, name="Bea Colleague", clinic=owner.clinic)
    other = app.test_client()
    sign_in(other, colleague)

    own = reader.get(f"/results/{analysis.public_id}").text
    theirs = other.get(f"/results/{analysis.public_id}").text

    assert '<h2 class="h3" id="assessment-title">Your assessment</h2>' in own
    assert '<h2 class="h3" id="assessment-title">Assessment</h2>' in theirs
    assert owner.name in theirs
