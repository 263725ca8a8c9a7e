import pytest
from playwright.sync_api import expect

from tests.body_page import add_body_page
from tests.browser.checks import assert_sound
from tests.browser.test_patients import LESION
from tests.factories import PASSWORD, make_patient, make_user

pytestmark = pytest.mark.browser

FIELDS = ("side", "x", "y", "site")
EMPTY = {"side": "", "x": "", "y": ""}


@pytest.fixture
def app(app):
    add_body_page(app)
    return app


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_click_on_the_body_fills_in_the_form(page, size):
    page.goto("/body-map")
    if size == "narrow":
        expect(figure(page, "front")).to_be_visible()
        expect(figure(page, "back")).to_be_hidden()
        page.get_by_role("button", name="Back", exact=True).first.click()

    click(page, "back", 0.5, 0.28)

    given = fields(page)
    assert (given["side"], given["site"]) == ("back", "back")
    assert (float(given["x"]), float(given["y"])) == pytest.approx((0.5, 0.28), abs=0.01)
    expect(page.get_by_role("status")).to_have_text("Marked: Back, midline, seen from behind.")
    expect(page.get_by_role("group", name="Back, midline, seen from behind")).to_be_visible()
    assert_sound(page)


def test_a_click_beside_a_small_part_reaches_it_and_one_far_off_marks_nothing(page):
    page.goto("/body-map")

    click(page, "front", 0.1, 0.9)
    assert fields(page) == {**EMPTY, "site": ""}
    click(page, "front", 0.70, 0.08)

    assert fields(page)["site"] == "ear"
    expect(page.get_by_role("status")).to_have_text("Marked: Left ear, seen from the front.")


def test_the_keyboard_marks_a_region_and_moves_the_mark(page):
    page.goto("/body-map")
    page.get_by_role("button", name="Scalp").first.focus()

    for _ in range(5):  # face, two ears, neck, chest
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    first = fields(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")

    moved = fields(page)
    assert (first["side"], first["site"]) == (moved["side"], moved["site"]) == ("front", "chest")
    assert float(moved["x"]) > float(first["x"])
    assert float(moved["y"]) > float(first["y"])
    page.keyboard.press("Delete")
    assert {name: fields(page)[name] for name in EMPTY} == EMPTY
    expect(page.get_by_label("Body site")).to_be_focused()


def test_the_keyboard_marks_a_place_inside_every_region(page):
    page.goto("/body-map")

    words = page.locator("form [data-site]").evaluate_all(
        """regions => regions.map(region => {
            region.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
            const found = [region.closest("form").elements.site.value, region.getAttribute("aria-pressed")];
            return [region.dataset.site, ...found];
        })"""
    )

    assert len(words) == 31
    assert [found for _, found, _ in words] == [word for word, _, _ in words]
    assert {pressed for _, _, pressed in words} == {"true"}


def test_the_list_highlights_its_regions_and_takes_away_a_mark_that_lies_elsewhere(page):
    page.goto("/body-map")
    click(page, "front", 0.5, 0.25)

    page.get_by_label("Body site").select_option("acral")

    lit = page.locator("form .is-within")
    assert set(lit.evaluate_all("regions => regions.map(region => region.dataset.site)")) == {"hand", "foot"}
    assert fields(page) == {**EMPTY, "site": "acral"}
    expect(page.get_by_role("status")).to_contain_text("was removed")


def test_a_wider_word_of_the_list_stays_while_the_mark_lies_within(page):
    page.goto("/body-map?site=trunk")

    click(page, "front", 0.5, 0.25)
    assert fields(page)["site"] == "trunk"
    click(page, "front", 0.65, 0.75)

    assert fields(page)["site"] == "lower extremity"


def test_a_form_that_comes_back_shows_its_mark_and_can_be_cleared(page):
    page.goto("/body-map?side=back&x=0.5&y=0.3&site=back")
    expect(page.get_by_role("status")).to_have_text("Marked: Back, midline, seen from behind.")

    page.get_by_role("button", name="Remove the mark").click()

    assert fields(page) == {**EMPTY, "site": "back"}


def test_the_mark_can_be_dragged(page):
    page.goto("/body-map?side=front&x=0.5&y=0.25&site=chest")
    page.get_by_role("group", name="Chest, midline, seen from the front").hover()
    box = figure(page, "front").bounding_box()

    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4, steps=4)
    page.mouse.up()

    given = fields(page)
    assert given["site"] == "abdomen"
    assert float(given["y"]) == pytest.approx(0.4, abs=0.02)


def test_without_a_script_the_list_is_the_input(chromium, site):
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/body-map")

    shown = page.locator("form .body-map").is_visible(), page.get_by_label("Body site").is_visible()

    context.close()
    assert shown == (False, True)


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_lesion_that_was_marked_is_on_its_patients_map(page, session, size):
    user = make_user(session)
    address = f"/patients/{make_patient(session, user).public_id}"
    sign_in(page, user, f"{address}/lesions/new")
    page.get_by_label("Label").fill("Mole by the scapula")
    if size == "narrow":
        page.get_by_role("button", name="Back", exact=True).click()

    click(page, "back", 0.6, 0.28)
    assert_sound(page)
    page.get_by_role("button", name="Add the lesion").click()
    page.wait_for_url("**/lesions/*")
    assert_sound(page)
    page.goto(address)
    assert_sound(page)
    page.get_by_role("link", name="Lesion 1: Mole by the scapula, back, right side, seen from behind").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Mole by the scapula")


def sign_in(page, user, address):
    page.goto(f"/login?next={address}")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{address}")


def figure(page, side):
    """Return the drawing of one side in the form."""
    return page.locator(f"form [data-figure={side}] svg")


def click(page, side, x, y):
    """Click at a place given in fractions of a figure."""
    box = figure(page, side).bounding_box()
    figure(page, side).click(position={"x": x * box["width"], "y": y * box["height"]})


def fields(page):
    """Return what the form would send."""
    script = "(form, names) => Object.fromEntries(names.map(name => [name, form.elements[name].value]))"
    return page.locator("form").evaluate(script, FIELDS)


def test_a_new_lesion_is_marked_where_its_photograph_is_uploaded(page, session):
    user = make_user(session)
    patient = make_patient(session, user)
    sign_in(page, user, f"/prediction?patient={patient.public_id}")
    assert not page.get_by_text("Mark the new lesion on the body map").is_visible()

    page.get_by_label("Lesion").select_option("new")
    page.get_by_text("Mark the new lesion on the body map").click()
    click(page, "back", 0.6, 0.28)
    assert_sound(page)
    page.locator("#image").set_input_files(LESION)
    page.get_by_role("button", name="Analyse the photograph").click()
    page.wait_for_url("**/results/*")
    page.get_by_role("link", name="Lesion 1").click()

    expect(page.get_by_role("img", name="Lesion: Lesion 1, back, right side, seen from behind")).to_be_visible()
