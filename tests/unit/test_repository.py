"""The repository holds source: no secrets, no databases, no photographs, nothing of one machine."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from config import ROOT

MEGABYTE = 1024 * 1024
LARGEST_FILE = 60 * MEGABYTE
ALL_WEIGHTS = 200 * MEGABYTE
LARGEST_PICTURE = MEGABYTE
PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".dcm"}
OWN_PICTURES = ("docs/", "models/weights/", "static/icons/")
NOT_SOURCE = {
    ".db", ".dll", ".dylib", ".egg", ".exe", ".o", ".p12", ".parquet", ".pem", ".pickle", ".pkl", ".pth", ".pyc",
    ".pyd", ".so", ".sqlite", ".sqlite3", ".whl", ".zip",
}  # fmt: skip

SECRETS = {
    "private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY",
    "cloud key": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "forge token": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20})",
    "API key": rb"\bsk-[A-Za-z0-9_-]{32,}",
    "password in an address": rb"\b[a-z][a-z0-9+]*://[^\s/:@\"'{}<>]+:[^\s/@\"'{}<>]+@",
    "key that was set": rb"LENTIGO_SECRET_KEY *= *[\"']?[A-Za-z0-9_/+-]{16,}",
}  # fmt: skip
MACHINE = re.compile(rb"(?<![\w.~-])/(?:home|root|work|Users)/[\w.-]+")
REGISTRY = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|\.whl|@ file:", re.IGNORECASE)


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files of the repository that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    return tuple(path for path in paths if path.is_file())


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_text(content: bytes) -> bool:
    return b"\0" not in content[:8192]


def texts() -> list[tuple[str, bytes]]:
    """Return name and content of each file that people wrote; vendored files are others' words."""
    found = [(named(path), path.read_bytes()) for path in tracked()]
    return [(name, content) for name, content in found if is_text(content) and "/vendor/" not in name]


def test_there_is_a_repository_to_look_at() -> None:
    assert {"config.py", "pyproject.toml"} <= {named(path) for path in tracked()}


@pytest.mark.parametrize("kind", SECRETS)
def test_it_holds_no_secret(kind: str) -> None:
    pattern = re.compile(SECRETS[kind])

    assert [name for name, content in texts() if pattern.search(content) and name != OWN_NAME] == []


OWN_NAME = "tests/unit/test_repository.py"  # holds the patterns


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("private key", b"-----BEGIN RSA PRIVATE KEY-----"),
        ("cloud key", b"AKIA" + b"ABCDEFGH23456789"),
        ("forge token", b"ghp_" + b"a1" * 18),
        ("API key", b"sk-" + b"abcd" * 8),
        ("password in an address", b"postgresql://lentigo:hunter2@database/lentigo"),
        ("key that was set", b"LENTIGO_SECRET_KEY=0123456789abcdef0123456789abcdef"),
    ],
)
def test_it_would_find_a_secret(kind: str, example: bytes) -> None:
    assert re.search(SECRETS[kind], b"x = " + example)


def test_it_holds_no_database_no_compiled_file_and_no_archive() -> None:
    found = [named(path) for path in tracked() if NOT_SOURCE & set(path.suffixes)]
    disguised = [
        named(path) for path in tracked() if path.read_bytes()[:16].startswith((b"SQLite format 3", b"\x7fELF"))
    ]

    assert found + disguised == []


def test_it_holds_no_photograph() -> None:
    pictures = [path for path in tracked() if path.suffix.lower() in PICTURES or looks_like_a_picture(path)]

    assert [named(path) for path in pictures if not named(path).startswith(OWN_PICTURES)] == []
    assert [named(path) for path in pictures if path.stat().st_size > LARGEST_PICTURE] == []
    assert [named(path) for path in pictures if path.suffix.lower() in {".jpg", ".jpeg"}] == []  # what cameras write


def looks_like_a_picture(path: Path) -> bool:
    return path.read_bytes()[:4].startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*"))


def test_it_names_no_folder_of_one_machine() -> None:
    assert [(name, MACHINE.findall(content)) for name, content in texts() if MACHINE.search(content)] == []


def test_it_is_small_enough_to_clone() -> None:
    sizes = {named(path): path.stat().st_size for path in tracked()}

    assert {name: size for name, size in sizes.items() if size > LARGEST_FILE} == {}
    assert sum(size for name, size in sizes.items() if name.startswith("models/weights/")) < ALL_WEIGHTS


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-serve.txt", "requirements-server.txt"])
def test_the_pinned_packages_name_no_registry(name: str) -> None:
    assert REGISTRY.findall((ROOT / name).read_text()) == []


def test_what_a_start_leaves_is_ignored() -> None:
    left = [".venv/x", "instance/lentigo.sqlite3", "load-day.json", ".env", "app/__pycache__/x.pyc", "runs/x"]

    result = subprocess.run(["git", "check-ignore", *left], cwd=ROOT, capture_output=True, text=True, check=True)

    assert result.stdout.splitlines() == left
