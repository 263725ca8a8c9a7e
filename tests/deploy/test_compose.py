"""The services of compose.yaml: what they may do, who reaches them, and that the site takes what they say."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from config import ROOT, Settings

IMAGE = re.compile(r"[a-z0-9./-]+:[\w.-]*\d[\w.-]*")
VALUES = {"SITE_NAME": "lentigo.clinic.example"}
ONCE = {"bucket", "migrate", "backup"}


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    yield import_module("compose")
    sys.modules.pop("compose", None)


@pytest.fixture
def said(program: Any) -> dict[str, Any]:
    return program.composed(VALUES)


def test_without_a_name_for_the_site_nothing_starts(program: Any) -> None:
    with pytest.raises(KeyError, match="set it to the name of the site"):
        program.composed({})


def test_no_service_may_more_than_it_must(said: dict[str, Any]) -> None:
    for name, service in said["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("user") or name == "caddy", name
        assert {"cpus", "memory"} <= set(service["deploy"]["resources"]["limits"]), name
        assert not set(service) & {"privileged", "pid", "ipc", "network_mode", "devices"}, name
    assert [name for name, service in said["services"].items() if "cap_add" in service] == ["caddy"]


def test_caddy_alone_is_reached_from_outside(said: dict[str, Any]) -> None:
    services, networks = said["services"], said["networks"]

    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    assert {name for name, service in services.items() if "outside" in service["networks"]} == {"caddy", "worker"}
    assert [name for name, network in networks.items() if not network.get("internal")] == ["outside"]
    assert "inside" not in services["caddy"]["networks"]


def test_every_service_tells_whether_it_is_well_and_waits_for_those_it_needs(said: dict[str, Any]) -> None:
    services = said["services"]

    assert [
        name for name, one in services.items() if name not in ONCE | {"web"} and "test" not in one["healthcheck"]
    ] == []
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert set(services["migrate"]["depends_on"]) == {"postgres", "redis", "bucket"}


def test_images_have_versions_and_secrets_are_files(said: dict[str, Any]) -> None:
    named = {service["image"] for service in said["services"].values()}
    used = {secret for service in said["services"].values() for secret in service.get("secrets", [])}

    assert [image for image in named if not IMAGE.fullmatch(image)] == []
    assert used == set(said["secrets"])
    assert not [
        key
        for one in said["services"].values()
        for key in one.get("environment", {})
        if "PASSWORD" in key and not key.endswith("_FILE")
    ]


def test_the_site_starts_in_production_with_what_it_is_told(
    said: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("secret_key", "master_key", "database_url", "queue_url", "s3_key", "s3_secret"):
        (tmp_path / f"lentigo_{name}").write_text(SECRETS[name])
    environment = {**said["services"]["web"]["environment"], "LENTIGO_SECRETS_DIR": str(tmp_path)}
    for name, value in {**environment, "LENTIGO_ENVIRONMENT": "production", "LENTIGO_HOST": "192.0.2.7"}.items():
        monkeypatch.setenv(name, str(value))

    settings = Settings()

    assert settings.hosts == {"lentigo.clinic.example"}
    assert (settings.storage_url, settings.queue_url) == ("s3://lentigo/photographs", SECRETS["queue_url"])
    assert {name.removeprefix("LENTIGO_").lower() for name in environment} <= set(Settings.model_fields)


SECRETS = {
    "secret_key": "k" * 48,
    "master_key": "A" * 43 + "=",
    "database_url": "postgresql+psycopg://lentigo@postgres/lentigo",
    "queue_url": "redis://redis:6379/0",
    "s3_key": "key",
    "s3_secret": "secret",
}
