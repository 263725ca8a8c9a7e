import base64
import stat

import pytest
from PIL import Image
from pydantic import ValidationError

from app import inference_settings
from app.fleet import kept_apart
from app.production import UnsafeSettingsError
from config import Settings, settings_or_exit

MASTER_KEY = base64.b64encode(bytes(32)).decode()
KEY = "k" * 32
SAFE = {
    "secret_key": KEY,
    "master_key": MASTER_KEY,
    "allowed_hosts": "lentigo.clinic.example",
    "https": True,
    "trusted_proxies": 1,
}


def test_nothing_has_to_be_configured(tmp_path):
    settings = Settings(instance=tmp_path)

    assert settings.environment == "local"
    assert settings.database == f"sqlite:///{tmp_path / 'lentigo.sqlite3'}"


def test_a_variable_of_the_environment_sets_the_field_of_its_name(monkeypatch):
    monkeypatch.setenv("LENTIGO_UPLOAD_MEGABYTES", "8")

    settings = Settings()

    assert settings.upload_megabytes == 8
    assert settings.to_flask()["MAX_CONTENT_LENGTH"] == 8 * 1024 * 1024 + 256 * 1024


def test_what_the_environment_does_not_say_is_read_from_files_of_secrets(monkeypatch, tmp_path):
    (tmp_path / "lentigo_secret_key").write_text(f"{KEY}\n")
    (tmp_path / "lentigo_master_key").write_text(f"{MASTER_KEY}\n")
    (tmp_path / "lentigo_port").write_text("8001")
    monkeypatch.setenv("LENTIGO_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("LENTIGO_PORT", "8002")

    settings = Settings()

    assert (settings.secret_key, settings.master_key, settings.port) == (KEY, MASTER_KEY, 8002)


def test_a_folder_of_secrets_that_is_not_there_ends_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("LENTIGO_SECRETS_DIR", str(tmp_path / "nowhere"))

    with pytest.raises(SystemExit, match=r"LENTIGO_SECRETS_DIR: .*nowhere is no folder\."):
        settings_or_exit()


def test_a_secret_that_can_not_be_read_ends_the_start_with_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "lentigo_secret_key").write_text(KEY)
    monkeypatch.setenv("LENTIGO_SECRETS_DIR", str(tmp_path))
    monkeypatch.setattr("os.access", lambda *_asked: False)  # as for an account that is not root

    with pytest.raises(SystemExit, match=r"LENTIGO_SECRETS_DIR: this account can't read .*lentigo_secret_key\."):
        settings_or_exit()


def test_an_engine_without_its_package_is_refused_with_what_to_install(monkeypatch):
    monkeypatch.setattr(inference_settings, "find_spec", lambda _name: None)

    with pytest.raises(ValidationError, match="install the extra `engines`"):
        Settings(inference_engine="openvino")

    assert Settings(inference_engine="auto").inference_engine == "auto"


def test_settings_never_change():
    with pytest.raises(ValidationError):
        Settings().debug = True


@pytest.mark.parametrize(
    ("unsafe", "sentence"),
    [
        ({}, "set LENTIGO_SECRET_KEY"),
        ({"secret_key": "short"}, "set LENTIGO_SECRET_KEY"),
        ({"secret_key": KEY, "debug": True}, "set LENTIGO_DEBUG=false"),
        ({"secret_key": KEY}, "set LENTIGO_MASTER_KEY"),
        ({"secret_key": KEY, "master_key": "c2hvcnQ="}, "32 bytes, and this one has 5"),
        ({"secret_key": KEY, "master_key": "no key!"}, "must be written in Base64"),
        ({"secret_key": KEY, "master_key": " , "}, "no master key"),
        ({**SAFE, "allowed_hosts": ""}, "set LENTIGO_ALLOWED_HOSTS"),
        ({**SAFE, "trusted_proxies": 0}, "set LENTIGO_TRUSTED_PROXIES"),
        ({**SAFE, "https": False, "host": "192.0.2.7"}, "set LENTIGO_HTTPS"),
    ],
)
def test_production_refuses_unsafe_settings_and_says_what_to_set(unsafe, sentence):
    with pytest.raises((ValidationError, UnsafeSettingsError), match=sentence):
        Settings(environment="production", **unsafe)


@pytest.mark.parametrize("share", [0, 1, -0.1, 20, "nan"])
def test_a_prevalence_lies_between_nought_and_one(share):
    with pytest.raises(ValidationError):
        Settings(prevalence=share)


@pytest.mark.parametrize("title", ["", " ", "A" * 17, "WARD\\1", " WARD", "STATIÖN"])
def test_what_can_be_no_application_entity_title_is_refused(title):
    with pytest.raises(ValidationError, match="1 to 16 ASCII characters"):
        Settings(pacs_ae_title=title)


