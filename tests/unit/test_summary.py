"""The page for the patient says what a clinician has said, in plain words, and never more."""

from __future__ import annotations

import re
from dataclasses import asdict
from itertools import chain, product

import pytest

from app.reports.summary import words
from app.reports.summary.content import SummaryContent, Verdicts, reassures_falsely, summary_content
from app.reports.summary.steps import LOOK_AGAIN, NOTHING, STEPS, Chosen
from app.results.report.clinic import Clinic
from app.results.verdicts.labels import BASES, UNCERTAIN, VERDICTS
from models.labels import HAM7
from tests.unit.test_report_content import an_analysis

BENIGN = [code for code, label in VERDICTS.items() if not label.malignant]
MALIGNANT = [code for code, label in VERDICTS.items() if label.malignant]
TALK = Chosen("talk")
CLINIC = Clinic("St Anna", contact="Telephone 555 0100")
LONGEST_SENTENCE = 22  # words
CALMING = re.compile(r"\b(benign|harmless|healthy|safe|nothing wrong|not (skin )?cancer|no cancer|other than cancer)\b")
ALARMING = re.compile(r"cancer|melanoma|carcinoma|malignan|suspicio|danger|tumou?r|keratosis", re.IGNORECASE)


def page(*, verdicts: Verdicts = Verdicts(), chosen: Chosen = TALK, **columns) -> SummaryContent:  # noqa: B008 - frozen
    return summary_content(an_analysis(**columns), verdicts=verdicts, chosen=chosen, clinic=CLINIC)


def told(content: SummaryContent) -> str:
    return " ".join((*content.done, *content.found, *content.limits, *content.next, content.contact))


def every_verdict():
    yield Verdicts()
    for assessment in (None, UNCERTAIN, *VERDICTS):
        yield Verdicts(assessment)
        for diagnosis, basis in product(VERDICTS, BASES):
            yield Verdicts(assessment, diagnosis, basis)


def test_without_a_verdict_it_says_only_that_a_photograph_was_taken_and_will_be_talked_about():
    content = page()

    assert content.found == (words.NOT_SEEN,)
    assert not CALMING.search(told(content))
    assert not ALARMING.search(told(content))


def test_what_the_classifier_answered_changes_not_a_word():
    calm, alarming = (
        page(),
        page(label="mel", malignancy=0.97, probabilities=dict.fromkeys(HAM7.codes, 0.005) | {"mel": 0.97}),
    )

    assert asdict(calm) == asdict(alarming)


@pytest.mark.parametrize("accepted", [True, False])
def test_nothing_calms_without_a_benign_verdict(accepted):
    for verdicts in every_verdict():
        if verdicts.malignant is not False:
            assert not CALMING.search(told(page(verdicts=verdicts, accepted=accepted))), verdicts


@pytest.mark.parametrize("accepted", [True, False])
def test_no_page_alarms_or_has_a_figure_of_chance(accepted):
    for verdicts in every_verdict():
        said = told(page(verdicts=verdicts, accepted=accepted))
        assert not ALARMING.search(said.replace("It is not skin cancer.", "").replace("other than cancer", "")), (
            verdicts
        )
        assert not re.search(r"%|per cent|probab|chance|risk|score", said), verdicts


def test_of_a_refused_photograph_it_says_that_nothing_can_be_said_neither_good_nor_bad():
    content = page(accepted=False)

    assert content.done[1] == words.NOT_USED
    assert content.found == (words.NOT_SEEN_REFUSED,)


def test_a_verdict_on_a_refused_photograph_is_said_not_to_come_from_it():
    assert page(accepted=False, verdicts=Verdicts("nv")).found[1] == words.NOT_FROM_THE_PHOTOGRAPH


def test_what_cannot_be_told_is_said_to_be_uncertain():
    assert page(verdicts=Verdicts(UNCERTAIN)).found == (words.SEEN_UNCERTAIN,)


@pytest.mark.parametrize("code", BENIGN)
def test_an_assessment_by_looking_is_said_to_be_one(code):
    (said,) = page(verdicts=Verdicts(code)).found

    assert said.startswith("Your clinician has looked at the spot and thinks that it is ")
    assert "No sample of the skin was examined." in said
    assert words.SURFACE in page(verdicts=Verdicts(code)).limits


@pytest.mark.parametrize("code", MALIGNANT)
def test_a_suspicion_is_not_named(code):
    assert page(verdicts=Verdicts(code)).found == (words.SEEN_SUSPICIOUS,)


@pytest.mark.parametrize(("code", "basis"), [*product(BENIGN, BASES)])
def test_a_confirmed_benign_diagnosis_says_what_it_is_and_how_that_is_known(code, basis):
    content = page(verdicts=Verdicts("mel", code, basis))

    assert words.NAMES[code] in content.found[0]
    assert words.BASES[basis] in content.found[0]
    assert "It is not skin cancer." in content.found[0]
    assert (words.SURFACE in content.limits) == (basis != "histology")


@pytest.mark.parametrize("code", MALIGNANT)
def test_a_confirmed_malignant_diagnosis_is_left_to_be_explained_in_person(code):
    content = page(verdicts=Verdicts("nv", code, "histology"))

    assert content.found == (words.KNOWN_MALIGNANT,)


@pytest.mark.parametrize(
    ("verdicts", "false"),
    [
        (Verdicts(), True),
        (Verdicts(UNCERTAIN), True),
        (Verdicts("mel"), True),
        (Verdicts("nv", "bcc", "histology"), True),
        (Verdicts("nv"), False),
        (Verdicts("mel", "nv", "histology"), False),
    ],
)
def test_that_nothing_is_needed_can_only_be_said_with_a_benign_verdict(verdicts, false):
    assert reassures_falsely(verdicts, NOTHING) is false
    assert not any(reassures_falsely(verdicts, step) for step in STEPS if step != NOTHING)


def test_the_next_step_is_told_with_its_day_and_the_clinicians_own_words():
    content = page(chosen=Chosen(LOOK_AGAIN, "2027-03-01", "Bring your glasses.\nNo make-up, please."))

    assert content.next == (
        "We will look at the spot again on 1 March 2027.", "Bring your glasses.", "No make-up, please.",
    )  # fmt: skip


def test_whom_to_ask_is_always_told():
    without = summary_content(an_analysis(), verdicts=Verdicts(), chosen=TALK, clinic=Clinic("St Anna"))

    assert page().contact == "You reach St Anna like this: Telephone 555 0100."
    assert without.contact == "Please ask at St Anna."


def test_places_are_named_in_plain_words():
    assert "(place: leg)" in page(body_site="lower extremity").done[0]
    assert "place" not in page(body_site=None).done[0]
    assert "unknown" not in page(body_site="unknown").done[0]


def test_every_code_has_its_words():
    assert set(words.NAMES) == set(BENIGN)
    assert set(words.BASES) == set(BASES)


def test_its_sentences_are_short():
    pages = [page(verdicts=verdicts, accepted=accepted) for verdicts in every_verdict() for accepted in (True, False)]
    said = {sentence for content in pages for sentence in re.split(r"(?<=[.!?:]) ", told(content))}
    steps = chain(STEPS.values(), words.SIGNS, [words.COME_BACK])

    assert [sentence for sentence in (*said, *steps) if len(sentence.split()) > LONGEST_SENTENCE] == []
