"""``make bench``: the product beside its alternatives, measured in one run; a table, and ``bench.json``."""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image

from models.architectures import ARCHITECTURES, build_network
from models.card import read_card
from models.labels import HAM7
from models.photograph import upright_rgb
from models.preprocessing import scale, square_pixels
from models.registry import Registry
from models.serving import LiteRtClassifier
from models.training.recipes import Recipe, Stage
from models.training.splits import Photograph
from tests.pictures import jpeg, lesion_picture

NAME = "mobilenetv2-ham7"
WEIGHTS = Path("models/weights")
REPEATS = 40
BATCH = 16  # photographs
PX, STEPS = 128, 10  # of training: side of a square, steps an epoch
TRAINING = Recipe(stages=(Stage(PX, 3),), validate_every=99, recalibration_images=0)  # 3 epochs in batches of 32
COLD = """
import sys, time
start = time.perf_counter()
from pathlib import Path
from PIL import Image
from models.photograph import upright_rgb
from models.registry import Registry
Registry(Path("models/weights"))["mobilenetv2-ham7"].predict(upright_rgb(Image.open(sys.argv[1])))
print(time.perf_counter() - start)
"""
COLD_KERAS = """
import sys, time
start = time.perf_counter()
from pathlib import Path
from PIL import Image
from models.card import read_card
from models.keras_engine import served_network
from models.preprocessing import scale, square_pixels
folder = Path("models/weights/mobilenetv2-ham7")
network = served_network(read_card(folder), folder)
network.predict(scale(square_pixels(Image.open(sys.argv[1]), 224)[None].astype("float32"), "minus1to1"), verbose=0)
print(time.perf_counter() - start)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; times are medians."""

    what: str
    value: float
    unit: str
    limit: str = ""
    within: bool | None = None


def main() -> int:
    """Measure everything, print the table, write ``bench.json``; 1 if a limit is not kept."""
    picture = lesion_picture()
    figures = [*_start(picture), *_engines(picture), *_photographs(picture), *_training(), *_site(picture)]
    for figure in figures:
        verdict = {True: "kept", False: "NOT KEPT", None: ""}[figure.within]
        print(f"{figure.what:52} {figure.value:9.1f} {figure.unit:5} {figure.limit:34} {verdict}")
    Path("bench.json").write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    return int(any(figure.within is False for figure in figures))


def _start(picture: Image.Image) -> list[Figure]:
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(jpeg(picture))
        file.flush()
        ours, keras = (1000 * _timed_by_itself(program, file.name) for program in (COLD, COLD_KERAS))
    return [
        Figure("first prediction after a cold start", ours, "ms", "<= 1000 ms", ours <= 1000),
        Figure("  the same with Keras", keras, "ms"),
    ]


def _timed_by_itself(program: str, path: str) -> float:
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    runs = [
        subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True, env=quiet)
        for _ in range(3)
    ]
    return statistics.median(float(run.stdout) for run in runs)


def _engines(picture: Image.Image) -> list[Figure]:
    """Time one prediction by LiteRT, by Keras, and by a compiled TensorFlow function, taking turns."""
    from models.keras_engine import served_network

    classifier = _classifier()
    network = served_network(read_card(WEIGHTS / NAME), WEIGHTS / NAME)
    pixels = square_pixels(upright_rgb(picture), classifier.card.input_px)[np.newaxis]
    image = scale(pixels.astype(np.float32), classifier.card.scaling)
    compiled = _tf_function(network)
    times = _taking_turns(
        litert=lambda: classifier.outputs(pixels),
        predict=lambda: network.predict(image, verbose=0),
        function=lambda: compiled(image),
    )
    ratio = times["predict"] / times["litert"]
    return [
        Figure("network, LiteRT (class maps included)", times["litert"], "ms"),
        Figure("network, keras.Model.predict", times["predict"], "ms", f"LiteRT takes 1/{ratio:.1f}", ratio >= 3),
        Figure("network, tf.function", times["function"], "ms"),
    ]


def _tf_function(network: Any) -> Callable[[Any], Any]:
    import tensorflow as tf

    function: Callable[[Any], Any] = tf.function(lambda image: network(image, training=False))
    return function


def _taking_turns(**actions: Callable[[], object]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(REPEATS):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(values[3:]) for name, values in times.items()}


def _photographs(picture: Image.Image) -> list[Figure]:
    """Time loading, one photograph with all its views, and what each of a batch adds to the command line."""
    classifier, photograph = _classifier(), upright_rgb(picture)
    times = _taking_turns(
        load=lambda: LiteRtClassifier.load(classifier.card, WEIGHTS / NAME, threads=2),
        predict=lambda: classifier.predict(photograph),
    )
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{i}.jpg") for i in range(3 * BATCH)]
        for file in files:
            file.write_bytes(jpeg(picture))
        one, three = (statistics.median(_command(files[:n]) for _ in range(3)) for n in (BATCH, 3 * BATCH))
    rate = 2 * BATCH / (three - one)
    return [
        Figure("classifier, loading", times["load"], "ms", "<= 500 ms", times["load"] <= 500),
        Figure("one photograph, all views, quality", times["predict"], "ms", "<= 60 ms", times["predict"] <= 60),
        Figure(f"command line, batches of {BATCH}", rate, "/s", ">= 20 photographs/s", rate >= 20),
    ]


def _command(files: list[Path]) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "models", "predict", "--model", NAME, *map(str, files)]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def _training() -> list[Figure]:
    """Time a step of our training, and of a bare Keras `fit` of the same network on squares that are there already."""
    with tempfile.TemporaryDirectory() as folder:
        ours = _step_of_ours(Path(folder))
    bare = _step_of_fit()
    kept = ours <= 1.3 * bare
    return [
        Figure(
            "training step, MobileNetV2, 32 x 128 px", ours, "ms", f"{ours / bare:.2f} of Keras's fit, <= 1.3", kept
        ),
        Figure("  the same with keras.Model.fit", bare, "ms"),
    ]