def test_production_starts_with_safe_settings():
    settings = Settings(environment="production", **SAFE)

    assert settings.signing_key() == KEY
    assert settings.hosts == {"lentigo.clinic.example"}


@pytest.mark.parametrize("hosts", ["https://lentigo.example", "lentigo.example:443", "*.example", ".example", "a,/b"])
def test_what_no_host_header_can_name_is_refused(hosts):
    with pytest.raises(ValidationError, match="is not the name of a host"):
        Settings(allowed_hosts=hosts)


def test_names_are_read_from_one_variable(monkeypatch):
    monkeypatch.setenv("LENTIGO_ALLOWED_HOSTS", " Lentigo.example, 10.0.0.7,::1,")

    assert Settings().allowed_hosts == ("lentigo.example", "10.0.0.7", "::1")


def test_a_secret_key_is_made_once_for_its_owner_only(tmp_path):
    first = Settings(instance=tmp_path).signing_key()
    second = Settings(instance=tmp_path).signing_key()

    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_two_instances_have_different_keys(tmp_path):
    keys = {Settings(instance=tmp_path / name).signing_key() for name in ("one", "two")}

    assert len(keys) == 2


def test_the_secret_key_is_not_shown():
    settings = Settings(secret_key=KEY)

    assert KEY not in repr(settings)
    assert KEY not in str(settings)


def test_the_cookie_is_named_and_sent_for_https_only_where_there_is_https():
    plain, https = (Settings(https=https).to_flask() for https in (False, True))

    assert (plain["SESSION_COOKIE_NAME"], plain["SESSION_COOKIE_SECURE"]) == ("lentigo", False)
    assert (https["SESSION_COOKIE_NAME"], https["SESSION_COOKIE_SECURE"]) == ("__Host-lentigo", True)


def test_a_failed_statement_is_logged_without_its_values():
    assert Settings().to_flask()["SQLALCHEMY_ENGINE_OPTIONS"]["hide_parameters"] is True


@pytest.mark.parametrize("content", [None, b"", b"<svg/>", b"\x89PNG\r\n\x1a\nbroken", b"x" * (2 * 1024 * 1024 + 1)])
def test_a_logo_that_reports_cannot_show_stops_the_start(tmp_path, content):
    logo = tmp_path / "logo.png"
    if content is not None:
        logo.write_bytes(content)

    with pytest.raises(ValueError, match=r"logo\.png"):
        Settings(clinic_logo=logo)


def test_a_logo_that_can_be_shown_is_taken(tmp_path):
    logo = tmp_path / "logo.png"
    Image.new("RGBA", (30, 10)).save(logo)

    assert Settings(clinic_logo=logo).clinic_logo == logo


@pytest.mark.parametrize("address", ["lentigo.example", "ftp://lentigo.example", "https://a b"])
def test_an_address_that_cannot_be_verified_at_is_refused(address):
    with pytest.raises(ValueError, match="must begin with http"):
        Settings(public_address=address)


@pytest.mark.parametrize(
    "address",
    [
        "http://records.clinic.example/fhir",
        f"https://name:{'secret'}@records.clinic.example/fhir",
        "https://records.clinic.example/fhir?token=secret",
        "records.clinic.example",
        "https://",
    ],
)
def test_records_are_sent_to_no_address_that_others_can_read_along_or_that_holds_a_secret(address):
    with pytest.raises(ValueError, match="it must be"):
        Settings(fhir_url=address)


@pytest.mark.parametrize(
    "address", ["https://records.clinic.example/fhir/", "http://127.0.0.1:8080/fhir", "http://[::1]/fhir"]
)
def test_a_record_system_is_reached_over_https_or_on_this_machine(address):
    assert Settings(fhir_url=address).fhir_url == address.rstrip("/")


def test_the_token_for_the_record_system_is_not_shown_and_can_stand_in_a_header():
    assert "abc123" not in repr(Settings(fhir_token="abc123"))
    with pytest.raises(ValueError, match="no blanks"):
        Settings(fhir_token="secret\r\nHost: elsewhere")


def test_a_database_elsewhere_without_what_goes_with_it_is_told_of():
    elsewhere = Settings(database_url="postgresql+psycopg://lentigo@db.clinic.example/lentigo")
    here = Settings(database_url="postgresql+psycopg://lentigo@/lentigo?host=/run/postgresql")

    assert kept_apart(elsewhere) == [
        "LENTIGO_QUEUE_URL",
        "LENTIGO_STORAGE_URL",
        "LENTIGO_AUDIT_ANCHORS",
        "LENTIGO_ERASURES_FILE",
    ]
    assert kept_apart(here) == []
