"""Tables of the tallies: how many tests there were in a week, of each kind. The database keeps them, see `tallying`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base

NO_ANSWER = "none"  # in place of a class: the photograph was not accepted
NO_VERDICT = ""
NO_THRESHOLD, BELOW, ALERTED = -1, 0, 1
KEY_ONLY = {"sqlite_with_rowid": False}  # the rows lie in the order of their keys


class Tally:
    """Tests of one clinic, week (see `period.week_of`) and version of a classifier: all but counts is the key."""

    # before the others in the key too: it is read by clinic and week
    clinic_id: Mapped[int] = mapped_column(
        ForeignKey("clinics.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, sort_order=-4
    )
    week: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-3)
    model_name: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=-2)
    model_version: Mapped[str] = mapped_column(String(32), primary_key=True, sort_order=-1)
    tests: Mapped[int] = mapped_column(sort_order=1)  # 0 where the last was deleted


class WeeklyAnswers(Tally, Base):
    """By what was answered: a class or NO_ANSWER, the bin of its malignancy, and whether there is an assessment."""

    __tablename__ = "weekly_answers"
    __table_args__ = KEY_ONLY

    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    bin: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of models/spread.py; -1 without answer
    assessed: Mapped[bool] = mapped_column(primary_key=True)


class WeeklyVerdicts(Tally, Base):
    """Of tests with an assessment or a diagnosis, by what was answered and by both (NO_VERDICT where there is none).

    `alerted` is ALERTED, BELOW or NO_THRESHOLD; `malignancy` is summed up in millionths.
    """

    __tablename__ = "weekly_verdicts"
    __table_args__ = KEY_ONLY

    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    bin: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    alerted: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    assessment: Mapped[str] = mapped_column(String(16), primary_key=True)
    diagnosis: Mapped[str] = mapped_column(String(16), primary_key=True)
    malignancy: Mapped[int] = mapped_column(sort_order=2)


class WeeklyDurations(Tally, Base):
    """By how long it took to answer, in milliseconds; of tests before that was recorded there are none."""

    __tablename__ = "weekly_durations"
    __table_args__ = KEY_ONLY

    milliseconds: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
