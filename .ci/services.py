"""The services of compose.yaml without an engine: the image's as it says, and what it takes from others beside them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import httpx
from compose import ROOT
from image import Image
from site_checks import WORK_SECONDS, until
from walk import ToThisMachine

LENTIGO = 10001  # the account of the image
END_SECONDS = 45


class Services:
    """The services of compose.yaml, each started as a container of the image in the network of this machine."""

    def __init__(self, image: Image, said: dict[str, Any], secrets: Path, folder: Path) -> None:
        self.image, self.said, self.secrets, self.folder = image, said["services"], secrets, folder
        (image.root / "etc/hosts").write_text("127.0.0.1 localhost postgres redis s3\n")
        self.instance = folder / "instance"  # what the volume is at first: the folder of the image
        self.instance.mkdir(mode=0o700)
        os.chown(self.instance, LENTIGO, LENTIGO)

    def command(self, name: str, **told: str) -> list[str]:
        """Return the command that starts a service as compose.yaml says."""
        service = self.said[name]
        strict = (service["read_only"], service["cap_drop"], service["user"])
        assert strict == (True, ["ALL"], self.image.user), name
        given = self.folder / f"secrets-{name}"
        given.mkdir(exist_ok=True)
        for secret in service["secrets"]:
            shutil.copy(self.secrets / secret, given)
        options = [f"--bind-ro={given}:/run/secrets"]
        if service["volumes"]:
            options.append(f"--bind={self.instance}:/var/lib/lentigo")
        say = {key: str(value) for key, value in service.get("environment", {}).items()}
        return self.image.container(service.get("command", []), *options, say={**say, **told})

    def once(self, name: str) -> None:
        """Run a service to its end, which must be a good one."""
        subprocess.run(self.command(name), check=True, stdout=subprocess.DEVNULL, timeout=WORK_SECONDS)

    @contextmanager
    def running(self, name: str, **told: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a service; at the end it is asked to stop, and must do so in order and in time."""
        log = self.folder / f"{name}-{'-'.join(told.values())}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(self.command(name, **told), stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        except BaseException:
            print(log.read_text(errors="replace")[-3000:])
            raise
        finally:
            status = ended(process)
        assert status == 0, f"{name} ended with {status}"

    def check_health(self) -> None:
        """Ask as the engine would: by the image's own question, and again."""
        command = self.image.container(self.image.health, say={}, entrypoint=False)
        quiet = partial(subprocess.run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=WORK_SECONDS)
        until(lambda: quiet(command).returncode == 0, "a web server that says it is healthy")


def ended(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to end, and return its status; AssertionError if it has to be killed."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"{process.args} did not end when it was asked to") from None


@contextmanager
def postgresql(services: Services) -> Iterator[None]:
    """Run the database with the password of the page, as its image sets it up."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder = services.folder / "postgresql"
    folder.mkdir()
    password = folder / "password"
    shutil.copy(services.secrets / "postgres_password", password)
    for path in (folder, password):
        shutil.chown(path, "postgres")
    run = partial(subprocess.run, check=True, user="postgres", cwd=folder, stdout=subprocess.DEVNULL)
    data, options = str(folder / "data"), f"-c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    made = ["--username=lentigo", "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}"]
    run([programs / "initdb", "-D", data, *made, "--encoding=UTF8", "--locale=C.UTF-8"])
    run([programs / "pg_ctl", "-D", data, "--wait", "-l", str(folder / "log"), "-o", options, "start"])
    try:
        run([programs / "createdb", f"--host={folder}", "--username=lentigo", "lentigo"])
        yield
    finally:
        run([programs / "pg_ctl", "-D", data, "--wait", "--mode=fast", "stop"])


@contextmanager
def redis(services: Services) -> Iterator[None]:
    """Run the queue as compose.yaml says."""
    folder = services.folder / "redis"
    folder.mkdir()
    said = [word.replace("/run/secrets", str(services.secrets)) for word in services.said["redis"]["command"]]
    with until_ended([*said, "--bind", "127.0.0.1", "--dir", str(folder)]):
        yield


@contextmanager
def object_store(services: Services) -> Iterator[None]:
    """Run a store that speaks like S3 where compose.yaml has SeaweedFS, which is not to be had here."""
    port = httpx.URL(services.said["web"]["environment"]["LENTIGO_S3_ENDPOINT"]).port
    with until_ended([sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]):
        until(lambda: answers(int(port or 0)), "the object store")
        yield


@contextmanager
def caddy(services: Services) -> Iterator[ToThisMachine]:
    """Run the proxy with the file of compose.yaml, and with the two web servers that an engine would name to it."""
    told = {**services.said["caddy"]["environment"], "SITE_UPSTREAM": "to 127.0.0.1:8000 127.0.0.1:8010"}
    folder = services.folder / "caddy"
    environment = {
        **os.environ,
        **told,
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "HOME": str(folder),
    }
    authority = folder / "caddy/pki/authorities/local/root.crt"
    with until_ended(["caddy", "run", "--config", str(ROOT / "deploy/caddy/Caddyfile")], env=environment):
        until(authority.exists, "Caddy's own authority")
        until(lambda: answers(443), "Caddy")
        yield ToThisMachine(authority)


@contextmanager
def until_ended(command: list[str], **options: Any) -> Iterator[None]:
    """Run a program that is none of ours meanwhile."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        yield
        assert process.poll() is None, f"{command[0]} has ended"
    finally:
        ended(process)


def answers(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    with closing(socket.socket()) as asked:
        asked.settimeout(1)
        return asked.connect_ex(("127.0.0.1", port)) == 0


def kept_objects(services: Services) -> int:
    """Count the objects in the store."""
    secret = {name: (services.secrets / f"lentigo_s3_{name}").read_text().strip() for name in ("key", "secret")}
    store = boto3.client(
        "s3", endpoint_url="http://127.0.0.1:8333", region_name="us-east-1",
        aws_access_key_id=secret["key"], aws_secret_access_key=secret["secret"],
    )  # fmt: skip
    return int(store.list_objects_v2(Bucket="lentigo", Prefix="photographs/")["KeyCount"])
