import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_analysis, make_user

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_first_look_is_blind_and_recorded_by_keyboard_alone(page, session, storage, size):
    owner = make_user(session)

    sign_in(page, owner)
    choose_to_look_blind(page, owner, size)
    analysis = make_analysis(session, owner, storage=storage)
    page.goto(f"/results/{analysis.public_id}")
    assess_unseen(page)
    confirm(page)


def sign_in(page, owner):
    page.goto("/login")
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/index")


def choose_to_look_blind(page, owner, size):
    if size == "narrow":
        page.get_by_role("button", name="Menu").press("Enter")
    page.get_by_role("link", name=f"Account of {owner.name}").press("Enter")
    page.get_by_role("link", name="Preferences", exact=True).press("Enter")
    page.get_by_label("Look at each photograph myself first").press("Space")
    assert_sound(page)

    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Your preferences are saved.")


def assess_unseen(page):
    assert_sound(page)
    expect(page.get_by_text("malignancy")).to_have_count(0)
    expect(page.get_by_role("img", name="Photograph of the lesion")).to_be_visible()
    page.get_by_role("radio", name="Melanocytic nevus").focus()
    page.keyboard.press("ArrowDown")

    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Your assessment is recorded.")
    card = page.get_by_role("region", name="Your assessment")
    expect(card).to_contain_text("Benign keratosis-like lesion")
    expect(card).to_contain_text("before the answer could be seen")
    expect(page.get_by_role("heading", name="Melanocytic nevus")).to_be_visible()
    assert_sound(page)


def confirm(page):
    page.get_by_text("Enter the confirmed diagnosis").press("Enter")
    card = page.get_by_role("region", name="Confirmed diagnosis")
    card.get_by_role("radio", name="Melanocytic nevus").press("Space")
    card.get_by_role("radio", name="Consensus of experts").press("Space")
    assert_sound(page)

    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Confirmed diagnosis")).to_contain_text("another class, benign as well")
    assert_sound(page)
