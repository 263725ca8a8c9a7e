from datetime import timedelta

import pytest

from app.clock import now
from tests.browser.checks import assert_sound
from tests.browser.test_patients import sign_in
from tests.factories import make_analysis, make_follow_up, make_lesion, make_outline, make_patient, make_user

pytestmark = pytest.mark.browser

# what a thumb would miss, what would make a telephone zoom in, and what is cut off; what scrolls in itself is not
FAULTS = """() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const words = (fault, element) => `${fault}: ${element.outerHTML.slice(0, 120)}`;
  const box = (element) => element.getBoundingClientRect();
  const pressed = "a.btn, button:not([data-corner]), summary, select, .chip, .navbar-brand, .choice";
  const small = all(pressed).filter((element) => box(element).height < 43.5);
  const typed = "input:not([type=checkbox], [type=radio], [type=range], [type=file]), select, textarea";
  const zoomed = all(typed).filter((element) => parseFloat(getComputedStyle(element).fontSize) < 16);
  const clips = (element) => getComputedStyle(element).overflowX !== "visible";
  const within = (element) => element && (clips(element) || within(element.parentElement));
  const laid = all("main *").filter((element) => !element.closest("svg, .visually-hidden"));
  const shown = laid.filter((element) => !within(element.parentElement));
  const cut = shown.filter((element) => box(element).right > document.documentElement.clientWidth + 1);
  return [
    ...small.map((element) => words("too low for a thumb", element)),
    ...zoomed.map((element) => words("typed in small letters", element)),
    ...cut.map((element) => words("cut off", element)),
  ];
}"""
OF_NOBODY = ("/", "/login", "/register", "/verify", "/offline", "/offline/prediction")
OF_THE_SITE = (
    *("/index", "/prediction", "/previous_tests", "/worklist", "/patients", "/patients/new", "/dashboard"),
    *("/classifiers", "/classifiers/mobilenetv2-ham7", "/batches", "/batches/new", "/preferences"),
    *("/previous_tests/saved", "/waiting", "/tokens", "/api/docs", "/account/second-step", "/account"),
    *("/waiting", "/offline", "/offline/prediction"),
)
OF_A_TEST = ("", "/scale", "/move", "/reports/new", "/reports/patient")
OF_A_PATIENT = ("", "/edit", "/merge", "/erase", "/lesions/new")


@pytest.mark.parametrize("size", ["narrowest"])
def test_every_page_fits_360_pixels_and_a_thumb(page, session, storage):
    owner = make_user(session)
    patient = make_patient(session, owner, name="Wilhelmina-Konstantina Featherstonehaugh", notes="Many nevi.")
    lesion = make_lesion(session, patient, label="Below the left collarbone, towards the shoulder")
    kept = {"patient_id": patient.id, "lesion_id": lesion.id, "patient_name": patient.name, "storage": storage}
    tests = [make_analysis(session, owner, **kept, created_at=now() - timedelta(days=ago)) for ago in (400, 30, 0)]
    for test in tests:
        make_outline(session, test)
    make_follow_up(session, owner, lesion)
    make_analysis(session, owner, storage=storage, accepted=False, reasons=["unfamiliar", "blurred"])

    page.context.unroute_all()  # other tests watch whom pages ask; unwatched, the browser keeps styles and scripts

    walk(page, OF_NOBODY)
    sign_in(page, owner)
    walk(page, OF_THE_SITE)
    walk(page, (f"/results/{tests[-1].public_id}{part}" for part in OF_A_TEST))
    walk(page, (f"/patients/{patient.public_id}{part}" for part in OF_A_PATIENT))
    walk(page, (f"/lesions/{lesion.public_id}{part}" for part in ("", "/edit")))


def walk(page, addresses):
    for address in addresses:
        page.goto(address)
        assert_sound(page)
        assert page.evaluate(FAULTS) == [], address
