import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.factories import PASSWORD
from tests.pictures import jpeg, lesion_picture

pytestmark = pytest.mark.browser

EMAIL, PATIENT = "ada@clinic.example", "Ingrid Sørensen"
LESION = {"name": "lesion.jpg", "mimeType": "image/jpeg", "buffer": jpeg(lesion_picture())}


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_clinician_walks_the_whole_way(page, size):
    register(page)
    sign_out(page, size)
    sign_in(page)
    upload(page)
    read_the_result(page)
    download_the_report(page)
    find_it_again(page)
    delete_it(page)


def register(page):
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Name").fill("Ada Berg")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again", exact=True).fill(PASSWORD)
    assert_sound(page)

    page.get_by_role("button", name="Create account").click()

    page.wait_for_url("**/index")
    expect(page.get_by_text("No tests yet")).to_be_visible()
    assert_sound(page)


def sign_out(page, size):
    if size == "narrow":
        page.get_by_role("button", name="Menu").click()

    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("status")).to_contain_text("signed out")
    page.goto("/index")
    expect(page).to_have_url(re.compile(r"/login\?next="))


def sign_in(page):
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)

    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/index")


def upload(page):
    page.get_by_role("main").get_by_role("link", name="New test").click()
    assert_sound(page)
    page.locator("#image").set_input_files(LESION)
    square = page.get_by_role("group", name="Square")
    expect(square).to_be_visible()
    before = square.bounding_box()

    square.focus()
    for _ in range(5):
        page.keyboard.press("-")
    for _ in range(3):
        page.keyboard.press("ArrowRight")

    after = square.bounding_box()
    assert after["width"] < before["width"]
    assert after["width"] == pytest.approx(after["height"], abs=1)
    assert after["x"] + after["width"] / 2 > before["x"] + before["width"] / 2
    page.get_by_label("Patient name or reference").fill(PATIENT)
    page.get_by_label("Age").fill("54")
    page.get_by_label("Body site").select_option("back")
    assert_sound(page)
    page.get_by_role("button", name="Analyse the photograph").click()
    page.wait_for_url("**/results/*")


def read_the_result(page):
    expect(page.get_by_role("heading", level=1)).to_contain_text(PATIENT)
    expect(page.get_by_text("Decision support, not a diagnosis").first).to_be_visible()
    assert "100 %" not in page.get_by_role("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    strength = page.get_by_label("Strength")
    before = heat(page)

    strength.focus()
    page.keyboard.press("Home")

    assert before > 0
    assert heat(page) == 0
    page.keyboard.press("End")
    assert heat(page) == 1
    assert_sound(page)


def download_the_report(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Download report").click()

    assert download.value.suggested_filename.endswith(".pdf")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def find_it_again(page):
    page.goto("/index")
    expect(page.get_by_role("link", name=PATIENT)).to_be_visible()
    assert_sound(page)
    page.goto("/previous_tests")
    page.get_by_label("Patient").fill("nobody of that name")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No test matches")).to_be_visible()
    assert_sound(page)

    page.get_by_label("Patient").fill("SØRENSEN")
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name=PATIENT)).to_be_visible()
    assert_sound(page)


def delete_it(page):
    page.get_by_role("link", name=PATIENT).click()
    page.wait_for_url("**/results/*")
    ask = page.get_by_text("Delete this test", exact=True)
    ask.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    ask.click()

    dialog.get_by_role("button", name="Delete for good").click()

    page.wait_for_url("**/previous_tests")
    expect(page.get_by_text("No tests yet")).to_be_visible()
    assert_sound(page)


def heat(page):
    """Return how much of the heat map is to be seen, 0 to 1."""
    return float(page.locator("[data-heat]").evaluate("map => getComputedStyle(map).opacity"))
