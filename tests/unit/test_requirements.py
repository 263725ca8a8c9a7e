"""The pinned packages and those that pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SERVE = ROOT / "requirements-serve.txt"
SERVER = ROOT / "requirements-server.txt"
OF_A_SERVER = ("postgresql", "redis", "s3", "tracing")
ALL = ROOT / "requirements.txt"
TRAINING_ONLY = {"tensorflow", "tensorflow-cpu", "keras", "scikit-learn", "matplotlib", "pytest", "playwright"}


def pins(name: str) -> list[Requirement]:
    return [Requirement(line) for line in lines(name)]


def lines(name: str) -> list[str]:
    """Return the lines of a file without their hashes, which `test_supply_chain` looks at."""
    return [line.removesuffix(" \\") for line in (ROOT / name).read_text().splitlines() if "--hash=" not in line]


def asked(*extras: str) -> list[Requirement]:
    optional = [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return [Requirement(line) for line in [*PROJECT["dependencies"], *optional]]


@pytest.mark.parametrize(
    ("name", "extras"),
    [(SERVE.name, ()), (SERVER.name, OF_A_SERVER), (ALL.name, tuple(PROJECT["optional-dependencies"]))],
)
def test_every_package_asked_for_is_pinned_to_a_version_that_fits(name: str, extras: tuple[str, ...]) -> None:
    pinned: dict[str, list[str]] = {}
    for pin in pins(name):
        pinned.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))

    for wanted in asked(*extras):
        versions = pinned.get(canonicalize_name(wanted.name), [])
        assert versions, f"{wanted.name} is not in {name}: make requirements"
        assert all(wanted.specifier.contains(version, prereleases=True) for version in versions), wanted


@pytest.mark.parametrize("name", [SERVE.name, SERVER.name, ALL.name])
def test_a_line_is_a_package_and_one_exact_version(name: str) -> None:
    for pin in pins(name):
        assert re.fullmatch(r"==[0-9][0-9a-z.+!]*", str(pin.specifier)), pin
        assert pin.url is None


@pytest.mark.parametrize("name", [SERVE.name, SERVER.name])
def test_serving_needs_nothing_of_training(name: str) -> None:
    assert {canonicalize_name(pin.name) for pin in pins(name)} & TRAINING_ONLY == set()


def test_all_files_pin_the_same_versions() -> None:
    versions = [{f"{pin.name}{pin.specifier}" for pin in pins(file.name)} for file in (SERVE, SERVER, ALL)]

    assert versions[0] < versions[1] < versions[2]
