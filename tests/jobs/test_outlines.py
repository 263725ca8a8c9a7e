"""Outlines: measured after the commit, again by the clock, never twice at once, and gone with their analysis."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from math import hypot

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.results.outlines import jobs, selectors, services
from app.results.outlines.selectors import measured, measured_all
from app.results.outlines.tables import LesionOutline, OutlineAttempt, Scale
from app.results.services import remove
from app.results.tables import Analysis
from app.storage import Storage
from tests.factories import make_analysis, make_outline, post, sign_in
from tests.fakes import BrokenClassifiers, FakeOutliner
from tests.pictures import jpeg, lesion_picture


@pytest.fixture
def analysis(session: Session, owner: User, storage: Storage) -> Analysis:
    return make_analysis(session, owner, storage=storage)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def outliner(app: Flask) -> FakeOutliner:
    return app.extensions["classifiers"].outliner()


def outlines(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(LesionOutline)) or 0


def test_a_new_test_is_measured_in_its_frame_as_soon_as_it_is_kept(client, session, owner, outliner):
    sign_in(client, owner)

    post(client, "/prediction", {"image": (io.BytesIO(jpeg(lesion_picture())), "a.jpg"), "patient_name": "Ingrid"})
    analysis = session.scalars(select(Analysis)).one()
    found = measured(session, analysis)

    assert not found.waits
    assert found.refusal is None
    assert found.version == "1.0.0"
    assert found.outline.diameter == analysis.frame_side / 2
    assert [frame.side for frame in outliner.calls] == [analysis.frame_side]


def test_a_lesion_that_is_not_outlined_says_why_and_has_no_measures(context, session, analysis, outliner):
    outliner.refused = "beyond"

    jobs.measure(analysis.public_id)
    found = measured(session, analysis)

    assert "beyond the square" in found.refusal
    assert (found.outline.area, found.outline.colours, found.outline.polygon) == (None, None, [])


def test_a_photograph_that_is_not_there_any_more_is_refused_and_not_tried_for_ever(context, session, owner, outliner):
    lost = make_analysis(session, owner)

    jobs.measure_missed()
    jobs.measure_missed()

    assert measured(session, lost).refusal == "The kept photograph could not be read."
    assert outliner.calls == []


def test_storage_that_can_not_be_reached_refuses_no_photograph(context, session, analysis, storage, monkeypatch):
    def unreachable(_key):
        raise ConnectionRefusedError

    monkeypatch.setattr(storage, "get", unreachable)
    with pytest.raises(ConnectionRefusedError):
        jobs.measure(analysis.public_id)
    db.session.remove()
    monkeypatch.undo()
    jobs.measure_missed()

    assert measured(session, analysis).refusal is None
    assert not measured(session, analysis).waits


def test_a_photograph_that_stops_the_worker_is_given_up_after_a_few_attempts(
    context, session, analysis, outliner, monkeypatch
):
    tried = []

    def stops(_photograph, frame=None):
        tried.append(frame)
        raise RuntimeError

    outliner.outline = stops
    for days in (0, 0, 1, 2, 4, 12, 13):  # of the second nothing comes: the first may still be under way
        moment = now() + timedelta(days=days)
        for module in (services, selectors):
            monkeypatch.setattr(module, "now", lambda moment=moment: moment)
        jobs.measure_missed()

    assert len(tried) == len(services.PAUSES)
    assert measured(session, analysis).refusal == "The work on this photograph was broken off again and again."
    assert session.scalar(select(func.count(OutlineAttempt.analysis_id))) == 0


def test_the_clock_measures_what_was_missed_and_what_an_older_network_measured(
    context, session, owner, storage, outliner
):
    waiting, old, measured_already = (make_analysis(session, owner, storage=storage) for _ in range(3))
    make_outline(session, old, version="0.9.0", area=1.0)
    make_outline(session, measured_already, area=2.0)

    jobs.measure_missed()
    session.expire_all()
    found = measured_all(session, [waiting, old, measured_already])

    assert len(outliner.calls) == 2
    assert {found[each.id].version for each in (waiting, old)} == {"1.0.0"}
    assert [found[each.id].outline.area == 2.0 for each in (waiting, old, measured_already)] == [False, False, True]


def test_one_round_takes_a_limited_number_the_newest_first(context, session, owner, storage, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    oldest, *newer = [make_analysis(session, owner, storage=storage) for _ in range(3)]

    jobs.measure_missed()
    session.expire_all()

    assert measured(session, oldest).waits
    assert not any(measured(session, each).waits for each in newer)


def test_a_job_for_a_test_that_was_deleted_does_nothing(context, session, outliner):
    jobs.measure("gone")

    assert outliner.calls == []


def test_a_test_that_is_deleted_while_it_is_measured_leaves_nothing(context, session, analysis, outliner):
    draw = outliner.outline

    def slow(photograph, frame=None):
        session.delete(analysis)
        session.commit()
        return draw(photograph, frame)

    outliner.outline = slow
    jobs.measure(analysis.public_id)

    assert outlines(session) == 0


def test_measuring_again_replaces_the_row(context, session, analysis, outliner):
    jobs.measure(analysis.public_id)
    outliner.version = "2.0.0"
    jobs.measure(analysis.public_id)

    assert outlines(session) == 1
    assert measured(session, analysis).version == "2.0.0"


class TestWithoutANetwork:
    @pytest.fixture
    def classifiers(self):
        return BrokenClassifiers()

    @pytest.mark.usefixtures("context")
    def test_a_photograph_waits_until_there_is_one(self, session, analysis):
        jobs.measure(analysis.public_id)

        assert measured(session, analysis).waits


def test_without_a_scale_nothing_is_known_in_millimetres(session, analysis):
    make_outline(session, analysis)

    found = measured(session, analysis)

    assert (found.px_per_mm, found.area_mm2, found.diameter_mm) == (None, None, None)


def test_a_drawn_length_says_how_large_the_lesion_is(session, owner, analysis):
    make_outline(session, analysis, area=900.0, diameter=60.0)  # the photograph has 600 by 450 pixels

    services.draw_scale(session, analysis, author=owner, start=(0.1, 0.2), end=(0.2, 0.2), millimetres=2.0)
    found = measured(session, analysis)

    assert found.px_per_mm == pytest.approx(30.0)
    assert found.area_mm2 == pytest.approx(1.0)
    assert found.diameter_mm == pytest.approx(2.0)


def test_a_slanted_length_is_measured_in_pixels_not_in_fractions(session, owner, analysis):
    services.draw_scale(session, analysis, author=owner, start=(0, 0), end=(1, 1), millimetres=10)

    assert measured(session, analysis).px_per_mm == pytest.approx(hypot(600, 450) / 10)


def test_the_newest_scale_counts_and_the_others_are_kept(session, owner, analysis):
    for millimetres in (1, 2):
        services.draw_scale(session, analysis, author=owner, start=(0, 0), end=(0.1, 0), millimetres=millimetres)

    kept = session.scalars(select(Scale).order_by(Scale.id)).all()

    assert measured(session, analysis).px_per_mm == pytest.approx(30.0)
    assert [(scale.millimetres, scale.author_name) for scale in kept] == [(1, owner.name), (2, owner.name)]


def test_a_scale_that_was_taken_away_does_not_count_and_neither_do_those_before(session, owner, analysis):
    services.draw_scale(session, analysis, author=owner, start=(0, 0), end=(0.1, 0), millimetres=1)

    services.remove_scale(session, analysis, author=owner)

    assert measured(session, analysis).scale is None


@pytest.mark.parametrize(
    ("end", "millimetres", "said"),
    [
        ((0.01, 0), 1, "too short"),
        ((1.2, 0), 1, "inside the photograph"),
        ((float("nan"), 0), 1, "inside the photograph"),
        ((0.5, 0), 0, "between 0.1 and 200 mm"),
        ((0.5, 0), float("inf"), "between 0.1 and 200 mm"),
        ((0.5, 0), float("nan"), "between 0.1 and 200 mm"),
    ],
)
def test_a_scale_that_can_not_be_meant_is_refused_in_words(session, analysis, end, millimetres, said):
    with pytest.raises(services.ScaleError, match=said):
        services.draw_scale(session, analysis, author=User(), start=(0, 0), end=end, millimetres=millimetres)


def test_deleting_a_test_deletes_its_outline_and_its_scales(context, session, owner, analysis):
    make_outline(session, analysis)
    services.draw_scale(session, analysis, author=owner, start=(0, 0), end=(0.5, 0), millimetres=5)
    session.commit()

    kept = db.session.get(Analysis, analysis.id)
    remove(db.session(), kept)
    db.session.commit()

    assert outlines(session) == 0
    assert session.scalars(select(Scale)).all() == []


def test_many_photographs_take_as_many_queries_as_one(session, owner):
    analyses = [make_analysis(session, owner) for _ in range(5)]
    for analysis in analyses:
        make_outline(session, analysis)
        services.draw_scale(session, analysis, author=owner, start=(0, 0), end=(0.5, 0), millimetres=5)
    session.commit()
    loaded = session.scalars(select(Analysis)).all()
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))

    found = measured_all(session, loaded)

    assert len(statements) == 2
    assert [each.px_per_mm for each in found.values()] == [pytest.approx(60.0)] * 5
