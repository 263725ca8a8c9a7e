from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.clock import now
from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_analysis, make_user

pytestmark = pytest.mark.browser

CHARTS = 5  # tests, classes, malignancy, calibration, times


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_the_dashboard_draws_its_charts_in_either_theme_and_goes_with_the_period(page, session, storage):
    owner = make_user(session)
    make_analysis(session, owner, storage=storage, diagnosis="mel", assessment="nv", milliseconds=40)
    for number in range(19):
        moment = now() - timedelta(weeks=number)
        make_analysis(session, owner, storage=storage, diagnosis="nv", created_at=moment, malignancy=number / 20)

    sign_in(page, owner)
    expect(page.locator("figure[data-drawn] canvas")).to_have_count(1)
    assert_sound(page)
    page.get_by_role("main").get_by_role("link", name="Dashboard").click()
    expect(page.locator("figure[data-drawn] canvas")).to_have_count(CHARTS)
    assert_sound(page)
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    page.get_by_text("Table: Tests per week").click()
    expect(page.get_by_role("table").first).to_be_visible()
    assert_sound(page)

    page.get_by_label("Period").select_option("4w")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_role("status")).to_contain_text("6 tests")
    expect(page.get_by_text("6 of 20 confirmed diagnoses so far")).to_be_visible()
    assert_sound(page)


def sign_in(page, owner):
    page.goto("/login")
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/index")
