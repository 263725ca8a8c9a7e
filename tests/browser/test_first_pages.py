import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("address", ["/", "/login", "/register"])
def test_the_open_pages_are_sound(page, address):
    page.goto(address)

    assert_sound(page)


def test_the_whole_of_signing_in_works_with_the_keyboard_alone(page, session):
    user = make_user(session)
    page.goto("/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab_to(page, page.get_by_role("navigation").get_by_role("link", name="Sign in"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
    tab_to(page, page.get_by_label("E-mail address"))
    page.keyboard.type(user.email)
    tab_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url("**/index")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_whoever_types_a_password_before_the_scripts_have_come_goes_on_typing(page):
    held = []

    def hold(route):
        held.append(route)

    page.route("**/js/password.js*", hold)
    page.goto("/login", wait_until="commit")
    field = page.get_by_label("Password", exact=True)
    field.press_sequentially("a se")

    held[0].continue_()
    expect(page.get_by_role("button", name="Show the entry of")).to_be_visible()
    page.keyboard.type("cret")

    expect(field).to_be_focused()
    expect(field).to_have_value("a secret")


def test_a_password_can_be_shown_and_hidden_again(page):
    page.goto("/login")
    field = page.get_by_label("Password", exact=True)
    field.fill("a secret")

    page.get_by_role("button", name="Show").click()

    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide").click()
    expect(field).to_have_attribute("type", "password")


def test_the_theme_follows_the_system_until_one_is_chosen(page):
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "dark")

    page.get_by_role("button", name="Use the light theme").click()

    expect(html).to_have_attribute("data-bs-theme", "light")
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize("size", ["narrow"])
def test_the_menu_of_a_narrow_page_opens(page):
    page.goto("/login")
    link = page.get_by_role("navigation").get_by_role("link", name="Register")
    expect(link).to_be_hidden()

    page.get_by_role("button", name="Menu").click()

    expect(link).to_be_visible()


def tab_to(page, target, most=30):
    """Press Tab until `target` has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the Tab key does not lead there")
