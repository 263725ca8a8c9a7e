"""The dashboard's figures, computed by hand or published."""

import math
from datetime import date

import pytest

from app.dashboard.agreement import agreement
from app.dashboard.calibration import calibration
from app.dashboard.cases import Case, cases_of
from app.dashboard.counting import Answered, Judged, Spread
from app.dashboard.distribution import bar_of, by_class, by_malignancy
from app.dashboard.drift import chi_squared_95, drift, drift_by_month, drift_sheet, joined
from app.dashboard.period import Period, between, last_weeks, monday
from app.dashboard.proportion import proportion
from app.dashboard.reference import Reference, reference
from models.card import read_card
from models.evaluation.measurements import WEIGHTS
from models.labels import BINARY, HAM7
from models.spread import BINS, EDGES
from tests.fakes import CARD

DASH = "\N{EN DASH}"
NOTHING = Reference(None, None, None)
SATURDAY = date(2026, 11, 21)


def cells(sheet):
    """Return the values of a sheet; words where there is no value."""
    return [[cell.words if cell.value is None else cell.value for cell in row.cells] for row in sheet.rows]


def case(verdict, label, tests=1, *, alerted=1, bin_=20, malignancy=0.7):
    return Case(verdict, label, bin_, alerted, tests, malignancy * tests)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17, 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_score_interval(hits, of, low, high):
    found = proportion(hits, of)

    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert found.value == hits / of


@pytest.mark.parametrize(("hits", "of"), [(0, 0), (2, 1), (-1, 3)])
def test_there_is_no_share_of_nothing_and_none_above_one(hits, of):
    with pytest.raises(ValueError, match="is no share"):
        proportion(hits, of)


def test_the_stability_index_is_that_of_its_definition():
    found = drift([120, 280], [200, 200])

    a, e = (120.5 / 401, 280.5 / 401), (0.5, 0.5)
    assert found.index == pytest.approx(sum((x - y) * math.log(x / y) for x, y in zip(a, e, strict=True)))
    assert found.reading == "Moderate shift"


def test_the_same_distribution_has_no_drift():
    found = drift([200, 100, 700], [20, 10, 70])

    assert found.index == pytest.approx(0, abs=1e-3)
    assert found.reading == "No more than chance"


@pytest.mark.parametrize(("degrees", "point"), [(2, 5.991), (6, 12.592), (10, 18.307), (26, 38.885)])
def test_the_points_of_chi_squared_are_those_of_the_tables(degrees, point):
    assert chi_squared_95(degrees) == pytest.approx(point, rel=0.01)


def test_bins_are_joined_until_each_holds_enough_of_what_is_expected():
    assert joined([1, 2, 3, 4, 5], [3, 2, 90, 4, 1]) == ([3, 3, 9], [5, 90, 5])
    assert joined([1, 2, 3], [50, 48, 2]) == ([1, 5], [50, 50])


def test_drift_says_how_many_answers_it_takes_before_it_says_anything():
    counts = tuple([10] * BINS)

    few = cells(drift_sheet([Answered("nv", 3, 49)], HAM7.labels, Reference(None, counts, None)))
    enough = cells(drift_sheet([Answered("nv", 3, 50)], HAM7.labels, Reference(None, counts, None)))

    assert few == [["Malignancy", 49, 270, DASH, DASH, "From 50 answers on"]]
    assert enough[0][-1] == "Marked shift"


def test_drift_by_month_leaves_out_months_with_few_answers():
    counts = tuple([10] * BINS)
    weeks = [last_weeks(0, date(2026, month, 20)).last for month in (3, 4, 5)]
    spreads = [
        Spread(weeks[2], 3, 49),
        *(Spread(weeks[0], number, 10) for number in range(BINS)),
        Spread(weeks[1], 3, 60),
    ]

    rows = cells(drift_by_month(spreads, Reference(None, counts, None)))

    assert [row[0] for row in rows] == ["Mar 2026", "Apr 2026", "May 2026"]
    assert rows[0][1] == pytest.approx(0)
    assert rows[1][1] > 1
    assert rows[2][1:] == [DASH, DASH, 49]
    assert cells(drift_by_month(spreads, NOTHING)) == []


def test_bars_are_made_of_whole_bins():
    edges = [0.0, *EDGES]

    assert [bar_of(number) for number in range(BINS)] == [int(edge * 20 + 1e-9) for edge in edges]


def test_answers_are_shown_as_shares_beside_the_test_photographs():
    answers = [Answered("nv", 0, 2), Answered("mel", BINS - 1, 1), Answered("nv", 7, 1)]
    before = Reference({"nv": 3, "mel": 1}, (9, *[0] * (BINS - 2), 1), None)

    classes, malignancy = by_class(answers, HAM7.labels, before), by_malignancy(answers, before)

    assert [row[1:] for row in cells(classes) if row[1]] == [[1, 0.25, 0.25], [3, 0.75, 0.75]]
    assert [row for row in cells(malignancy) if row[1]] == [[0.0, 3, 0.75, 0.9], [0.95, 1, 0.25, 0.1]]


def test_without_a_reference_or_an_answer_there_is_no_share():
    assert {cell for row in cells(by_malignancy([], NOTHING)) for cell in row[2:]} == {DASH}


