import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.results.tables import Analysis
from tests.browser.checks import assert_sound
from tests.browser.test_patients import sign_in
from tests.dicoms import INGRID, baseline
from tests.factories import make_user
from tests.pictures import lesion_picture, png

pytestmark = pytest.mark.browser

SIZE = (400, 300)
NEVUS = {"name": "nevus.png", "mimeType": "image/png"}


@pytest.mark.parametrize("size", ["wide", "narrowest"])
def test_a_dicom_file_is_chosen_read_confirmed_and_framed_by_keyboard(page, session):
    content = baseline(*[lesion_picture(seed, SIZE) for seed in range(3)], BurnedInAnnotation="YES", **INGRID)
    sign_in(page, make_user(session))
    page.goto("/prediction")

    page.locator("#image").set_input_files({"name": "a.dcm", "mimeType": "application/dicom", "buffer": content})
    expect(page.get_by_text("a.dcm is a DICOM file")).to_be_visible()
    page.get_by_role("button", name="Read the file").press("Enter")
    expect(page.get_by_label("What the file says")).to_contain_text("Sørensen")
    assert_sound(page)
    square = page.get_by_role("group", name="Square")
    expect(square).to_be_hidden()
    page.get_by_role("radio", name="Picture 1").focus()
    page.keyboard.press("ArrowDown")
    expect(square).to_be_visible()
    square.focus()
    for _ in range(5):
        page.keyboard.press("-")
    page.get_by_label("I have looked at this").press("Space")
    page.get_by_role("button", name="Analyse the photograph").press("Enter")
    page.wait_for_url("**/results/*")

    (analysis,) = session.scalars(select(Analysis)).all()
    assert (analysis.patient_name, analysis.age, analysis.sex) == ("Ingrid Sørensen", 53, "female")
    assert (analysis.width, analysis.height) == SIZE
    assert analysis.frame_side < SIZE[1]


def test_a_photograph_chosen_after_a_dicom_file_is_shown_as_ever(page, session):
    sign_in(page, make_user(session))
    page.goto("/prediction")
    page.locator("#image").set_input_files(
        {"name": "a.dcm", "mimeType": "application/dicom", "buffer": baseline(lesion_picture(1, SIZE))}
    )
    expect(page.get_by_role("button", name="Read the file")).to_be_visible()

    page.locator("#image").set_input_files(NEVUS | {"buffer": png(lesion_picture(2, SIZE))})

    expect(page.get_by_role("group", name="Square")).to_be_visible()
    expect(page.get_by_role("button", name="Analyse the photograph")).to_be_visible()
    assert page.get_by_label("Patient name or reference").evaluate("field => field.required")
