"""Prove docs/deploy.md: ``python .ci/prove_deploy.py [server] [compose]``.

`server` follows the page's commands on a fresh Debian that systemd has booted; `compose` builds the image without an
engine and runs the services of compose.yaml of it. Each ends with a walk through the site over HTTPS.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from compose import ROOT, composed, dotenv
from image import Image, built
from machines import Machine, booted, enter, fresh_debian, in_a_namespace_of_its_own, layer, scratch
from services import Services, answers, caddy, ended, kept_objects, object_store, postgresql, redis
from site_checks import MEGABYTE, answered_all_the_while, look_around, until
from walk import ToThisMachine

PAGE = ROOT / "docs" / "deploy.md"
BLOCK = re.compile(r"^```sh (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ACCELERATORS = "libopenvino|libQnn"  # of Intel and Qualcomm, for which LiteRT has plugins that nobody loads here
JOURNAL = "journalctl --no-pager --lines=80 --output=cat --unit='lentigo*'"
EXPOSED = re.compile(r"Overall exposure level for (\S+): (\d+\.\d)")
MOST_EXPOSED = 2.0  # systemd-analyze security: 0 is nothing, 10 all
NOT_SERVED = ("tensorflow", "keras", "pytest", "pip", "matplotlib")
SERVED = ("psycopg", "redis", "boto3", "opentelemetry.sdk", "ai_edge_litert")


def main(wanted: list[str]) -> None:
    """Prove what is wanted; both if nothing is said."""
    in_a_namespace_of_its_own()
    for name, prove in {"server": server, "compose": compose}.items():
        if not wanted or name in wanted:
            started = time.monotonic()
            with scratch() as folder:
                prove(folder)
            print(
                f"docs/deploy.md, {name}: followed and walked through in {time.monotonic() - started:.0f} s.",
                flush=True,
            )


def server(folder: Path) -> None:
    """Follow the commands for one server, and see that the site does what they are for."""
    source = f"--bind-ro={ROOT}:/srv/lentigo"
    told = {"SOURCE": "/srv/lentigo", "DEBIAN_FRONTEND": "noninteractive", **of_the_registries()}
    with (
        layer(fresh_debian(), folder / "server") as root,
        booted(root, folder / "console", source, *repository()) as machine,
        ExitStack() as stack,
    ):
        stack.callback(lambda: print(machine.run(JOURNAL)))
        for block in commands("server"):
            follow(machine, block, told)
        way = ToThisMachine(root / "etc/lentigo/tls/certificate.pem")
        look_around(way)
        restart = partial(machine.run, "systemctl restart lentigo-web && sleep 1 && systemctl restart lentigo-web")
        answered_all_the_while(way, restart, "the web server was started again twice")
        see_nothing_of_patients_in_logs(machine)
        see_the_sandbox(machine)
        stack.pop_all()  # what the services have said is of interest only if something went wrong


def compose(folder: Path) -> None:
    """Build the image, run the services of compose.yaml, and see that the site does what they are for."""
    with ExitStack() as stack:
        image = stack.enter_context(built(fresh_debian(), folder / "image"))
        see_what_it_holds(image)
        secrets = make_secrets(image, folder, stack)
        values = dotenv((secrets.parents[2] / ".env").read_text())
        services = Services(image, composed(values), secrets, folder)
        for run in (postgresql, redis, object_store):
            stack.enter_context(run(services))
        services.once("bucket")
        services.once("migrate")
        webs = [stack.enter_context(services.running("web", LENTIGO_PORT=str(port))) for port in (8000, 8010)]
        for port in (8001, 8011):
            stack.enter_context(services.running("worker", LENTIGO_WORKER_PORT=str(port)))
        for port in (8000, 8010, 8001, 8011):
            until(lambda port=port: answers(port), f"port {port} to answer")
        services.check_health()
        way = stack.enter_context(caddy(services))
        look_around(way)
        answered_all_the_while(way, partial(ended, webs[0]), "one of two web servers ended")
        assert kept_objects(services), "nothing was kept in the object store"


def commands(kind: str) -> list[str]:
    """Return the blocks of the page that are marked so."""
    found = [text for marked, text in BLOCK.findall(PAGE.read_text()) if marked == kind]
    assert found, f"{PAGE.name} has no block `sh {kind}`"
    return found


def follow(machine: Machine, block: str, told: dict[str, str]) -> None:
    """Run a block of the page, and say how long it took."""
    started = time.monotonic()
    machine.run(block, **told)
    print(f"{time.monotonic() - started:5.1f} s: {block.splitlines()[0][:90]}", flush=True)


def of_the_registries() -> dict[str, str]:
    """Return how this machine reaches the registries of packages."""
    return {name: value for name, value in os.environ.items() if name.startswith("PIP_CERT")}


def repository() -> list[str]:
    """Return the folder of the repository where it lies outside of the checkout, as for a second working tree."""
    command = ["git", "rev-parse", "--path-format=absolute", "--git-common-dir"]
    common = Path(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip())
    return [] if common.is_relative_to(ROOT) else [f"--bind-ro={common}"]


# one server


def see_nothing_of_patients_in_logs(machine: Machine) -> None:
    """See that neither proxy nor journal has written what was searched for."""
    written = machine.run("cat /var/log/nginx/*; journalctl --no-pager --output=cat")
    assert "/previous_tests" in written
    assert [word for word in ("Zo%C3%AB", "Zoë", "nobody+of", "nobody%20of", "Çelik") if word in written] == []


def see_the_sandbox(machine: Machine) -> None:
    """See what systemd says of the services, and that no process of theirs may do more."""
    names = "lentigo-web.service lentigo-worker@1.service lentigo-backup.service"
    machine.run(f"systemd-analyze verify {names}")
    said = machine.run(f"systemd-analyze security --no-pager {names}")
    exposed = {name: float(level) for name, level in EXPOSED.findall(said)}
    assert len(exposed) == len(names.split()), said
    assert max(exposed.values()) <= MOST_EXPOSED, exposed
    print("Exposure by systemd-analyze security:", ", ".join(f"{name} {level}" for name, level in exposed.items()))
    reading = machine.run("ss -xlp | grep -F /run/lentigo/web.sock; stat --format='%a %U %G' /run/lentigo/web.sock")
    assert "660 root www-data" in reading, reading


# containers


def see_what_it_holds(image: Image) -> None:
    """See that what the site needs is in the image, and nothing of training, and that nothing in it can be written."""
    found = f"import importlib.util as u; print(*[n for n in {SERVED + NOT_SERVED} if u.find_spec(n)])"
    assert said_in(image, ["python", "-c", found]).split() == list(SERVED)
    libraries = "find .venv -name '*.so*' -type f | xargs ldd 2>/dev/null | grep 'not found'"
    missing = said_in(image, ["sh", "-c", f"{libraries} | grep -Ev '{ACCELERATORS}' || true"]).strip()
    assert missing == "", f"the base lacks libraries: {missing}"
    places = "/ /etc /opt/lentigo /opt/lentigo/app /var/lib /usr"
    written = f"touch /tmp/x; for at in {places}; do touch $at/x 2> /dev/null && echo $at; done; true"
    assert said_in(image, ["sh", "-c", written]).strip() == "", "more can be written than should"
    program = [path.lstat() for path in (image.root / "opt/lentigo").rglob("*") if not path.is_symlink()]
    assert {(found.st_uid, found.st_mode & 0o022) for found in program} == {(0, 0)}, "whoever runs it could change it"
    first = said_in(
        image, ["sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status"]
    )
    assert first.startswith("/usr/bin/tini"), first
    assert re.findall(r":\s+(\w+)", first) == ["0" * 16, "0" * 16, "1"], first
    held = {path.name for path in (image.root / "opt/lentigo").iterdir()}
    assert held & {"tests", "instance", ".git", ".env", "docs", "bench"} == set(), held
    size = sum(path.lstat().st_size for path in (image.root / "opt/lentigo").rglob("*") if path.is_file())
    print(f"The image holds {size / MEGABYTE:.0f} MiB beside its base, and none of {', '.join(NOT_SERVED)}.")


def said_in(image: Image, command: list[str]) -> str:
    """Return what a command prints in a container."""
    done = subprocess.run(image.container(command, say={}), stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.replace("\r", "")


def make_secrets(image: Image, folder: Path, stack: ExitStack) -> Path:
    """Follow the page's commands beside compose.yaml; return the folder of the secrets."""
    root = stack.enter_context(layer(image.root, folder / "checkout"))
    for block in commands("compose"):
        subprocess.run(enter(root, ["/bin/bash", "-euo", "pipefail", "-c", block]), check=True)
    return root / "opt/lentigo/deploy/compose/secrets"


if __name__ == "__main__":
    main(sys.argv[1:])
