import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.browser.test_patients import sign_in
from tests.factories import make_analysis, make_outline, make_user

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_scale_is_drawn_with_pointer_and_keyboard(page, session, storage, size):
    owner = make_user(session)
    analysis = make_analysis(session, owner, storage=storage)
    make_outline(session, analysis, area=2304.0, diameter=96.0)
    sign_in(page, owner)
    page.goto(f"/results/{analysis.public_id}/scale")
    assert_sound(page)

    drag(page, (0.2, 0.5), (0.6, 0.5))
    drawn = fields(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    moved = fields(page)
    page.get_by_role("button", name="10 mm").click()

    assert drawn == pytest.approx([120, 225, 360, 225], abs=4)
    assert moved == pytest.approx([120, 225, drawn[2] + 11, 225], abs=4)
    expect(page.get_by_role("status")).to_contain_text("pixels per millimetre")
    expect(page.get_by_role("status")).to_contain_text("The lesion: largest diameter 3.8 mm, area 3.7 mm²")
    assert_sound(page)
    page.get_by_role("button", name="Keep the scale").click()
    expect(page.get_by_text("The scale is kept.")).to_be_visible()
    expect(page.get_by_role("group", name="Second end of the line")).to_be_visible()


def drag(page, start, end):
    box = page.get_by_role("group", name="Photograph of the lesion").bounding_box()
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=5)
    page.mouse.up()


def fields(page):
    """Return both ends as the form holds them, in pixels of the photograph."""
    script = "form => ['start_x', 'start_y', 'end_x', 'end_y'].map(name => Number(form.elements[name].value))"
    return page.locator("#scale-form").evaluate(script)
