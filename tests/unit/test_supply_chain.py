"""What the site consists of: where it comes from, under which licence, and that it is what was looked at."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from config import ROOT

CI = ROOT / ".ci"
SECURITY = re.compile(r"S\d*")
FORBIDDEN = ("GPL", "GENERAL PUBLIC", "SSPL", "BUSL", "NON-COMMERCIAL")
LESSER = {"psycopg", "psycopg-binary"}  # LGPL: imported as they come, with their licence, by who wants PostgreSQL
LICENCE_READ_BY_US = {
    "async-timeout": "Apache-2.0",
    "huey": "MIT",
    "colorama": "BSD-3-Clause",
}  # their metadata say nothing, or are not here
SOUND = {"name": "flask", "version": "3.1.3", "vulns": []}
FLAWED = {"name": "flask", "version": "3.1.3", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.4"]}]}
SKIPPED = {"name": "flask", "skip_reason": "Dependency not found on PyPI"}


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Give the programs of CI, which are no package."""
    monkeypatch.syspath_prepend(str(CI))
    yield import_module
    for name in ("pins", "audit", "sbom"):
        sys.modules.pop(name, None)


def said_by_pip_audit(monkeypatch: pytest.MonkeyPatch, audit: ModuleType, packages: list[object] | None) -> None:
    said = "" if packages is None else json.dumps({"dependencies": packages, "fixes": []})
    answer = subprocess.CompletedProcess([], 0, stdout=said, stderr="ERROR: no network")
    monkeypatch.setattr(audit.subprocess, "run", lambda *_args, **_options: answer)


@pytest.mark.parametrize(
    ("packages", "outcome"),
    [
        ([SOUND], (0, "every package was looked up")),
        ([SOUND, FLAWED], (1, "VULNERABLE: flask 3.1.3: PYSEC-1, mended in 3.1.4")),
        ([SOUND, SKIPPED], (1, "NOT LOOKED UP, and so not known to be safe: flask")),
        ([SKIPPED, FLAWED], (1, "VULNERABLE")),
    ],
)
def test_an_audit_says_what_was_found_and_what_was_not_looked_up(
    program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], packages, outcome
) -> None:
    audit = program("audit")
    said_by_pip_audit(monkeypatch, audit, packages)

    status, words = audit.main(online=False), capsys.readouterr().out

    assert status == outcome[0]
    assert outcome[1] in words


@pytest.mark.parametrize("nothing", [None, [SKIPPED] * 1000])
@pytest.mark.parametrize("online", [False, True])
def test_an_audit_without_advisories_says_so_and_looks_at_what_is_installed(
    program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], nothing, online: bool
) -> None:
    audit = program("audit")
    said_by_pip_audit(monkeypatch, audit, nothing)
    monkeypatch.setattr(audit, "faults_of", lambda _pin: [])

    status = audit.main(online=online)

    assert "ADVISORIES WERE NOT LOOKED UP" in capsys.readouterr().out
    assert status == int(online)


def test_an_audit_without_advisories_fails_for_a_package_that_is_not_as_it_came(program, tmp_path) -> None:
    audit, pins = program("audit"), program("pins")
    sound = next(pin for pin in pins.pins(ROOT / "requirements-serve.txt") if pin.name == "itsdangerous")
    other = pins.Pin("itsdangerous", "2.0.0", (), None, applies=True)
    (tmp_path / "odd-1.0.dist-info").mkdir()
    (tmp_path / "odd-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (tmp_path / "odd-1.0.dist-info" / "RECORD").write_text("odd.py,sha256=AAAA,3\n")
    (tmp_path / "odd.py").write_text("1+1")
    sys.path.insert(0, str(tmp_path))

    tampered = audit.faults_of(pins.Pin("odd", "1.0", (), None, applies=True))

    sys.path.remove(str(tmp_path))
    assert audit.faults_of(sound) == []
    assert audit.faults_of(other) == [f"itsdangerous is installed as {sound.version} and pinned as 2.0.0"]
    assert tampered == ["odd: odd.py is not as it came"]


def test_what_is_served_is_under_no_licence_that_reaches_further(program) -> None:
    pins = program("pins")
    licences = {pin.name: pins.licence(pin.name) or LICENCE_READ_BY_US.get(pin.name, "") for pin in served(pins)}

    assert {name for name, licence in licences.items() if not licence} == set()
    assert {name for name, licence in licences.items() if any(word in licence.upper() for word in FORBIDDEN)} == LESSER


def test_every_package_is_pinned_with_hashes(program) -> None:
    pins = program("pins")

    for name in ("requirements.txt", "requirements-serve.txt", "requirements-server.txt"):
        assert [pin.name for pin in pins.pins(ROOT / name) if not pin.hashes] == []
    assert "--require-hashes" in (ROOT / "Makefile").read_text()


def test_the_bill_of_materials_is_valid_and_names_every_package_and_vendored_file(program) -> None:
    sbom, pins = program("sbom"), program("pins")

    written = sbom.written(sbom.bill())

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    parts = json.loads(written)["components"]
    named = {part["name"] for part in parts}
    files = {inner["name"] for part in parts for inner in part.get("components", [])} | named
    vendored = (path for path in (ROOT / "static" / "vendor").rglob("*") if path.is_file() and path.suffix != ".md")
    assert {pin.name for pin in served(pins)} <= named
    assert {path.relative_to(ROOT).as_posix() for path in vendored} <= files
    assert {"bootstrap", "chart.js", "inter", "mobilenetv2-ham7", "outline"} <= named


def served(pins: ModuleType) -> list:
    return pins.pins(ROOT / "requirements-server.txt")


def test_no_rule_about_security_is_off_in_what_runs_nor_off_anywhere_without_a_reason() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    off = {
        place for place, rules in lint["per-file-ignores"].items() if any(SECURITY.fullmatch(rule) for rule in rules)
    }
    sources = [path for folder in ("app", "models", "clients") for path in (ROOT / folder).rglob("*.py")]
    unexplained = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in [*sources, ROOT / "config.py", ROOT / "wsgi.py"]
        for line in path.read_text().splitlines()
        if re.search(r"# noqa:[^-]*\bS\d+(?![^-]* - \w)", line)
    ]

    assert "S" in lint["select"]
    assert not [rule for rule in lint["ignore"] if SECURITY.fullmatch(rule)]
    assert off == {
        "tests/**",
        "tests/audit/test_chain.py",
        "bench/*.py",
        "fuzz/*.py",
        "load/*.py",
        ".ci/**",
    }  # none of which a site runs
    assert unexplained == []
