import base64

import pytest
from PIL import ImageFilter
from playwright.sync_api import expect

from models.preprocessing import square_pixels
from models.quality import LEAST_SHARPNESS, measure
from tests.browser.checks import assert_sound
from tests.browser.test_patients import sign_in
from tests.factories import make_user
from tests.pictures import lesion_picture, png

pytestmark = pytest.mark.browser

LIST_STREAMS = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.streams = [];
  navigator.mediaDevices.getUserMedia = async (...wanted) => {
    if (window.refuse) throw new DOMException("", window.refuse);
    const stream = await open(...wanted);
    window.streams.push(stream);
    return stream;
  };
  const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
  let asked = 0;
  navigator.mediaDevices.enumerateDevices = async () => {
    if (asked++ === 0) await new Promise((resolve) => setTimeout(resolve, 1500));
    return list();
  };
"""  # the first list of cameras comes late, as it does on a busy machine: a click before it is not lost
RUNNING = "window.streams.flatMap((stream) => stream.getTracks()).filter((track) => track.readyState === 'live').length"
MEASURED = """async ({ address, file }) => {
  const { measured } = await import(address);
  const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(file), (byte) => byte.charCodeAt(0))]));
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  const { sharpness, brightness, burnt } =
    measured(bitmap, { left, top, side, width: bitmap.width, height: bitmap.height }, { burntLevel: 250 });
  return { sharpness, brightness, burnt };
}"""


@pytest.mark.parametrize("size", ["narrow"])
def test_a_photograph_is_aimed_taken_with_the_camera_and_sent(page, session):
    page.add_init_script(LIST_STREAMS)
    sign_in(page, make_user(session))
    page.goto("/prediction")
    take = page.get_by_role("button", name="Take a photograph")

    page.evaluate("window.refuse = 'NotAllowedError'")
    take.click()
    dialog = page.get_by_role("dialog", name="Take a photograph")
    expect(dialog.get_by_role("status")).to_contain_text("may not be used here")
    page.evaluate("window.refuse = ''")
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_role("status")).to_have_text("Sharp enough.")
    assert_sound(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate(RUNNING) == 0
    take.click()
    dialog.get_by_role("button", name="Take", exact=True).click()
    dialog.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("group", name="Square")).to_be_focused()
    page.get_by_label("Patient name or reference").fill("Ingrid Sørensen")
    released = page.evaluate(RUNNING)
    page.get_by_role("button", name="Analyse the photograph").click()

    page.wait_for_url("**/results/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ingrid Sørensen")
    assert released == 0


def test_a_blurred_photograph_is_pointed_out_by_the_servers_own_measure_and_can_be_sent(page, session):
    sign_in(page, make_user(session))
    page.goto("/prediction")
    address = page.locator("link[href*='/static/css/upload.css']").get_attribute("href").split("css/")[0]
    hint = page.get_by_text("The photograph looks blurred. Take it again, or use it anyway.")
    sharp = lesion_picture(size=(900, 700))
    pictures = (*(sharp.filter(ImageFilter.GaussianBlur(radius)) for radius in (8, 3, 1)), sharp)

    for picture in pictures:
        sent = png(picture)
        page.locator("#image").set_input_files({"name": "lesion.png", "mimeType": "image/png", "buffer": sent})
        module = {"address": f"{address}js/photograph-quality.js", "file": base64.b64encode(sent).decode()}
        there = page.evaluate(MEASURED, module)

        here = measure(square_pixels(picture, 224))
        assert there["sharpness"] == pytest.approx(here.sharpness, rel=0.02)
        assert there["brightness"] == pytest.approx(here.brightness, abs=0.1)
        expect(hint).to_be_visible(visible=here.sharpness < LEAST_SHARPNESS)
    assert_sound(page)
    expect(page.get_by_role("button", name="Analyse the photograph")).to_be_enabled()
