import pytest

from app.results.tables import Analysis
from app.results.verdicts.comparison import ALERT, OPEN, agreement, beside_diagnosis

OWN = "the assessment calls it"
AGREE, DISAGREE = "Assessment and classifier agree", "Assessment and classifier disagree"
CALLS, BASAL = "the classifier calls it", "basal cell carcinoma"
SEVEN, TWO = "mobilenetv2-ham7", "alexnet-binary"


def analysis(answer, model=SEVEN, **columns):
    ordinary = {"accepted": True, "malignancy": 0.01, "threshold": 0.12}
    return Analysis(label=answer, model_name=model, **{**ordinary, **columns})


@pytest.mark.parametrize(
    ("own", "answer", "model", "sentence"),
    [
        ("mel", "mel", SEVEN, f"{AGREE}: melanoma."),
        (
            "mel",
            "bcc",
            SEVEN,
            f"{AGREE} that the lesion is malignant, but not on the class: {OWN} melanoma; {CALLS} {BASAL}.",
        ),
        (
            "mel",
            "nv",
            SEVEN,
            f"{DISAGREE}: {OWN} melanoma, which is malignant; {CALLS} melanocytic nevus, which is benign.",
        ),
        ("bcc", "malignant", TWO, f"{AGREE} that the lesion is malignant."),
        (
            "other_benign",
            "malignant",
            TWO,
            f"{DISAGREE}: {OWN} something else, benign; {CALLS} malignant.",
        ),
        ("uncertain", "nv", SEVEN, OPEN),
    ],
)
def test_agreement_is_said_in_words(own, answer, model, sentence):
    assert agreement(analysis(answer, model, assessment=own)) == (sentence,)


def test_agreement_on_a_benign_class_does_not_hide_the_alert():
    sentences = agreement(analysis("nv", assessment="nv", malignancy=0.12))

    assert sentences == ("Assessment and classifier agree: melanocytic nevus.", ALERT)


def test_nothing_is_compared_where_one_side_is_missing():
    assert agreement(analysis("nv", assessment=None)) == ()
    assert agreement(analysis("nv", assessment="nv", accepted=False)) == ()
    assert beside_diagnosis(analysis("nv", assessment="nv", diagnosis=None)) == ()


@pytest.mark.parametrize(
    ("own", "answer", "model", "sentences"),
    [
        (
            "mel",
            "mel",
            SEVEN,
            ("The assessment called it melanoma as well.", "The classifier called it melanoma as well."),
        ),
        (
            "bcc",
            "nv",
            SEVEN,
            (
                "The assessment called it basal cell carcinoma: another class, malignant as well.",
                "The classifier called it melanocytic nevus, which is benign.",
            ),
        ),
        (
            "other_malignant",
            "malignant",
            TWO,
            ("The assessment called it malignant as well.", "The classifier called it malignant as well."),
        ),
        ("uncertain", "benign", TWO, ("The assessment had left it open.", "The classifier called it benign.")),
        (None, "mel", SEVEN, ("The classifier called it melanoma as well.",)),
    ],
)
def test_both_stand_beside_the_confirmed_diagnosis(own, answer, model, sentences):
    assert beside_diagnosis(analysis(answer, model, assessment=own, diagnosis="mel")) == sentences


def test_two_lesions_that_are_something_else_need_not_be_the_same():
    found = analysis("nv", assessment="other_malignant", diagnosis="other_malignant", accepted=False)

    assert beside_diagnosis(found) == ("The assessment called it malignant as well.",)
