import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_user
from tests.pictures import jpeg, lesion_picture

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_folder_with_a_broken_file_and_a_spreadsheet_becomes_a_table(page, session, tmp_path):
    owner = make_user(session)
    folder = tmp_path / "clinic"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.jpg").write_bytes(jpeg(lesion_picture(n, (96, 80))))
    (folder / "broken.jpg").write_bytes(jpeg(lesion_picture(9, (96, 80)))[:400])
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "list.csv").write_text("file,patient,age\n0.jpg,Ingrid,54\n1.jpg,Cem,61\n2.jpg,Cem,61\nbroken,Cem,61\n")
    sign_in(page, owner)

    page.get_by_role("link", name="New test").first.click()
    page.get_by_role("link", name="Many photographs at once").click()
    assert_sound(page)
    page.get_by_label("Or a whole folder").set_input_files(folder)
    expect(page.get_by_text("4 lines understood")).to_be_visible()
    expect(page.get_by_text("4 files chosen.")).to_be_visible()
    page.get_by_label("Whose are the photographs?").select_option("sheet")
    assert_sound(page)
    page.get_by_role("button", name="Send and analyse").click()

    page.wait_for_url("**/batches/*")
    expect(page.get_by_text("4 of 4 files, 1 without a result")).to_be_visible()
    expect(page.get_by_role("cell", name="clinic/broken.jpg")).to_be_visible()
    expect(page.locator(".batch-table tbody tr")).to_have_count(3)
    assert_sound(page)
    page.get_by_role("link", name="patient", exact=True).click()
    expect(page.locator(".batch-patient").first).to_have_text("Cem")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename.startswith("lentigo-batch-")
    page.get_by_role("link", name="Batches").first.click()
    expect(page.get_by_text("3 of 4 done")).to_be_visible()
    assert_sound(page)


def sign_in(page, owner):
    page.goto("/login")
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/index")
