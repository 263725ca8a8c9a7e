import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_analysis, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def owner(session):
    return make_user(session, name="Ada Berg")


@pytest.fixture
def analysis(session, storage, owner):
    return make_analysis(session, owner, storage=storage)


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_report_is_issued_signed_and_verified_by_its_file(page, owner, analysis, tmp_path):
    sign_in(page, owner)
    page.goto(f"/results/{analysis.public_id}")
    page.get_by_role("link", name="Issue a report").click()
    assert_sound(page)
    page.get_by_role("button", name="Issue the report").press("Enter")
    assert_sound(page)

    page.get_by_role("button", name="Sign", exact=True).press("Enter")
    expect(page.get_by_text("This is the final file.")).to_be_visible()
    assert_sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    file = tmp_path / "report.pdf"
    download.value.save_as(file)
    code = page.get_by_role("definition").first.locator("code").inner_text()
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(file.read_bytes() + b" ")

    page.goto("/verify")
    assert_sound(page)
    page.get_by_label("Code").fill(code.lower().replace("-", ""))
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("A genuine report has this code")).to_be_visible()
    assert_sound(page)
    assert compared(page, file) == "This is the signed report, unchanged."
    assert compared(page, changed).startswith("This is not the file")


def sign_in(page, owner):
    page.goto("/login")
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/index")


def compared(page, file) -> str:
    """Compare a file in the browser, which must not send it."""
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    outcome = page.get_by_role("status")
    before = outcome.inner_text()

    page.get_by_label("PDF file").set_input_files(file)
    page.get_by_role("button", name="Compare").click()
    expect(outcome).not_to_have_text(before)

    assert "POST" not in sent
    return outcome.inner_text().strip()