def test_every_shipped_card_can_be_held_against():
    cards = [read_card(path.parent) for path in WEIGHTS.glob("*/card.json")]

    for found in map(reference, cards):
        assert sum(found.bins) == sum(found.classes.values()) > 0
        assert 0 <= found.refused < 0.05
    assert reference(CARD) == reference(None) == NOTHING


def test_verdicts_and_answers_are_counted_by_class_and_by_side():
    cases = [
        case("mel", "mel", 3, alerted=1),
        case("mel", "nv", 1, alerted=0),
        case("other_malignant", "nv", 1, alerted=1),
        case("nv", "nv", 20, alerted=0),
        case("nv", "bcc", 5, alerted=1),
        case("other_benign", "nv", 2, alerted=-1),
        case("uncertain", "nv", 7),
        case("nv", "none", 4),
    ]

    found = agreement("diagnoses", cases, HAM7.labels)

    assert (found.compared, found.uncertain, found.unanswered, found.without_threshold) == (32, 7, 4, 2)
    assert cells(found.sides) == [["Malignant", 3, 2, 4, 1], ["Benign", 5, 22, 5, 20]]
    assert cells(found.classes) == [
        ["Melanoma", 0, 0, 0, 0, 3, 1, 0],
        ["Melanocytic nevus", 0, 5, 0, 0, 0, 20, 0],
        ["Something else, benign", 0, 0, 0, 0, 0, 2, 0],
        ["Something else, malignant", 0, 0, 0, 0, 0, 1, 0],
    ]
    shares = {row[0]: (row[1], row[4], row[5]) for row in cells(found.figures)}
    assert shares == {
        "Sensitivity at the alert threshold": (0.8, 4, 5),
        "Specificity at the alert threshold": (0.8, 20, 25),
        "Same side answered": (25 / 32, 25, 32),
        "Same class answered": (23 / 29, 23, 29),
    }


def test_a_classifier_of_two_classes_is_compared_by_side():
    cases = [case("bcc", "malignant", 12), case("nv", "benign", 8, alerted=0)]

    found = agreement("diagnoses", cases, BINARY.labels)

    assert cells(found.sides) == [["Malignant", 12, 0, 12, 0], ["Benign", 0, 8, 0, 8]]
    assert cells(found.classes) == [["Basal cell carcinoma", 0, 12], ["Melanocytic nevus", 8, 0]]
    assert [row[0] for row in cells(found.figures)][-1] == "Same side answered"


def test_no_share_is_given_of_fewer_than_twenty_verdicts():
    nineteen, twenty = [case("mel", "mel", 19), case("uncertain", "mel", 9)], [case("mel", "mel", 20)]

    assert agreement("diagnoses", nineteen, HAM7.labels).figures is None
    assert calibration(nineteen) is None
    assert calibration(twenty) is not None
    figures = cells(agreement("diagnoses", twenty, HAM7.labels).figures)
    assert figures[0][1:3] == [1.0, pytest.approx(0.8389, abs=1e-4)]
    assert figures[1][1:] == [DASH, DASH, DASH, 0, 0]  # nobody benign: no specificity


def test_calibration_sets_what_was_said_beside_what_it_turned_out_to_be():
    cases = [
        case("nv", "nv", 15, bin_=0, malignancy=0.004),
        case("mel", "nv", 1, bin_=8, malignancy=0.06),
        case("mel", "mel", 6, bin_=BINS - 1, malignancy=0.98),
        case("nv", "mel", 2, bin_=BINS - 2, malignancy=0.92),
        case("uncertain", "mel", 50, bin_=12),
    ]

    found = calibration(cases)

    rows = cells(found)
    assert [row[4:] for row in rows] == [[1, 16], [6, 8]]
    assert rows[0][:2] == [pytest.approx((15 * 0.004 + 0.06) / 16), 1 / 16]
    assert rows[1][:2] == [pytest.approx((6 * 0.98 + 2 * 0.92) / 8), 0.75]
    assert [row.faint for row in found.rows] == [False, True]


def test_cases_are_the_tests_with_a_verdict_of_a_kind():
    rows = [Judged("nv", 3, 0, "nv", "", 2, 0.02), Judged("nv", 3, 0, "", "mel", 1, 0.01)]

    assert [found.verdict for found in cases_of(rows, "assessment")] == ["nv"]
    assert [found.verdict for found in cases_of(rows, "diagnosis")] == ["mel"]


def test_periods_are_whole_weeks_that_end_with_the_present_one():
    assert last_weeks(4, SATURDAY).begins == date(2026, 10, 19)
    assert last_weeks(4, SATURDAY).ends == date(2026, 11, 22)
    assert between(date(2026, 3, 4), date(2026, 3, 9), SATURDAY).begins == date(2026, 3, 2)
    assert between(date(2026, 3, 4), date(2026, 3, 9), SATURDAY).ends == date(2026, 3, 15)
    assert between(None, None, SATURDAY) == Period(None, last_weeks(0, SATURDAY).last)
    assert monday(last_weeks(0, SATURDAY).last) == date(2026, 11, 16)
