import io
import json
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from app.extensions import db
from app.factory import create_app
from app.phone.manifest import HEADER_COLOUR, PAPER
from config import ROOT, Settings
from tests.factories import make_user, sign_in
from tests.unit.test_contrast import palette

OPEN = ["/manifest.webmanifest", "/service-worker.js", "/offline", "/offline/prediction"]
SHELL = ["/offline", "/offline/prediction"]
PERSON = re.compile(r'name="device-person" content="([0-9a-f]*)" data-until="(\d*)"')
LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')
IMPORTED = re.compile(r'^import .* from "\./([^"]+)";$', re.MULTILINE)


@pytest.fixture
def manifest(client):
    return client.get("/manifest.webmanifest").json


def worker(client):
    """Return the text of the service worker, and what it is told to keep."""
    text = client.get("/service-worker.js").text
    return text, json.loads(re.search(r"serve\((.*)\);", text, re.DOTALL)[1])


def person_of(client):
    return PERSON.search(client.get("/preferences").text).groups()


def test_the_manifest_has_what_installing_needs(client, manifest):
    response = client.get("/manifest.webmanifest")

    assert response.mimetype == "application/manifest+json"
    assert (manifest["id"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert manifest["start_url"] == "/index"
    assert [shortcut["url"] for shortcut in manifest["shortcuts"]] == ["/prediction", "/previous_tests"]


def test_every_icon_is_of_the_size_that_it_is_said_to_be(client, manifest):
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as response, Image.open(io.BytesIO(response.data)) as picture:
            assert "{}x{}".format(*picture.size) == icon["sizes"]
            assert picture.mode == "RGBA" or icon["purpose"] == "maskable"  # which is cut out of a full square
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


def test_the_colours_of_the_phones_bar_are_those_of_the_pages(client):
    page = client.get("/login").text
    light, dark = palette("light"), palette("dark")

    assert (light["surface"], light["paper"]) == (HEADER_COLOUR, PAPER)
    assert re.findall(r'name="theme-color" content="(#\w+)"', page) == [light["surface"], dark["surface"]]


@pytest.mark.parametrize("path", SHELL)
def test_the_shell_is_the_same_for_everybody(client, session, path):
    before = client.get(path).text
    user = make_user(session, name="Somebody Inparticular")
    sign_in(client, user)

    after = client.get(path).text

    assert before == after
    assert "csrf_token" not in after
    assert "device-person" not in after


def test_the_shell_holds_all_that_its_pages_load(client):
    _, kept = worker(client)
    scripts = {Path(address.partition("?")[0]).name for address in kept["files"]}

    for path in SHELL:
        loaded = set(LOADED.findall(client.get(path).text))
        assert loaded <= set(kept["files"])
    sources = [script.read_text() for script in (ROOT / "static" / "js").glob("*.js")]
    imported = {name for source in sources for name in IMPORTED.findall(source)}
    assert "phone-store.js" in imported
    assert imported <= scripts
    for address in (*kept["files"], kept["page"], *kept["forms"].values()):
        with client.get(address) as response:
            assert response.status_code == 200


def test_the_worker_is_read_anew_each_time_and_stays_the_same_while_the_shell_does(client):
    response = client.get("/service-worker.js")

    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "no-store"
    assert worker(client) == worker(client)


def test_messages_wait_for_a_page_and_change_nothing_of_the_shell(reader):
    before = worker(reader), reader.get("/offline").text
    reader.post("/preferences", data={"csrf_token": reader.get("/waiting/session").json["csrf_token"]})

    after = worker(reader), reader.get("/offline").text

    assert before == after
    assert "Your preferences are saved." in reader.get("/preferences").text


def test_a_deployment_that_changes_a_file_of_the_shell_changes_the_worker(app, client, tmp_path):
    app.static_folder = shutil.copytree(ROOT / "static", tmp_path / "static")
    before, kept = worker(client)
    with (tmp_path / "static" / "js" / "upload-file.js").open("a") as script:
        script.write("\n// changed\n")

    after, kept_now = worker(client)

    assert before != after
    assert kept["version"] != kept_now["version"]


def test_a_setting_that_changes_a_page_of_the_shell_changes_the_worker(client, classifiers, tmp_path):
    other = create_app(Settings(environment="testing", instance=tmp_path / "other", upload_megabytes=7), classifiers)
    with other.app_context():
        db.create_all()

    assert worker(client)[1]["version"] != worker(other.test_client())[1]["version"]
    with other.app_context():
        db.engine.dispose()


def test_pages_tell_their_scripts_who_is_shown_them_by_a_name_that_says_nothing(app, session):
    ada, other = make_user(session), make_user(session)
    phone, desk, others = app.test_client(), app.test_client(), app.test_client()
    for client, user in ((phone, ada), (desk, ada), (others, other)):
        sign_in(client, user)

    assert person_of(phone)[0] == person_of(desk)[0] != person_of(others)[0]
    assert len(person_of(phone)[0]) == 32


def test_without_a_sign_in_pages_name_nobody(client):
    assert PERSON.search(client.get("/login").text).groups() == ("", "")


def test_a_page_of_an_error_does_not_say_that_nobody_is_signed_in(reader):
    assert "device-person" not in reader.get("/no_such_page").text


def test_the_queue_learns_whose_session_it_is_and_the_token_of_its_forms(reader):
    answer = reader.get("/waiting/session").json

    assert answer["person"] == person_of(reader)[0]
    assert reader.post("/waiting/session", data={"csrf_token": answer["csrf_token"]}).status_code == 405


@pytest.mark.parametrize("path", ["/waiting", "/waiting/session"])
def test_what_waits_is_for_those_who_have_signed_in(client, path):
    assert client.get(path).location.startswith("/login?next=/waiting")


def test_the_page_of_what_waits_holds_nothing_itself(reader):
    page = reader.get("/waiting").text

    assert "not encrypted" in page
    assert "data-queue-list></ul>" in page
