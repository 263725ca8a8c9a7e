"""Time one photograph, cold and warm, beside Keras, and many from the command line."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from bench.figure import NAME, WEIGHTS, Figure, measured_classifier, taking_turns
from models.photograph import upright_rgb
from models.serving import NetworkClassifier
from tests.pictures import jpeg

BATCH = 16  # photographs
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


def product(picture: Image.Image) -> list[Figure]:
    """Time a first prediction, loading, one photograph with all that is answered of it, and many."""
    return [*_cold_start(picture), *_photographs(picture)]


def _cold_start(picture: Image.Image) -> list[Figure]:
    """Time the first prediction of a new process, by LiteRT and by Keras."""
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


def _photographs(picture: Image.Image) -> list[Figure]:
    """Time loading, one photograph with all its views, and what each of a batch adds to the command line."""
    classifier, photograph = measured_classifier(), upright_rgb(picture)
    times = taking_turns(
        load=lambda: NetworkClassifier.load(classifier.card, WEIGHTS / NAME, threads=2),
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
