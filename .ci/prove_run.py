"""Prove `make run`: from a clean clone, on a free port, walked through, and stopped by Ctrl-C without a trace."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
from walk import Photograph, walk

from tests.pictures import jpeg, lesion_picture

ROOT = Path(__file__).resolve().parents[1]
HAM10000 = ROOT.parent / "shared" / "data" / "ham10000"
INSTALL_SECONDS = 600
STOP_SECONDS = 20
READY = re.compile(r"Lentigo is ready at (\S+)")


def main() -> None:
    """Clone, start, walk, stop; end with an error at the first thing that is not as it should be."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        clone, log = Path(folder) / "lentigo", Path(folder) / "log"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        with log.open("w") as output:
            make = start(clone, port, output)
        try:
            walk(ready(make, log), photographs())
            stop(make, port)
        finally:
            end(make)
            print(log.read_text())
        assert "Traceback" not in log.read_text()
        assert log.read_text().rstrip().endswith("Lentigo has stopped.")
    print("make run: started from a clean clone, walked through, stopped.")


def photographs() -> Iterator[Photograph]:
    """Yield a drawn lesion, and real photographs where they are to be had."""
    yield Photograph("drawn.jpg", jpeg(lesion_picture()), "Zoë Ångström")
    real = sorted((HAM10000 / "HAM10000_images_part_1").glob("*.jpg"))[:3]
    for number, path in enumerate(real):
        yield Photograph(path.name, path.read_bytes(), f"Δημήτρης {number}")
    if not real:
        print("Real photographs are not there: walked with the drawn one alone.")


def start(clone: Path, port: int, output: object) -> subprocess.Popen[bytes]:
    """Run `make run` as a shell would, in a process group of its own."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("LENTIGO_", "MAKE"))}
    environment = {**outside, "LENTIGO_PORT": str(port)}
    command = ["make", "run"]
    return subprocess.Popen(
        command, cwd=clone, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )  # type: ignore[call-overload,no-any-return]  # `output` is a file


def ready(make: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the address is printed, and return it."""
    deadline = time.monotonic() + INSTALL_SECONDS
    while not (found := READY.search(log.read_text())):
        assert make.poll() is None, "make run has ended"
        assert time.monotonic() < deadline, "make run is not ready"
        time.sleep(0.2)
    return found[1]


def stop(make: subprocess.Popen[bytes], port: int) -> None:
    """Press Ctrl-C once; the site must end in seconds and leave nothing."""
    family = psutil.Process(make.pid).children(recursive=True)
    assert len(family) >= 4, family
    os.killpg(make.pid, signal.SIGINT)
    status = make.wait(STOP_SECONDS)
    assert status in {0, -signal.SIGINT}, status  # make itself ends as interrupted, whatever its recipe said
    assert [process for process in family if is_alive(process)] == []
    socket.create_server(("127.0.0.1", port)).close()


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process has not ended; one that only waits to be counted by its parent has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(make: subprocess.Popen[bytes]) -> None:
    """Leave nothing behind, whatever happened."""
    if make.poll() is None:
        for process in [*psutil.Process(make.pid).children(recursive=True), make]:
            process.kill()
        make.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    main()
