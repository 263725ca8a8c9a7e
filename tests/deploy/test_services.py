"""The services of systemd and the proxies' files: verified by the programs that read them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config import ROOT, Settings

UNITS = ROOT / "deploy" / "systemd"
EXPOSED = re.compile(r"Overall exposure level for (\S+): (\d+\.\d)")
MOST_EXPOSED = 2.0  # 0 is nothing, 10 all


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here: install Debian's package `{package}`")
    return found


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A root folder with the services, as docs/deploy.md puts them."""
    folder = tmp_path / "etc/systemd/system"
    shutil.copytree(UNITS, folder, ignore=shutil.ignore_patterns("lentigo"))
    for wanted in ("bin/kill", "opt/lentigo/.venv/bin/gunicorn", "opt/lentigo/.venv/bin/flask"):
        path = tmp_path / wanted
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
    return tmp_path


def test_a_service_could_hardly_do_more_than_it_must(system: Path) -> None:
    analyze = program("systemd-analyze", "systemd")
    services = ["lentigo-web.service", "lentigo-worker@1.service", "lentigo-backup.service"]

    said = subprocess.run(
        [analyze, "security", "--offline=true", f"--root={system}", "--no-pager", *services],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip

    exposed = {name: float(level) for name, level in EXPOSED.findall(said.stdout)}
    assert len(exposed) == len(services), said.stdout + said.stderr
    assert max(exposed.values()) <= MOST_EXPOSED, exposed


def test_every_service_says_what_it_does_and_what_the_site_understands() -> None:
    known = {f"LENTIGO_{name.upper()}" for name in Settings.model_fields}
    texts = {path.name: path.read_text() for path in UNITS.rglob("lentigo*.*") if path.is_file()}

    assert {name for name, text in texts.items() if "Description=" not in text} == set()
    assert {named for text in texts.values() for named in re.findall(r"LENTIGO_[A-Z_]+[A-Z]", text)} <= known


def test_nginx_takes_its_file(tmp_path: Path) -> None:
    nginx = program("nginx", "nginx")
    certificate(tmp_path)
    text = (ROOT / "deploy/nginx/lentigo.conf").read_text()
    for place in ("/etc/lentigo/tls", "/var/log/nginx"):
        text = text.replace(place, str(tmp_path))
    (tmp_path / "site.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\nevents {{}}\nhttp {{ include {tmp_path}/site.conf; }}\n"
    )

    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert re.findall(r"proxy_set_header (X-Forwarded-\w+) ", text) == [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
    ]
    assert "$request_uri" not in re.sub(r"return .*", "", text)  # what is searched for stands in no log
    assert "$args" not in text


def certificate(folder: Path) -> None:
    """Write a certificate of nobody."""
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=lentigo", *files]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("upstream", ["to unix//run/lentigo/web.sock", "dynamic a web 8000"])
def test_caddy_takes_its_file(upstream: str, tmp_path: Path) -> None:
    caddy = program("caddy", "caddy")
    told = {"SITE_NAME": "lentigo.clinic.example", "SITE_UPSTREAM": upstream, "XDG_DATA_HOME": str(tmp_path)}

    done = subprocess.run(
        [caddy, "validate", "--config", str(ROOT / "deploy/caddy/Caddyfile")],
        capture_output=True, text=True, check=False, env={**os.environ, **told},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
