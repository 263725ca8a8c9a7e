"""Assessment, confirmed diagnosis and the classifier's answer beside each other, in words that judge nobody."""

from __future__ import annotations

from app.inference import Label
from app.results.presentation import label_of
from app.results.tables import Analysis
from app.results.verdicts.labels import UNCERTAIN, VERDICTS
from app.results.wording import inline

SIDES = ("benign", "malignant")  # the codes of classes that are no more than a side
OTHERS = ("other_benign", "other_malignant")  # two of them need not be the same thing
OPEN = "The assessment leaves it open: there is nothing to compare with the answer."
ALERT = "The malignancy lies above the alert threshold all the same."


def agreement(analysis: Analysis) -> tuple[str, ...]:
    """Say whether the clinician and the classifier agree, in sentences; none where one of them has said nothing."""
    if analysis.assessment is None or not analysis.accepted:
        return ()
    if analysis.assessment == UNCERTAIN:
        return (OPEN,)
    own, answer = VERDICTS[analysis.assessment], label_of(analysis)
    return (_agreement(own, answer), *((ALERT,) if _alerts(analysis) and not answer.malignant else ()))


def beside_diagnosis(analysis: Analysis) -> tuple[str, ...]:
    """Say how the assessment, and the answer, stand to the confirmed diagnosis; none where there is none."""
    if analysis.diagnosis is None:
        return ()
    found, sentences = VERDICTS[analysis.diagnosis], []
    if analysis.assessment == UNCERTAIN:
        sentences.append("The assessment had left it open.")
    elif analysis.assessment is not None:
        sentences.append(f"The assessment called it {_beside(found, VERDICTS[analysis.assessment])}.")
    if analysis.accepted:
        sentences.append(f"The classifier called it {_beside(found, label_of(analysis))}.")
    return tuple(sentences)


def _agreement(own: Label, answer: Label) -> str:
    side = _side(own)
    if own.code == answer.code:
        return f"Assessment and classifier agree: {inline(own)}."
    if own.malignant != answer.malignant:
        return (
            f"Assessment and classifier disagree: the assessment calls it {_with_side(own)}; "
            f"the classifier calls it {_with_side(answer)}."
        )
    if answer.code in SIDES:
        return f"Assessment and classifier agree that the lesion is {side}."
    return (
        f"Assessment and classifier agree that the lesion is {side}, but not on the class: the assessment calls it "
        f"{inline(own)}; the classifier calls it {inline(answer)}."
    )


def _beside(found: Label, said: Label) -> str:
    """Say what somebody said, and whether it is what was found."""
    if said.code == found.code and said.code not in OTHERS:
        return f"{inline(said)} as well"
    if said.malignant == found.malignant:
        side = f"{_side(said)} as well"
        return side if said.code in (*SIDES, *OTHERS) else f"{inline(said)}: another class, {side}"
    return _with_side(said)


def _with_side(label: Label) -> str:
    if label.code in SIDES:
        return _side(label)
    return inline(label) if label.code in OTHERS else f"{inline(label)}, which is {_side(label)}"


def _side(label: Label) -> str:
    return "malignant" if label.malignant else "benign"


def _alerts(analysis: Analysis) -> bool:
    return analysis.threshold is not None and analysis.malignancy >= analysis.threshold
