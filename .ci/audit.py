"""Ask for known vulnerabilities of the pinned packages, and say what was asked: ``python .ci/audit.py [--online]``.

pip-audit calls a package "skipped" that the index does not answer about, and is content. Where nothing at all could be
looked up, what can be done without a network is done: the installed packages are compared with the pins, and their
files with the hashes that came with them. With ``--online`` that is not enough.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from pins import ROOT, Pin, pins

ASKED_ABOUT = ROOT / "requirements.txt"
SERVED = ROOT / "requirements-server.txt"
OPTIONS = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")


def main(online: bool) -> int:
    """Return the exit status."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(ASKED_ABOUT), *OPTIONS]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    found, skipped = answer(asked.stdout)
    for finding in found:
        print(f"VULNERABLE: {finding}")
    if found:
        return 1
    if skipped is not None and not skipped:
        print(f"No known vulnerability in {ASKED_ABOUT.name}: every package was looked up.")
        return 0
    if skipped is not None and len(skipped) < len(pins(ASKED_ABOUT)) // 2:
        print(f"NOT LOOKED UP, and so not known to be safe: {', '.join(skipped)}")
        return 1
    reason = "the index has no advisories" if skipped else (asked.stderr.strip().splitlines() or ["no answer"])[-1]
    print(f"ADVISORIES WERE NOT LOOKED UP ({reason[:200]}). Whether a package has a known vulnerability is not known.")
    faults = [fault for pin in pins(SERVED) if pin.applies for fault in faults_of(pin)]
    for fault in faults:
        print(f"FAULT: {fault}")
    if not faults:
        print(
            f"Looked at instead: all packages of {SERVED.name} are installed as pinned, with the files they came with."
        )
    return 1 if faults or online else 0


def answer(said: str) -> tuple[list[str], list[str] | None]:
    """Return what is vulnerable, and what was not looked up: None if there is no answer."""
    try:
        packages: list[dict[str, Any]] = json.loads(said)["dependencies"]
    except (ValueError, KeyError):
        return [], None
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'none'}"
        for package in packages
        for flaw in package.get("vulns", [])
    ]
    return found, [package["name"] for package in packages if "skip_reason" in package]


def faults_of(pin: Pin) -> list[str]:
    """Return in what an installed package is not the one that is pinned."""
    try:
        installed = metadata.distribution(pin.name)
    except metadata.PackageNotFoundError:
        return [f"{pin.name} is not installed"]
    if installed.version != pin.version:
        return [f"{pin.name} is installed as {installed.version} and pinned as {pin.version}"]
    return [f"{pin.name}: {file} is not as it came" for file in installed.files or () if not _is_as_it_came(file)]


def _is_as_it_came(file: metadata.PackagePath) -> bool:
    if file.hash is None or file.hash.mode != "sha256":  # records themselves, and what Python has compiled
        return True
    path = Path(str(file.locate()))
    if not path.is_file():
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()
    return digest == file.hash.value


if __name__ == "__main__":
    sys.exit(main("--online" in sys.argv[1:]))
