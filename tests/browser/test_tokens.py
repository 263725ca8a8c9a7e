import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from app.api.tokens.tables import AccessToken
from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_token_is_copied_once_and_no_way_leads_back_to_it(page, session):
    sign_in(page, make_user(session))
    page.goto("/tokens")
    page.get_by_label("What it is for").fill("Practice software")
    page.keyboard.press("Enter")
    token = page.get_by_label("The new token").text_content()
    assert_sound(page)

    page.context.grant_permissions(["clipboard-write"])
    page.get_by_role("button", name="Copy").press("Enter")

    expect(page.get_by_text("Copied.")).to_be_visible()
    assert pasted(page) == token
    page.goto("/preferences")
    page.go_back()
    expect(page.get_by_role("heading", name="Practice software")).to_be_visible()
    assert token not in page.content()
    page.reload()
    assert token not in page.content()
    assert session.scalar(select(func.count(AccessToken.id))) == 1


def test_a_token_is_revoked_after_a_question(page, session):
    sign_in(page, make_user(session))
    page.goto("/tokens")
    page.get_by_label("What it is for").fill("Practice software")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Practice software")).to_be_visible()
    page.wait_for_load_state()  # before its script has run the question is asked below the button

    page.locator("summary", has_text="Revoke").click()
    expect(page.get_by_role("dialog")).to_contain_text("Revoke “Practice software”?")
    page.get_by_role("button", name="Revoke the token").click()

    expect(page.get_by_text("There is none yet.")).to_be_visible()
    assert_sound(page)


def sign_in(page, owner):
    page.goto("/login")
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/index")


def pasted(page):
    """Return what is pasted elsewhere: no page of ours may read the clipboard."""
    elsewhere = page.context.new_page()
    elsewhere.set_content("<textarea></textarea>")
    field = elsewhere.locator("textarea")
    field.press("Control+V")
    text = field.input_value()
    elsewhere.close()
    return text
