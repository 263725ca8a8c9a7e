"""A classifier that every test of `models` may use: trained for seconds on drawn lesions, compiled and calibrated."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.training.tables import METADATA
from tests.pictures import lesion_picture

ROOT = Path(__file__).parents[2]
CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
NAME = "mobilenetv2-ham7"
PX = 32


@dataclass(frozen=True)
class Shell:
    """How a command of `python -m models` ended."""

    status: int
    out: str
    err: str


def run_models(*arguments: object) -> Shell:
    process = start_models(*arguments)
    out, err = process.communicate()
    return Shell(process.returncode, out, err)


def start_models(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "models", *map(str, arguments)]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=quiet, stdout=pipe, stderr=pipe, text=True)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 56 drawn photographs with a split file: 4 to train, 2 to validate, 2 to test for each class.

    Their patients are the older, the further down their class is; all but the last have a face.
    """
    folder = tmp_path_factory.mktemp("drawn")
    parts = ("train",) * 4 + ("validation",) * 2 + ("test",) * 2
    with (folder / "drawn.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image_id", "lesion_id", "label", "part"])
        for index in range(len(CODES) * len(parts)):
            lesion_picture(seed=index, size=(60, 45)).save(folder / f"DRAWN_{index:04}.jpg")
            writer.writerow([f"DRAWN_{index:04}", f"L{index}", CODES[index % 7], parts[index // 7]])
    with (folder / METADATA).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"])
        for index in range(len(CODES) * len(parts)):
            place = index % 7
            site = "back" if place == len(CODES) - 1 else "face"
            sex = ("female", "male")[index % 2]
            writer.writerow([f"L{index}", f"DRAWN_{index:04}", CODES[place], "histo", 20 + 10 * place, sex, site])
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Path:
    """A weights folder with one classifier that went through train, compile and calibrate."""
    out = tmp_path_factory.mktemp("weights")
    split = drawn / "drawn.csv"
    for arguments in (
        ("train", NAME, "--data", drawn, "--out", out, "--split", split, "--recipe", "smoke"),
        ("compile", NAME, "--weights", out),
        ("calibrate", NAME, "--data", drawn, "--weights", out, "--split", split),
    ):
        done = run_models(*arguments)
        assert done.status == 0, done.err
    return out
