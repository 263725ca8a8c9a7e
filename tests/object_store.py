"""An object store of the tests' own: moto's server in a process of its own, reached by a loopback port.

What it holds is in that process's memory, and stays while the store is stopped: nobody answers at its port then.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from config import Settings

BUCKET = "lentigo-tests"
KEY, SECRET = "AKIALENTIGOTESTS", "a secret of nobody"
REGION = "eu-central-1"
# in the folder, whichever storage a test is run on otherwise, and in the store
in_both = pytest.mark.parametrize("on_object_store", [False, True], ids=["folder", "s3"])


@dataclass(frozen=True)
class ObjectStore:
    """A running store; whoever reaches its port is believed."""

    process: subprocess.Popen[str]
    endpoint: str

    def settings(self) -> dict[str, Any]:
        """Return the settings of a site that keeps its files here, under a prefix of its own."""
        return {"storage_url": f"s3://{BUCKET}/{secrets.token_hex(8)}", **self.account()}

    def account(self) -> dict[str, Any]:
        """Return the settings that say where the store is, and as whom it is asked."""
        return {"s3_endpoint": self.endpoint, "s3_region": REGION, "s3_key": KEY, "s3_secret": SECRET}

    def stop(self) -> None:
        """Close the port: whoever asks is refused."""
        self._tell("stop")

    def start(self) -> None:
        """Open the port again, with what was there before."""
        self._tell("start")

    def hang(self) -> None:
        """Take requests and answer none."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again."""
        os.kill(self.process.pid, signal.SIGCONT)

    def mend(self) -> None:
        """Answer whoever asks from now on, and count anew."""
        self._tell("mend")

    def fail(self, times: int, status: str = "503 Service Unavailable", code: str = "SlowDown") -> None:
        """Answer the next requests with an error."""
        self._tell("fail", times=times, status=status, code=code)

    def cut(self, times: int) -> None:
        """Break off the next answers in the middle."""
        self._tell("cut", times=times)

    def age(self, name: str, by: timedelta) -> None:
        """Have an object, given by its name in the bucket, look as if it had been written earlier."""
        self._tell("age", name=name, seconds=by.total_seconds())

    def asked(self) -> Counter[str]:
        """Return how many requests there were of each kind since this was asked before."""
        return Counter(self._tell("asked"))

    def _tell(self, command: str, **details: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([command, details]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def prefix_of(settings: Settings) -> str:
    """Return what the names of a site's objects begin with."""
    return urlsplit(settings.storage).path.lstrip("/") + "/"


@contextmanager
def running() -> Iterator[ObjectStore]:
    """Run a store with an empty bucket; without moto the test is skipped, which fails where CI is set."""
    if find_spec("moto") is None or find_spec("flask_cors") is None:
        pytest.skip("there is no object store here: pip install moto[s3] flask-cors")
    command = [sys.executable, "-m", "tests.object_store"]
    surroundings = {**os.environ, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    folder = Path(__file__).parents[1]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield ObjectStore(process, f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            os.kill(process.pid, signal.SIGCONT)
            process.kill()


class _Served:
    """The store itself, in the process that is started above."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import create_backend_app

        self._store = create_backend_app("s3")
        self._failing: list[tuple[str, str]] = []
        self._cutting = 0
        self._asked: Counter[str] = Counter()
        self.port = 0
        self.start()

    def start(self) -> None:
        from werkzeug.serving import make_server

        self._server = make_server("127.0.0.1", self.port, self, threaded=True)
        self.port = self._server.port
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def mend(self) -> None:
        self._failing, self._cutting, self._asked = [], 0, Counter()
        if self._server is None:
            self.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = None

    def fail(self, times: int, status: str, code: str) -> None:
        self._failing += [(status, code)] * times

    def cut(self, times: int) -> None:
        self._cutting += times

    def age(self, name: str, seconds: float) -> None:
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        kept = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys[name]
        kept.last_modified -= timedelta(seconds=seconds)

    def asked(self) -> dict[str, int]:
        counted, self._asked = self._asked, Counter()
        return counted

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self._asked[_kind(environ)] += 1
        if self._failing:
            status, code = self._failing.pop()
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response(status, [("Content-Type", "application/xml")])
            return [f"<Error><Code>{code}</Code><Message>as was asked for</Message></Error>".encode()]
        answer = self._store(environ, start_response)
        if self._cutting and environ["REQUEST_METHOD"] == "GET":
            self._cutting -= 1
            whole = b"".join(answer)
            return [whole[: len(whole) // 2]]
        return answer


def _kind(environ: dict[str, Any]) -> str:
    """Tell what is asked for by a word: PUT, GET, DELETE of one object; LIST; DELETE MANY; HEAD."""
    method, of_object = environ["REQUEST_METHOD"], environ["PATH_INFO"].strip("/").count("/") > 0
    if of_object:
        return method
    return {"GET": "LIST", "POST": "DELETE MANY"}.get(method, f"{method} bucket")


def _serve() -> None:
    import boto3

    served = _Served()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{served.port}", region_name=REGION)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    served.asked()
    sys.stdout.write(f"{served.port}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        command, details = json.loads(line)
        sys.stdout.write(json.dumps(getattr(served, command)(**details)) + "\n")
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    _serve()
