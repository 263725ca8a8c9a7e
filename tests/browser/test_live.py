import time
from itertools import pairwise

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from app.auth.tables import User
from app.batches.tables import DONE, RUNNING, Batch, BatchItem
from app.clock import now
from app.live.streams import Streams
from tests.browser.checks import assert_sound
from tests.browser.test_batches import sign_in
from tests.factories import belonging_to, make_analysis, make_outline

pytestmark = pytest.mark.browser
EVENTS = "text/event-stream"


@pytest.fixture
def batch(session, owner):
    """A batch of three files."""
    batch = Batch(**belonging_to(owner), model_name="mobilenetv2-ham7", naming="one", started_at=now())
    session.add(batch)
    session.flush()
    session.add_all(BatchItem(batch_id=batch.id, key=name, name=name, state=RUNNING) for name in "abc")
    session.commit()
    return batch


@pytest.fixture
def questions(page):
    """When the server was asked for what has changed, and in which way."""
    asked = []

    def note(request):
        if "/live/" in request.url:
            asked.append((time.monotonic(), request.headers.get("accept")))

    page.on("request", note)
    return asked


def least_apart(questions):
    moments = [moment for moment, _ in questions]
    return min((later - earlier for earlier, later in pairwise(moments)), default=9)


def finish(session, *names):
    done = [item.id for item in session.scalars(select(BatchItem)) if item.name in names]
    session.execute(update(BatchItem).where(BatchItem.id.in_(done)).values(state=DONE, finished_at=now()))
    session.commit()


@pytest.fixture(params=[1, 0], ids=["events", "no room for a stream"])
def room(app, request):
    app.extensions["live"] = Streams(request.param)
    return request.param


def test_a_batch_is_followed_to_its_end_and_nobody_asks_more_than_once_a_second(page, session, batch, questions, room):
    sign_in(page, session.get(User, batch.author_id))

    page.goto(f"/batches/{batch.public_id}")
    expect(page.get_by_text("0 of 3 files")).to_be_visible()
    finish(session, "a")
    expect(page.get_by_text("1 of 3 files")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("In progress: 30 per cent of the files")
    assert_sound(page)
    finish(session, "b", "c")
    expect(page.get_by_text("Finished", exact=True)).to_be_visible()
    page.wait_for_timeout(2500)

    ways = [accept for _, accept in questions]
    assert least_apart(questions) > 0.99
    assert ways == [EVENTS] if room else set(ways) == {EVENTS, "application/json"}
    assert ways.count(EVENTS) == 1


def test_an_outline_appears_on_an_open_page_and_a_hidden_page_asks_nothing(page, session, owner, storage, questions):
    analysis = make_analysis(session, owner, storage=storage)
    sign_in(page, owner)
    page.goto(f"/results/{analysis.public_id}")
    page.get_by_text("Outline and measures").click()
    expect(page.get_by_text("has not been measured yet")).to_be_visible()
    hide(page, True)
    page.wait_for_timeout(500)
    asked = len(questions)

    make_outline(session, analysis)
    page.wait_for_timeout(2500)
    while_hidden = len(questions) - asked
    hide(page, False)

    expect(page.get_by_text("Border irregularity")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("The outline and the measures of the lesion are there.")
    assert_sound(page)
    assert while_hidden == 0
    assert least_apart(questions) > 0.99


def hide(page, hidden):
    """Do what a browser does to a page whose tab is left, or chosen again."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
