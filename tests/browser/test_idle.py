"""Nobody at work: the page says so, is covered, and loses nothing."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from app.auth.tables import SignIn
from app.patients.tables import Patient
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.browser


def test_a_form_outlives_a_sign_in_that_ends(page, session):
    user = make_user(session)
    page.clock.install()
    sign_in(page, user)
    page.goto("/patients/new")
    page.get_by_label("Name or reference").fill("Ingrid Sørensen")

    page.clock.run_for(29 * 60_000)
    expect(page.get_by_role("status")).to_contain_text("You are signed out soon")
    session.execute(update(SignIn).values(seen_at=SignIn.created_at, ends_at=SignIn.created_at))
    session.commit()
    page.clock.run_for(2 * 60_000)
    cover = page.get_by_role("dialog")
    expect(cover).to_contain_text("You are signed out")
    cover.get_by_role("button", name="Go on here").click()
    expect(cover).to_contain_text("Please sign in first")
    with page.context.expect_page() as opened:
        cover.get_by_role("link", name="Sign in again").click()
    sign_in(opened.value, user)
    cover.get_by_role("button", name="Go on here").click()
    expect(cover).to_have_count(0)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/patients/*")

    assert session.scalars(select(Patient)).one().name == "Ingrid Sørensen"


def sign_in(page, user):
    page.goto("/login")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/index")
