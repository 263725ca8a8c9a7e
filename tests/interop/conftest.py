"""A validator, and an image archive of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.interop.dicom.archive import Archive

ALSO_IN = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
PATIENCE = 20  # seconds
KNOWN = (
    "Unrecognized defined term = <99LENTIGO>",  # codes of our own, as PS3.16 has it for private ones
    "Unrecognized defined term = <DMS>",  # dermoscopy: newer than the validator's list of modalities
    "</Laterality(0020,0060)> - is only permitted to be empty when actually unknown",  # which it is then
)


def program(name: str, package: str) -> str:
    """Return the path of a program; without it the test is skipped, which fails where CI is set."""
    found = shutil.which(name, path=ALSO_IN)
    if found is None:
        pytest.skip(f"there is no {name} here: install Debian's package `{package}`")
    return found


@pytest.fixture(scope="session")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], list[str]]:
    """Return what dciodvfy says against a file, but for what is known: see docs/interop.md."""
    validator, folder = program("dciodvfy", "dicom3tools"), tmp_path_factory.mktemp("validator")

    def validate(content: bytes) -> list[str]:
        file = folder / "file.dcm"
        file.write_bytes(content)
        said = subprocess.run([validator, "-new", str(file)], capture_output=True, text=True, check=False).stderr
        lines = [line for line in said.splitlines() if line.startswith(("Error", "Warning"))]
        assert lines or said.strip(), "the validator has said nothing, not even what it has read"
        return [line for line in lines if line.startswith("Error") or not any(known in line for known in KNOWN)]

    return validate


@dataclass(frozen=True)
class Orthanc:
    """A real archive, and its REST interface to look behind the counter."""

    archive: Archive
    address: str

    def get(self, path: str) -> Any:
        answer = httpx.get(f"{self.address}{path}", timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()

    def file(self, instance: str) -> bytes:
        return httpx.get(f"{self.address}/instances/{instance}/file", timeout=PATIENCE).content

    def instances(self, study: str) -> dict[str, bytes]:
        """Return the files of a study by their SOP instance UID."""
        found = httpx.post(
            f"{self.address}/tools/find",
            json={"Level": "Instance", "Query": {"StudyInstanceUID": study}, "Expand": True},
            timeout=PATIENCE,
        ).json()
        return {each["MainDicomTags"]["SOPInstanceUID"]: self.file(each["ID"]) for each in found}


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An Orthanc on free ports of this machine, which takes what LENTIGO sends to ORTHANC."""
    found, folder = program("Orthanc", "orthanc"), tmp_path_factory.mktemp("orthanc")
    dicom, web = free_port(), free_port()
    configuration = folder / "orthanc.json"
    configuration.write_text(json.dumps(settings_of(folder, dicom, web)))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([found, str(configuration)], stdout=log, stderr=subprocess.STDOUT)
        try:
            started = Orthanc(Archive("127.0.0.1", dicom, "ORTHANC", "LENTIGO"), f"http://127.0.0.1:{web}")
            wait_for(started, process, folder / "log")
            yield started
        finally:
            process.kill()  # it takes two seconds to leave by itself
            process.wait(PATIENCE)


def settings_of(folder: Path, dicom: int, web: int) -> dict[str, Any]:
    return {
        "Name": "Tests",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [],
        "DicomAet": "ORTHANC",
        "DicomPort": dicom,
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowEcho": False,
        "DicomAlwaysAllowStore": False,
        "DicomModalities": {"lentigo": ["LENTIGO", "127.0.0.1", 1]},
        "DicomCheckModalityHost": False,
        "HttpPort": web,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "OverwriteInstances": False,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(orthanc: Orthanc, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, f"Orthanc has ended:\n{log.read_text()[-2000:]}"
        try:
            orthanc.get("/system")
            socket.create_connection((orthanc.archive.host, orthanc.archive.port), PATIENCE).close()
        except (httpx.HTTPError, OSError):
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"Orthanc does not answer:\n{log.read_text()[-2000:]}")