def _step_of_ours(folder: Path) -> float:
    """Train on drawn photographs; return milliseconds a step once the first epoch has compiled everything."""
    from models.training.loop import Trainer, TrainingData

    names = [f"{i:04}" for i in range(STEPS * TRAINING.batch)]
    for i, name in enumerate(names):
        lesion_picture(seed=i, size=(PX, PX)).save(folder / f"{name}.jpg")
    photographs = [Photograph(name, name, HAM7.codes[i % 7], "train") for i, name in enumerate(names)]
    data = TrainingData(photographs, photographs, folder)
    trainer = Trainer(ARCHITECTURES["mobilenetv2"], HAM7, TRAINING.with_epochs(1), data, folder)
    trainer.run()
    trainer.recipe = TRAINING
    start = time.perf_counter()
    trainer.run()  # goes on with the second epoch
    return 1000 * (time.perf_counter() - start) / ((TRAINING.epochs - 1) * STEPS)


def _step_of_fit() -> float:
    """Return milliseconds a step of a bare `fit`, once the first epoch has compiled everything."""
    import keras

    network = build_network(ARCHITECTURES["mobilenetv2"], len(HAM7.codes))
    network.compile(keras.optimizers.AdamW(1e-4), keras.losses.CategoricalCrossentropy(from_logits=True))
    rng = np.random.default_rng(0)
    squares = rng.random((STEPS * TRAINING.batch, PX, PX, 3), dtype=np.float32)
    labels = np.eye(7, dtype=np.float32)[rng.integers(0, 7, len(squares))]
    network.fit(squares, labels, TRAINING.batch, epochs=1, verbose=0)
    start = time.perf_counter()
    network.fit(squares, labels, TRAINING.batch, epochs=TRAINING.epochs - 1, verbose=0)
    return 1000 * (time.perf_counter() - start) / ((TRAINING.epochs - 1) * STEPS)


def _classifier() -> LiteRtClassifier:
    classifier = Registry(WEIGHTS)[NAME]
    assert isinstance(classifier, LiteRtClassifier)
    return classifier


def _site(picture: Image.Image) -> list[Figure]:
    """Time uploads and reports over HTTP, and read the memory of the web processes, on the site as it is run."""
    classifier = _classifier()
    pixels = square_pixels(upright_rgb(picture), classifier.card.input_px)[np.newaxis]
    file, large = jpeg(picture), jpeg(lesion_picture(size=(1000, 750)).resize((4000, 3000)))
    with _running_site() as (address, process), httpx.Client(base_url=address, timeout=30) as client:
        token = _register(client)
        result = _upload(client, token, file)
        times = _taking_turns(
            network=lambda: classifier.outputs(pixels),
            upload=lambda: _upload(client, token, file),
            report=lambda: client.get(f"{result}/report.pdf").raise_for_status(),
            page=lambda: client.get(result).raise_for_status(),
            history=lambda: client.get("/previous_tests").raise_for_status(),
        )
        memory = _largest_process(process)
        times |= _taking_turns(large=lambda: _upload(client, token, large))
        stretched = _largest_process(process)
    bound = 2.5 * times["network"] + 30
    return [
        Figure("network while the site is measured", times["network"], "ms"),
        Figure(
            "upload to answer",
            times["upload"],
            "ms",
            f"<= 2.5 x network + 30 = {bound:.0f} ms",
            times["upload"] <= bound,
        ),
        Figure("upload to answer, 12 megapixels", times["large"], "ms"),
        Figure("report", times["report"], "ms", "<= 100 ms", times["report"] <= 100),
        Figure("result page", times["page"], "ms"),
        Figure("history page", times["history"], "ms"),
        Figure("largest process of the site, classifier loaded", memory, "MB", "<= 350 MB", memory <= 350),
        Figure("  the same after uploads of 12 megapixels", stretched, "MB"),
    ]


def _largest_process(site: psutil.Process) -> float:
    return max(child.memory_info().rss for child in site.children(recursive=True)) / 1e6


@contextmanager
def _running_site() -> Iterator[tuple[str, psutil.Process]]:
    port = _free_port()
    with tempfile.TemporaryDirectory() as instance:
        settings = {"LENTIGO_INSTANCE": instance, "LENTIGO_PORT": str(port)}
        flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
        environment = {**os.environ, **settings}
        subprocess.run([*flask, "db", "upgrade"], check=True, env=environment, capture_output=True)
        with subprocess.Popen([*flask, "serve"], env=environment, stdout=subprocess.DEVNULL) as server:
            address = f"http://127.0.0.1:{port}"
            try:
                _wait_for(address)
                yield address, psutil.Process(server.pid)
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


def _register(client: httpx.Client) -> str:
    """Create an account and return the token that its forms carry."""
    password = os.urandom(12).hex()
    person = {"name": "Bench", "email": "bench@example.org", "password": password, "confirm": password}
    answer = client.post("/register", data={**person, "csrf_token": _token(client, "/register")})
    assert answer.status_code == 303, answer.status_code
    return _token(client, "/prediction")


def _upload(client: httpx.Client, token: str, file: bytes) -> str:
    data = {"patient_name": "Bench", "csrf_token": token}
    answer = client.post("/prediction", data=data, files={"image": ("lesion.jpg", file, "image/jpeg")})
    assert answer.status_code == 303, answer.status_code
    return str(answer.headers["Location"])


def _token(client: httpx.Client, path: str) -> str:
    field = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert field is not None, path
    return field[1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
