"""Time the site over HTTP, as it is run, and read the memory of its processes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import psutil
from PIL import Image

from bench.figure import Figure, measured_classifier, taking_turns
from models.photograph import upright_rgb
from models.preprocessing import square_pixels
from tests.pictures import jpeg, lesion_picture

NETWORK = "network while the site is measured"


def site(picture: Image.Image) -> list[Figure]:
    """Time uploads and reports over HTTP, and read the memory of the web processes, on the site as it is run."""
    classifier = measured_classifier()
    pixels = square_pixels(upright_rgb(picture), classifier.card.input_px)[np.newaxis]
    file, large = jpeg(picture), jpeg(lesion_picture(size=(1000, 750)).resize((4000, 3000)))
    with running_site() as (address, process, _), httpx.Client(base_url=address, timeout=30) as client:
        token = register(client)
        result = _upload(client, token, file)
        times = taking_turns(
            network=lambda: classifier.outputs(pixels),
            upload=lambda: _upload(client, token, file),
            report=lambda: client.get(f"{result}/report.pdf").raise_for_status(),
            page=lambda: client.get(result).raise_for_status(),
            history=lambda: client.get("/previous_tests").raise_for_status(),
        )
        memory = _largest_process(process)
        times |= taking_turns(large=lambda: _upload(client, token, large))
        stretched = _largest_process(process)
    bound = 2.5 * times["network"] + 30
    return [
        Figure(NETWORK, times["network"], "ms"),
        Figure(
            "upload to answer",
            times["upload"],
            "ms",
            f"<= 2.5 x network + 30 = {bound:.0f} ms",
            times["upload"] <= bound,
            NETWORK,
        ),
        *_first_answers(file),
        Figure("upload to answer, 12 megapixels", times["large"], "ms", reference=NETWORK),
        Figure("report", times["report"], "ms", "<= 100 ms", times["report"] <= 100, NETWORK),
        Figure("result page", times["page"], "ms", reference=NETWORK),
        Figure("history page", times["history"], "ms", reference=NETWORK),
        Figure("largest process of the site, classifier loaded", memory, "MB", "<= 350 MB", memory <= 350),
        Figure("  the same after uploads of 12 megapixels", stretched, "MB", "<= 450 MB", stretched <= 450),
    ]


def _first_answers(file: bytes) -> Iterator[Figure]:
    """Time the first photograph of a site that has just started, with its classifier loaded before, and without."""
    for warm, what in (("true", "first upload to answer, warm start"), ("false", "  the same without")):
        settings = {"LENTIGO_WARM_UP": warm, "LENTIGO_WEB_WORKERS": "1"}
        with running_site(settings) as (address, _, _), httpx.Client(base_url=address, timeout=30) as client:
            token = register(client)
            start = time.perf_counter()
            _upload(client, token, file)
            yield Figure(what, 1000 * (time.perf_counter() - start), "ms", reference=NETWORK)


def _largest_process(site: psutil.Process) -> float:
    return max(child.memory_info().rss for child in site.children(recursive=True)) / 1e6


@contextmanager
def running_site(further: Mapping[str, str] | None = None) -> Iterator[tuple[str, psutil.Process, Path]]:
    """Run a new site; yield its address, the process that runs it, and the folder that it keeps everything in."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as instance:
        place = {"LENTIGO_INSTANCE": instance, "LENTIGO_PORT": str(port)}
        settings = {**place, "LENTIGO_LOG_LEVEL": "WARNING", **(further or {})}
        flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
        environment = {**os.environ, **settings}
        subprocess.run([*flask, "db", "upgrade"], check=True, env=environment, capture_output=True)
        with subprocess.Popen([*flask, "serve"], env=environment, stdout=subprocess.DEVNULL) as server:
            address = f"http://127.0.0.1:{port}"
            try:
                _wait_for(address)
                yield address, psutil.Process(server.pid), Path(instance)
            finally:
                server.terminate()


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            httpx.get(f"{address}/readyz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


def register(client: httpx.Client, name: str = "bench") -> str:
    """Create an account and return the token that its forms carry."""
    password = os.urandom(12).hex()
    person = {"name": "Bench", "email": f"{name}@example.org", "password": password, "confirm": password}
    answer = client.post("/register", data={**person, "csrf_token": csrf_token(client, "/register")})
    assert answer.status_code == 303, answer.status_code
    return csrf_token(client, "/prediction")


def _upload(client: httpx.Client, token: str, file: bytes) -> str:
    data = {"patient_name": "Bench", "csrf_token": token}
    answer = client.post("/prediction", data=data, files={"image": ("lesion.jpg", file, "image/jpeg")})
    assert answer.status_code == 303, answer.status_code
    return str(answer.headers["Location"])


def csrf_token(client: httpx.Client, path: str) -> str:
    """Return the token of the forms on a page."""
    field = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert field is not None, path
    return field[1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
