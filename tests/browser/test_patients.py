import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_analysis, make_patient, make_user
from tests.pictures import jpeg, lesion_picture

pytestmark = pytest.mark.browser

LESION = {"name": "lesion.jpg", "mimeType": "image/jpeg", "buffer": jpeg(lesion_picture())}


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_lesion_is_written_down_photographed_and_its_patient_merged_and_erased(page, session, storage):
    owner = make_user(session)
    patient, other = make_patient(session, owner, birth_year=1972), make_patient(session, owner, name="I. Sørensen")
    make_analysis(session, owner, storage=storage, patient_id=other.id, patient_name=other.name)

    sign_in(page, owner)
    page.goto(f"/patients/{patient.public_id}")
    write_down_a_lesion(page)
    photograph_it(page)
    merge(page, other.name)
    erase(page, patient.name)


def sign_in(page, owner):
    page.goto("/login")
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/index")


def write_down_a_lesion(page):
    assert_sound(page)
    page.get_by_role("link", name="New lesion").click()
    page.get_by_label("Label").fill("Mole")
    page.get_by_label("Body site").select_option("back")
    assert_sound(page)

    page.get_by_role("button", name="Add the lesion").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Mole")
    assert_sound(page)


def photograph_it(page):
    page.get_by_role("link", name="New photograph").click()
    expect(page.get_by_label("Lesion")).to_contain_text("Mole, back")
    expect(page.get_by_label("Body site")).to_have_value("back")
    page.locator("#image").set_input_files(LESION)
    assert_sound(page)

    page.get_by_role("button", name="Analyse the photograph").click()

    page.wait_for_url("**/results/*")
    expect(page.get_by_text("who has no other tests, at the lesion Mole")).to_be_visible()
    assert_sound(page)
    page.get_by_role("link", name="Move to another patient").click()
    assert_sound(page)
    page.get_by_role("link", name="Ingrid Sørensen").click()
    assert_sound(page)
    page.get_by_role("button", name="Keep it here").click()
    expect(page.get_by_role("status")).to_contain_text("The test has been moved.")


def merge(page, other):
    page.get_by_role("link", name="Ingrid Sørensen").click()
    page.get_by_role("link", name="Merge with another patient").click()
    page.get_by_label("Name or reference").fill("sørensen")
    page.get_by_role("button", name="Search").click()
    assert_sound(page)
    page.get_by_role("link", name=other).click()
    expect(page.get_by_text("1 test and 0 lesions of I. Sørensen")).to_be_visible()
    assert_sound(page)

    page.get_by_role("button", name="Merge the two").click()

    expect(page.locator(".timeline-item")).to_have_count(2)
    assert_sound(page)


def erase(page, name):
    page.get_by_role("link", name="Erase this patient").click()
    page.get_by_label("Type the name to confirm").fill(name)
    assert_sound(page)

    page.get_by_role("button", name="Erase for good").click()

    expect(page.get_by_role("status")).to_contain_text("The patient is erased")
    expect(page.get_by_text("No patients are listed")).to_be_visible()
    assert_sound(page)
