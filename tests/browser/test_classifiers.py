import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_user
from tests.web.test_classifiers import BARE, LEAKY, WHOLE, FakeClassifiers

pytestmark = pytest.mark.browser


@pytest.fixture
def classifiers():
    return FakeClassifiers(WHOLE, LEAKY, BARE)


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_card_can_be_read_to_its_end(page, session):
    user = make_user(session)
    page.goto("/login?next=/classifiers")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/classifiers")
    assert_sound(page)

    page.get_by_role("link", name="MobileNetV2").click()
    for title in ("By age, sex, body site and source", "Controls"):
        page.get_by_text(title, exact=True).click()

    expect(page.get_by_role("img", name="ROC curve on ham7-grouped")).to_be_visible()
    expect(page.get_by_role("region", name="By age")).to_be_visible()
    assert_sound(page)
