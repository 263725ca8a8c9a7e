import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.clock import now
from tests.browser.checks import assert_sound
from tests.browser.test_patients import sign_in
from tests.factories import make_analysis, make_lesion, make_patient, make_user

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_two_photographs_are_zoomed_moved_and_faded_together(page, session, storage, size):
    owner = make_user(session)
    patient = make_patient(session, owner)
    lesion = make_lesion(session, patient)
    for days in (200, 100, 0):
        kept = {"patient_id": patient.id, "lesion_id": lesion.id, "created_at": now() - timedelta(days=days)}
        make_analysis(session, owner, storage=storage, **kept)
    sign_in(page, owner)
    loaded = []
    page.on("request", lambda request: loaded.append(request.url) if "/image" in request.url else None)
    page.goto(f"/lesions/{lesion.public_id}")
    assert_sound(page)
    stage = page.get_by_role("group", name="The two photographs")
    expect(page.locator("svg.strip-picture")).to_have_count(1 if size == "narrow" else 0)
    page.wait_for_load_state("networkidle")
    at_first = list(loaded)

    stage.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    by_key = views(page)
    page.get_by_role("button", name="Reset").click()
    drag(page)
    dragged = views(page)
    page.keyboard.press("0")
    page.get_by_role("button", name="One over the other").click()
    page.get_by_role("slider", name=re.compile("earlier to the later")).press("End")

    assert loaded == at_first  # whatever is zoomed and moved
    assert len(set(loaded)) == 2
    assert by_key[0] == by_key[1] == pytest.approx([75 + 45 + 36, 45, 360, 360], abs=0.1)
    assert dragged[0] == dragged[1]
    assert dragged[0][0] < 75
    assert views(page) == [[75, 0, 450, 450]] * 2
    expect(page.locator("[data-photograph=now] image")).to_have_css("opacity", "1")
    boxes = [page.locator(f"[data-photograph={name}] svg").bounding_box() for name in ("then", "now")]
    assert boxes[0] == boxes[1]
    assert_sound(page)


def drag(page):
    box = page.locator("[data-photograph=then] svg").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.up()


def views(page):
    """Return what is seen of each photograph: left, top, width and height in its pixels."""
    boxes = page.locator("[data-photograph] svg").evaluate_all("all => all.map(one => one.getAttribute('viewBox'))")
    return [[float(number) for number in box.split()] for box in boxes]
