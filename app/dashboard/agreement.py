"""How the answers agree with what the clinician thought, and with what the lesions turned out to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.dashboard.cases import ENOUGH, Case, comparable, tests_in
from app.dashboard.counting import summed
from app.dashboard.proportion import proportion
from app.dashboard.sheets import NOT_KNOWN, Column, Row, Sheet, count, share, text
from app.dashboard.tables import ALERTED, BELOW, NO_ANSWER
from app.inference import Label
from app.results.verdicts.labels import UNCERTAIN, VERDICTS
from app.results.wording import SPACE

SIDES = {True: "Malignant", False: "Benign"}
CORNER = "Verdict, and what was answered"
FIGURES = (
    *(Column("Figure"), Column("Value"), Column(f"95{SPACE}% interval from"), Column("to")),
    *(Column("Agreed"), Column("Of")),
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Verdicts of one kind beside the answers.

    `compared` are the tests with an answer and with a verdict that says benign or malignant; `uncertain` and
    `unanswered` ones are left out, and of figures at the threshold those `without_threshold`. `figures` is None until
    ENOUGH are compared.
    """

    compared: int
    uncertain: int
    unanswered: int
    without_threshold: int
    classes: Sheet
    sides: Sheet
    figures: Sheet | None


def agreement(name: str, cases: Sequence[Case], labels: Sequence[Label]) -> Agreement:
    """Compare verdicts with answers; `name` is that of the verdicts, `labels` are the classes of the classifier."""
    compared = comparable(cases)
    answered = [case for case in cases if case.label != NO_ANSWER]
    return Agreement(
        compared=tests_in(compared),
        uncertain=tests_in(case for case in answered if case.verdict == UNCERTAIN),
        unanswered=tests_in(cases) - tests_in(answered),
        without_threshold=tests_in(compared) - tests_in(_with_threshold(compared)),
        classes=_by_class(name, compared, labels),
        sides=_by_side(name, compared, labels),
        figures=_figures(name, compared, labels) if tests_in(compared) >= ENOUGH else None,
    )


def _by_class(name: str, cases: Sequence[Case], labels: Sequence[Label]) -> Sheet:
    tests = summed(((case.verdict, case.label), case.tests) for case in cases)
    given = {case.verdict for case in cases}
    columns = (Column(CORNER), *(Column(label.name) for label in labels))
    rows = (
        Row((text(verdict.name), *(count(tests[code, label.code]) for label in labels)))
        for code, verdict in VERDICTS.items()
        if code in given
    )
    return Sheet(f"{name}-by-class", "By class", columns, tuple(rows))


def _by_side(name: str, cases: Sequence[Case], labels: Sequence[Label]) -> Sheet:
    malignant = _malignant(labels)
    columns = (
        Column(CORNER),
        *(Column(f"{side} class") for side in SIDES.values()),
        Column("At or above the alert threshold"),
        Column("Below it"),
    )
    rows = []
    for side, words in SIDES.items():
        own = [case for case in cases if case.malignant is side]
        answered = (tests_in(case for case in own if (case.label in malignant) is said) for said in SIDES)
        alerts = (tests_in(case for case in own if case.alerted == alerted) for alerted in (ALERTED, BELOW))
        rows.append(Row((text(words), *map(count, answered), *map(count, alerts))))
    return Sheet(f"{name}-by-side", "By side", columns, tuple(rows))


def _figures(name: str, cases: Sequence[Case], labels: Sequence[Label]) -> Sheet:
    return Sheet(f"{name}-agreement", "Agreement", FIGURES, tuple(_shares(cases, labels)))


def _shares(cases: Sequence[Case], labels: Sequence[Label]) -> Iterator[Row]:
    malignant, codes = _malignant(labels), {label.code for label in labels}
    at_threshold = _with_threshold(cases)
    ill = [case for case in at_threshold if case.malignant]
    well = [case for case in at_threshold if not case.malignant]
    yield _share("Sensitivity at the alert threshold", ill, lambda case: case.alerted == ALERTED)
    yield _share("Specificity at the alert threshold", well, lambda case: case.alerted == BELOW)
    yield _share("Same side answered", cases, lambda case: (case.label in malignant) is case.malignant)
    if codes & set(VERDICTS):  # a classifier of two classes names no diagnosis
        named = [case for case in cases if case.verdict in codes]
        yield _share("Same class answered", named, lambda case: case.label == case.verdict)


def _share(words: str, cases: Sequence[Case], agrees: Callable[[Case], bool]) -> Row:
    if not cases:
        return Row((text(words), NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, count(0), count(0)))
    found = proportion(tests_in(filter(agrees, cases)), tests_in(cases))
    interval = share(found.low), share(found.high)
    return Row((text(words), share(found.value), *interval, count(found.hits), count(found.of)))


def _with_threshold(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.alerted in (ALERTED, BELOW)]


def _malignant(labels: Sequence[Label]) -> set[str]:
    return {label.code for label in labels if label.malignant}
