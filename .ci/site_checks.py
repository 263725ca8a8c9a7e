"""What a site does, whatever it is served by: pages, a batch, and answers while it is started again."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
from walk import RESULT, Clinician, Photograph, walk

from tests.pictures import jpeg, lesion_picture

SITE = "https://lentigo.clinic.example"
WORK_SECONDS, HELD_BACK_SECONDS = 90, 5
MEGABYTE = 1024 * 1024
LEAST_ASKED = 20  # requests


def look_around(way: httpx.BaseTransport) -> None:
    """Walk through a site, try what a proxy must not let through, and send a batch."""
    photographs = [Photograph("drawn.jpg", jpeg(lesion_picture()), "Zoë Ångström")]
    clinician = walk(SITE, photographs, way)
    see_the_door(clinician.browser)
    send_a_batch(clinician)
    clinician.sign_out()


def see_the_door(browser: httpx.Client) -> None:
    """See that the proxy speaks HTTPS, writes its own headers, and keeps the measures to itself."""
    page = browser.get("/index")
    assert "max-age=31536000" in page.headers["strict-transport-security"]
    forged = {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "http", "X-Forwarded-For": "192.0.2.1"}
    assert browser.get("/index", headers=forged).status_code == 200
    assert "192.0.2.1" not in browser.get("/account").text
    assert browser.get("/metrics").status_code == 404
    led = httpx.get("http://127.0.0.1/previous_tests", headers={"Host": SITE.removeprefix("https://")})
    assert (led.status_code, led.headers["location"]) == (308, f"{SITE}/previous_tests")


def send_a_batch(clinician: Clinician) -> None:
    """Send three photographs at once, be told of their progress at once, and find three results in the end."""
    files = [("files", (f"{n}.jpg", jpeg(lesion_picture(n)), "image/jpeg")) for n in range(3)]
    sent = clinician.send("/batches/new", {"patient_name": "Cem Çelik"}, files=files)
    assert sent.status_code == 303, sent.text
    batch = httpx.URL(sent.headers["location"]).path
    told = f"/live/batch:{batch.rpartition('/')[2]}"
    with clinician.browser.stream("GET", told, headers={"Accept": "text/event-stream"}) as stream:
        started = time.monotonic()
        assert any("data:" in part for part in stream.iter_text()), "no event came"
        assert time.monotonic() - started < HELD_BACK_SECONDS, "events are held back on their way"
    until(lambda: len(set(RESULT.findall(clinician.page(batch)))) == len(files), "a batch to be done")
    large = {"image": ("large.jpg", b"\xff\xd8\xff" + bytes(17 * MEGABYTE))}
    refused = clinician.send("/prediction", {"patient_name": "Cem Çelik"}, files=large)
    # the site answers before it has read everything: a proxy that is still sending then may give up instead (502)
    assert refused.status_code in {413, 502}, f"{refused.status_code}: {refused.text[:300]}"


def until(happened: Callable[[], bool], what: str) -> None:
    """Wait until something has happened."""
    deadline = time.monotonic() + WORK_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.3)


def answered_all_the_while(way: httpx.BaseTransport, happens: Callable[[], object], what: str) -> None:
    """See that everybody is answered while something happens."""
    with ThreadPoolExecutor() as pool, httpx.Client(base_url=SITE, transport=way, timeout=WORK_SECONDS) as browser:
        happening = pool.submit(happens)
        seen = []
        while not happening.done() or len(seen) < LEAST_ASKED:
            seen.append(browser.get("/healthz").status_code)
        happening.result()
    assert set(seen) == {200}, f"while {what}: {set(seen)}"
    print(f"{len(seen)} requests were answered while {what}.")
