"""The measured network in the forms that other engines read, made of its Keras weights, for any number of pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from bench.figure import NAME, WEIGHTS
from models.card import read_card
from models.engines.alike import smooth_noise
from models.preprocessing import scale

PICTURES = 16
EXPORT = """
import sys
from pathlib import Path
import tensorflow as tf
from models.card import read_card
from models.keras_engine import served_network
weights, out = Path(sys.argv[1]), Path(sys.argv[2])
served_network(read_card(weights), weights).export(out / "saved", format="tf_saved_model", verbose=False)
converter = tf.lite.TFLiteConverter.from_saved_model(str(out / "saved"))
(out / "batch.tflite").write_bytes(converter.convert())
"""


def make_networks(folder: Path) -> None:
    """Write ``batch.tflite``, ``batch.onnx`` and ``images.npy`` (16, px, px, 3) into a folder."""
    card = read_card(WEIGHTS / NAME)
    pixels = smooth_noise(card.input_px, PICTURES).astype(np.float32)
    np.save(folder / "images.npy", scale(pixels, card.scaling).astype(np.float32))
    _run("-c", EXPORT, str(WEIGHTS / NAME), str(folder))
    onnx = str(folder / "batch.onnx")
    _run("-m", "tf2onnx.convert", "--saved-model", str(folder / "saved"), "--output", onnx, "--opset", "17")


def _run(*command: str) -> None:
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, *command], check=False, capture_output=True, text=True, env=quiet)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
