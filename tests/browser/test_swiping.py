import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.clock import now
from tests.browser.checks import assert_sound
from tests.browser.test_patients import sign_in
from tests.factories import make_analysis, make_lesion, make_patient, make_user

pytestmark = pytest.mark.browser


ELSEWHERE = """() => {
  document.querySelector("[data-earlier]").click();
  document.querySelector("[data-strip]").scrollTo({ left: 0, behavior: "instant" });
}"""


@pytest.mark.parametrize("size", ["narrow"])
def test_a_button_leads_where_it_says_though_a_swipe_that_was_not_over_went_elsewhere(page, session, storage):
    place = opened_strip(page, session, storage)
    expect(place).to_have_text(re.compile("^3 of 3"))

    page.evaluate(ELSEWHERE)

    expect(place).to_have_text(re.compile("^2 of 3"))
    page.wait_for_timeout(2000)  # it stays there
    expect(place).to_have_text(re.compile("^2 of 3"))
    page.evaluate("document.querySelector('[data-strip]').scrollTo({ left: 0, behavior: 'instant' })")
    expect(place).to_have_text(re.compile("^1 of 3"))
    page.wait_for_timeout(2000)  # nobody wants it elsewhere any more
    expect(place).to_have_text(re.compile("^1 of 3"))


@pytest.mark.parametrize("size", ["narrow"])
def test_a_finger_goes_from_one_photograph_of_a_lesion_to_the_next_and_so_do_links_and_keys(page, session, storage):
    owner = make_user(session)
    lesion, tests = course(session, storage, owner)
    words = [f"{number} of 3, {test.created_at:%-d %b %Y}" for number, test in enumerate(tests, 1)]
    sign_in(page, owner)
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    page.goto(f"/lesions/{lesion.public_id}")
    place = place_in_strip(page)
    expect(place).to_have_text(words[2])
    assert_sound(page)
    swipe(page, page.locator("[data-strip]"), 240)
    expect(place).to_have_text(words[1])
    page.get_by_role("button", name="Earlier photograph").click()
    expect(place).to_have_text(words[0])
    page.locator("[data-strip]").press("ArrowRight")
    expect(place).to_have_text(words[1])

    page.goto(f"/results/{tests[1].public_id}")
    expect(page.get_by_text("2 of 3", exact=True)).to_be_visible()
    assert_sound(page)
    swipe(page, page.locator(".picture-blended .photograph"), -240)
    expect(page).to_have_url(re.compile(tests[2].public_id))
    page.get_by_role("navigation", name="Photographs of this lesion").get_by_role("link", name="Earlier").click()
    expect(page).to_have_url(re.compile(tests[1].public_id))


@pytest.mark.parametrize("size", ["narrow"])
def test_two_presses_lead_two_photographs_on_though_the_first_is_not_over(page, session, storage):
    place = opened_strip(page, session, storage)

    page.evaluate("document.querySelector('[data-earlier]').click(); document.querySelector('[data-earlier]').click()")

    expect(place).to_have_text(re.compile("^1 of 3"))


def course(session, storage, owner):
    """Return a lesion and its three tests, the oldest first."""
    lesion = make_lesion(session, make_patient(session, owner))
    kept = {"storage": storage, "patient_id": lesion.patient_id, "lesion_id": lesion.id}
    days = [now() - timedelta(days=ago) for ago in (200, 100, 0)]
    return lesion, [make_analysis(session, owner, **kept, created_at=day) for day in days]


def opened_strip(page, session, storage):
    """Open a lesion of three photographs, and return what says which is shown."""
    owner = make_user(session)
    lesion, _ = course(session, storage, owner)
    sign_in(page, owner)
    page.goto(f"/lesions/{lesion.public_id}")
    return place_in_strip(page)


def place_in_strip(page):
    """Return what says which photograph of a lesion is shown."""
    return page.get_by_role("group", name="One photograph after the other").get_by_role("status")


def swipe(page, target, across):
    """Draw a finger over the middle of something, so many pixels to the right."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    x, y = box["x"] + (box["width"] - across) / 2, box["y"] + min(80, box["height"] / 2)
    touch = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [x]),
        *(("touchMove", [x + across * part / 8]) for part in range(1, 9)),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y} for at in points]})
