"""Debian machines that live for one proof: a fresh system, layers over it, booted by systemd or run as containers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
BASE = Path("/var/tmp/lentigo-debian") / SUITE  # noqa: S108 - root's alone, and kept: it takes a minute to make
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,python3,python3-venv"
OURS = Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/pip.conf")  # how this machine reaches the registries
BOOT_SECONDS, END_SECONDS = 60, 30


def in_a_namespace_of_its_own() -> None:
    """Start this program again where what it mounts is seen by nobody else, and goes with it."""
    if os.geteuid() != 0:
        sys.exit("This needs root, for it mounts and boots a system: run it where .ci/run is run.")
    if "LENTIGO_UNSHARED" not in os.environ:
        os.environ["LENTIGO_UNSHARED"] = "1"
        again = ["unshare", "--mount", "--propagation=slave", sys.executable, *sys.argv]
        os.execvp(again[0], again)  # noqa: S606 - no shell is wanted


def fresh_debian() -> Path:
    """Return the folder of a fresh Debian system, which is made at the first call and never changed."""
    if not BASE.exists():
        partial = BASE.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(partial), MIRROR]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (partial / "etc/dpkg/dpkg.cfg.d/hasty").write_text("force-unsafe-io\n")  # nothing of it survives a power cut
        partial.rename(BASE)
    return BASE


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder in memory: what is built and booted in it is gone afterwards, mounts and all."""
    folder = Path(tempfile.mkdtemp(prefix="lentigo-", dir="/var/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "lentigo", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def layer(over: Path, folder: Path) -> Iterator[Path]:
    """Give a system that is another one until it is written to; what is written is gone afterwards."""
    merged, upper, work = (folder / name for name in ("root", "upper", "work"))
    for made in (merged, upper, work):
        made.mkdir(parents=True)
    options = f"lowerdir={over},upperdir={upper},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "lentigo", "-o", options, str(merged)], check=True)
    try:
        yield merged
    finally:
        subprocess.run(["umount", "--lazy", str(merged)], check=True)


def enter(root: Path, command: Sequence[str], *options: str, say: Mapping[str, str] | None = None) -> list[str]:
    """Return the command that runs another as a container of `root`, in the network of this machine."""
    told = [f"--setenv={name}={value}" for name, value in (say or {}).items()]
    quiet = [
        "systemd-nspawn",
        "--quiet",
        "--register=no",
        "--keep-unit",
        "--resolv-conf=replace-host",
        "--timezone=off",
    ]
    return [*quiet, "--console=pipe", f"--directory={root}", *_shared(), *told, *options, "--", *command]


def _shared() -> list[str]:
    return [f"--bind-ro={path}" for path in OURS if path.exists()]


class Machine:
    """A booted system; `run` runs shell scripts in it as root."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.leader = 0

    def run(self, script: str, **told: str) -> str:
        """Run a script, which ends at its first error, and return what it printed; AssertionError if it failed."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", **told}
        command = ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--pid"]
        done = subprocess.run(
            [*command, "/bin/bash", "-euo", "pipefail", "-c", f"cd /root\n{script}"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\nended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def wait(self) -> None:
        """Wait until systemd has started what it starts."""
        deadline = time.monotonic() + BOOT_SECONDS
        while True:
            assert self._process.poll() is None, "systemd could not be booted: are namespaces and cgroups to be had?"
            assert time.monotonic() < deadline, "systemd was not up in time"
            children = psutil.Process(self._process.pid).children()
            if children:
                self.leader = children[0].pid
                asked = "systemctl is-system-running || true"
                try:
                    if self.run(asked).strip() in {"running", "degraded"}:
                        return
                except AssertionError:  # not even so far
                    pass
            time.sleep(0.2)


@contextmanager
def booted(root: Path, log: Path, *options: str) -> Iterator[Machine]:
    """Boot a system in the network of this machine, with its console in a file; it is stopped afterwards."""
    command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--resolv-conf=replace-host"]
    with log.open("wb") as console:
        process = subprocess.Popen(
            [*command, "--console=pipe", f"--directory={root}", *_shared(), *options],
            stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
        )  # fmt: skip
    machine = Machine(process)
    try:
        machine.wait()
        yield machine
    finally:
        process.terminate()  # an orderly end of the system
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
