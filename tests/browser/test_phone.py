import json
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.results.tables import Analysis
from tests.browser.checks import assert_sound
from tests.factories import PASSWORD, make_analysis, make_user
from tests.pictures import jpeg, lesion_picture

pytestmark = pytest.mark.browser

PATIENT, OTHER = "Ingrid Sørensen", "Cem Yilmaz"
LESION = {"name": "Ingrid.jpg", "mimeType": "image/jpeg", "buffer": jpeg(lesion_picture())}
CONTROLLED = """() => new Promise((resolve) => {
  const until = Date.now() + 5000;
  const look = () => {
    const state = navigator.serviceWorker.controller?.state ?? "no worker";
    if (state === "activated" || Date.now() > until) resolve(state);
    else setTimeout(look, 20);
  };
  look();
})"""
CACHED = """caches.keys().then(async (names) => {
  const found = {};
  for (const name of names) {
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) found[new URL(url).pathname] = await (await cache.match(url)).text();
  }
  return found;
})"""
SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 300);
})"""


@pytest.fixture
def phone(chromium: Browser, site):
    """A phone's browser, with its service worker."""
    context = chromium.new_context(
        base_url=site, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


def test_it_is_installed_like_an_application_and_opens_without_network(phone, owner, session, storage):
    make_analysis(session, owner, storage=storage, patient_name=PATIENT)
    page = signed_in(phone, owner)
    devtools = phone.new_cdp_session(page)

    manifest = devtools.send("Page.getAppManifest")
    faults = {fault["errorId"] for fault in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    walk(page, "/index", "/previous_tests", "/waiting")
    cached = page.evaluate(CACHED)
    phone.set_offline(True)
    page.goto(json.loads(manifest["data"])["start_url"])

    assert manifest["errors"] == []
    assert faults == {"in-incognito"}  # as every browser of a test is
    expect(page.get_by_role("heading", level=1)).to_have_text("No network")
    assert_sound(page)
    assert {"/offline", "/offline/prediction"} <= cached.keys()
    assert all(path.startswith(("/static/", "/offline")) for path in cached)
    assert not any(word in text for text in cached.values() for word in (PATIENT, owner.name, owner.email))
    page.get_by_role("link", name="New test").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New test")
    assert_sound(page)


def test_what_waits_is_sent_once_by_two_windows_when_the_network_is_back_and_the_server_has_time(
    phone, owner, session, app
):
    page = signed_in(phone, owner)
    other = phone.new_page()
    other.goto("/waiting")
    page.goto("/prediction")
    phone.set_offline(True)
    fill(page)
    page.get_by_role("button", name="Analyse the photograph").click()

    page.wait_for_url("**/waiting")
    expect(page.get_by_text(PATIENT)).to_be_visible()
    page.reload()
    expect(page.get_by_text(PATIENT)).to_be_visible()
    page.get_by_role("link", name="New test").first.click()
    fill(page, OTHER)
    page.get_by_role("button", name="Keep on this device").click()
    page.wait_for_url("**/waiting")
    expect(page.get_by_role("listitem").filter(has_text="Since")).to_have_count(2)
    assert_sound(page)
    with busy(app) as answered:
        phone.set_offline(False)
        expect(page.get_by_text("Nothing waits on this device")).to_be_visible()

    expect(other.get_by_text("Nothing waits on this device")).to_be_visible()
    assert answered == [503, 201, 201]
    assert names_of(session) == [PATIENT, OTHER]


def test_a_lost_answer_leaves_one_test_and_another_person_sees_nothing_of_what_waits(phone, owner, session, app):
    page = signed_in(phone, owner)
    page.goto("/prediction")
    fill(page)

    with lost_answers(app):
        page.get_by_role("button", name="Analyse the photograph").click()
        page.wait_for_url("**/waiting")
        expect(page.get_by_role("status")).to_contain_text("no network")

    expect(page.get_by_text(PATIENT)).to_be_visible()
    assert names_of(session) == [PATIENT]
    sign_out(page)
    sign_in(page, make_user(session))
    page.goto("/waiting")
    expect(page.get_by_text("for somebody else")).to_be_visible()
    expect(page.get_by_text(PATIENT)).to_have_count(0)
    sign_out(page)
    sign_in(page, owner)
    page.goto("/waiting")
    expect(page.get_by_text("Nothing waits on this device")).to_be_visible()
    assert names_of(session) == [PATIENT]


def test_pages_stand_still_while_they_load(phone, owner, session, storage):
    analysis = make_analysis(session, owner, storage=storage)
    page = signed_in(phone, owner)

    shifts = {}
    for path in ("/index", "/prediction", f"/results/{analysis.public_id}", "/previous_tests", "/waiting"):
        page.goto(path)
        shifts[path] = page.evaluate(SHIFTS)

    assert max(shifts.values()) < 0.1, shifts


def signed_in(context, user):
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(page, user)
    if page.evaluate(CONTROLLED) != "activated":  # a busy browser may take its worker with the next page
        page.reload()
    assert page.evaluate(CONTROLLED) == "activated"
    return page


def sign_in(page, user):
    page.goto("/login")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/index")


def sign_out(page):
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()


def walk(page, *paths):
    for path in paths:
        page.goto(path)


def fill(page, name=PATIENT):
    page.locator("#image").set_input_files(LESION)
    expect(page.get_by_role("group", name="Square")).to_be_visible()
    page.get_by_label("Patient name or reference").fill(name)
    page.get_by_label("Age").fill("54")


def names_of(session):
    session.expire_all()
    return list(session.scalars(select(Analysis.patient_name).order_by(Analysis.id)))


@contextmanager
def busy(app):
    """Refuse the first photograph for two seconds; the value is how each was answered."""
    answering, answered = app.wsgi_app, []

    def first_later(environ, start_response):
        def started(status, *rest):
            answered.append(int(status[:3]))
            return start_response(status, *rest)

        if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) != ("POST", "/prediction"):
            return answering(environ, start_response)
        if answered:
            return answering(environ, started)
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        started("503 Service Unavailable", [("Retry-After", "2"), ("Content-Length", "0")])
        return []

    app.wsgi_app = first_later
    yield answered
    app.wsgi_app = answering


@contextmanager
def lost_answers(app):
    """Let the site do what is asked of it, and cut the line before a form is answered, or anything behind it asked."""
    answering = app.wsgi_app

    def cut(environ, start_response):
        form = environ["REQUEST_METHOD"] == "POST"
        if form:
            list(answering(environ, lambda *_: lambda _: None))
        elif not environ["PATH_INFO"].startswith("/waiting/session"):
            return answering(environ, start_response)
        environ["werkzeug.socket"].shutdown(2)
        raise ConnectionError("cut on purpose")

    app.wsgi_app = cut
    yield
    app.wsgi_app = answering
