"""The tallies are those of the analyses, whatever happens to them."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from app.dashboard.period import week_of
from app.dashboard.tables import WeeklyAnswers, WeeklyDurations, WeeklyVerdicts
from app.results.tables import Analysis
from models.spread import BINS, EDGES
from tests.factories import make_analysis, make_user

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def tallied(session, table):
    """Return the rows of a table that count something, without the sums of malignancy."""
    session.expire_all()
    keys = [column for column in table.__table__.columns if column.primary_key]
    rows = session.execute(select(*keys, table.tests).where(table.tests != 0)).all()
    return Counter({tuple(row[:-1]): row[-1] for row in rows})


def bin_of(analysis):
    return sum(analysis.malignancy >= edge for edge in EDGES) if analysis.accepted else -1


def common(analysis):
    return analysis.clinic_id, week_of(analysis.created_at), analysis.model_name, analysis.model_version


def answered(analysis):
    return analysis.label if analysis.accepted else "none", bin_of(analysis)


def alerted(analysis):
    return -1 if analysis.threshold is None else int(analysis.malignancy >= analysis.threshold)


def counted(session):
    """Count every analysis anew, in Python."""
    session.expire_all()
    every = session.scalars(select(Analysis)).all()
    judged = [one for one in every if one.assessment is not None or one.diagnosis is not None]
    return (
        Counter((*common(one), *answered(one), one.assessment is not None) for one in every),
        Counter(
            (*common(one), *answered(one), alerted(one), one.assessment or "", one.diagnosis or "") for one in judged
        ),
        Counter((*common(one), one.milliseconds) for one in every if one.milliseconds is not None),
    )


def all_tallies(session):
    return tuple(tallied(session, table) for table in (WeeklyAnswers, WeeklyVerdicts, WeeklyDurations))


def make_any(session, owner, chance):
    return make_analysis(
        session,
        owner,
        created_at=MONDAY + timedelta(hours=chance.randrange(-400, 400)),
        malignancy=chance.choice([0.0, 0.005, 0.0482, 0.05, 0.12, 0.5, 0.95, 1.0]),
        label=chance.choice(["nv", "mel", "bkl"]),
        accepted=chance.random() < 0.8,
        threshold=chance.choice([None, 0.05, 0.12]),
        assessment=chance.choice([None, None, "nv", "uncertain"]),
        diagnosis=chance.choice([None, None, None, "mel"]),
        milliseconds=chance.choice([None, 40, 41]),
    )


def test_tallies_follow_analyses_that_come_are_judged_and_go(session, owner):
    chance = random.Random(1)  # noqa: S311 - the same every time
    analyses = [make_any(session, owner, chance) for _ in range(60)]
    for analysis in chance.sample(analyses, 30):
        analysis.assessment = chance.choice([None, "mel", "nv"])
        analysis.diagnosis = chance.choice([None, "bcc"])
    analyses[-1].malignancy, analyses[-1].label, analyses[-1].accepted = 0.333, "df", True
    session.commit()
    after_verdicts, expected = all_tallies(session), counted(session)
    for analysis in analyses[:10]:
        session.delete(analysis)
    session.execute(delete(Analysis).where(Analysis.id.in_([one.id for one in analyses[10:25]])))
    session.commit()

    assert after_verdicts == expected
    assert all_tallies(session) == counted(session)
    assert sum(all_tallies(session)[0].values()) == 35


def test_sums_of_malignancy_follow_to_the_millionth(session, owner):
    made = [make_analysis(session, owner, malignancy=0.1234567, diagnosis="mel") for _ in range(3)]
    session.delete(made[0])
    session.commit()

    rows = session.execute(select(WeeklyVerdicts.tests, WeeklyVerdicts.malignancy)).all()

    assert [tuple(row) for row in rows] == [(2, 2 * 123457)]


def test_colleagues_are_counted_together_and_other_clinics_apart(session, owner):
    colleague = make_user(session, clinic=owner.clinic)
    for author in (owner, colleague, make_user(session)):
        make_analysis(session, author, diagnosis="mel", milliseconds=40)

    tests = [{row[0]: tests for row, tests in tally.items()} for tally in all_tallies(session)]

    assert [tally[owner.clinic_id] for tally in tests] == [2, 2, 2]
    assert [sum(tally.values()) for tally in tests] == [3, 3, 3]


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(1970, 1, 5, tzinfo=UTC), 0),
        (datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC), 2929),  # a Sunday
        (datetime(2026, 3, 2, tzinfo=UTC), 2930),
    ],
)
def test_a_week_begins_on_monday_in_utc(session, owner, moment, week):
    make_analysis(session, owner, created_at=moment)

    assert session.scalar(select(WeeklyAnswers.week)) == week == week_of(moment)


def test_the_last_bin_holds_certainty(session, owner):
    make_analysis(session, owner, malignancy=1.0)

    assert session.scalar(select(WeeklyAnswers.bin)) == BINS - 1
