"""Engines: a network is run by another one than LiteRT only where that answers the same, and is worth it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.card import read_card
from models.compile import to_litert
from models.engines import kept
from models.engines.alike import pictures, require_alike
from models.engines.base import Builder, Engine, EngineError, Network
from models.engines.fitting import AUTO, OPENVINO, TURNS, Fitting
from models.engines.litert import LiteRtEngine
from models.engines.openvino import OpenVinoEngine
from models.held import held, hold
from models.keras_engine import with_explanation
from models.registry import Registry
from tests.models.conftest import NAME
from tests.models.test_members import PX, tiny_network
from tests.pictures import lesion_picture

CAPTURED: dict[str, Any] = {"capture_output": True, "text": True}
PROOF = np.zeros((1, 1), np.float32)


class Clock:
    """A clock that passes take their time from."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class FakeEngine:
    """Answers a number, and takes its time."""

    def __init__(self, name: str, clock: Clock, seconds: float, answer: float) -> None:
        self.name, self._clock, self._seconds, self._answer = name, clock, seconds, answer

    def run(self, _image: np.ndarray) -> Mapping[str, np.ndarray]:
        self._clock.now += self._seconds
        return {"logits": np.array([self._answer], np.float32)}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fit(clock: Clock, tmp_path: Path) -> Callable[..., str]:
    """Say which engine is taken: LiteRT takes a tenth of a second, the other as long as one says."""

    def fitted(
        wanted: str, *, seconds: float = 0.05, answer: float = 1.0, sha256: str = "a", threads: int = 2,
        other: Builder | None = None,
    ) -> str:  # fmt: skip
        fitting = Fitting(
            wanted, tmp_path / "engines.json", clock=clock,
            reference=lambda _network, _threads: FakeEngine("litert", clock, 0.1, 1.0),
            others={OPENVINO: other or (lambda _network, _threads: FakeEngine(OPENVINO, clock, seconds, answer))},
        )  # fmt: skip
        return fitting.engine(b"network", sha256, threads, lambda: PROOF).name

    return fitted


@pytest.fixture(scope="module")
def tiny() -> bytes:
    """A network that sees eight views, for which it mirrors along two axes at once."""
    return to_litert(with_explanation([tiny_network()], PX, "unit", ["conv"], views=8))


def test_another_engine_answers_the_same_of_the_same_file(tiny: bytes) -> None:
    reference, other = LiteRtEngine(tiny, 1), OpenVinoEngine(tiny, 1)

    require_alike(reference, other, pictures(PX, "unit"))

    image = pictures(PX, "unit")[:1]
    assert other.run(image).keys() == reference.run(image).keys() >= {"logits", "embedding", "class_maps"}


class Answering:
    """An engine that always answers the same."""

    def __init__(self, **answer: list[float]) -> None:
        self.name = "fake"
        self._answer = {name: np.array([numbers], np.float32) for name, numbers in answer.items()}

    def run(self, _image: np.ndarray) -> dict[str, np.ndarray]:
        return self._answer


@pytest.mark.parametrize(
    ("found", "alike"),
    [
        ({"logits": [9.0004, 0.1], "middle": [0.5]}, True),  # as a share of 9
        ({"logits": [9.0, 0.1], "middle": [0.50004]}, True),
        ({"logits": [9.0005, 0.1], "middle": [0.5]}, False),
        ({"logits": [9.0, 0.1], "middle": [0.5001]}, False),
        ({"logits": [9.0, 0.1], "middle": [float("nan")]}, False),
        ({"logits": [9.0, 0.1]}, False),
    ],
)
def test_engines_are_alike_if_no_number_differs_by_more_than_rounding(
    found: dict[str, list[float]], alike: bool
) -> None:
    reference: Any = Answering(logits=[9.0, 0.1], middle=[0.5])
    other: Any = Answering(**found)

    if alike:
        require_alike(reference, other, pictures(PX, "unit"))
    else:
        with pytest.raises(EngineError):
            require_alike(reference, other, pictures(PX, "unit"))


def test_a_file_that_is_no_network_is_an_error_of_the_engine(tiny: bytes) -> None:
    with pytest.raises(EngineError):
        OpenVinoEngine(b"\x1c\x00\x00\x00TFL3" + bytes(200), 1)


def test_the_same_photograph_is_answered_alike_by_a_classifier_on_another_engine(trained: Path) -> None:
    photograph = lesion_picture(seed=3)

    ours = Registry(trained)[NAME].predict(photograph)
    classifier = Registry(trained, fitting=Fitting(OPENVINO))[NAME]
    theirs = classifier.predict(photograph)

    assert classifier.engine == OPENVINO  # type: ignore[attr-defined]
    assert theirs.label == ours.label
    assert theirs.probabilities == pytest.approx(ours.probabilities, abs=1e-5)
    assert np.abs(np.subtract(theirs.heatmap, ours.heatmap)).max() < 1e-3


@pytest.mark.parametrize(("seconds", "taken"), [(0.05, OPENVINO), (0.095, "litert"), (0.2, "litert")])
def test_what_is_clearly_faster_is_taken_and_litert_otherwise(
    fit: Callable[..., str], seconds: float, taken: str
) -> None:
    assert fit(AUTO, seconds=seconds) == taken


@pytest.mark.parametrize("wanted", [AUTO, OPENVINO])
@pytest.mark.parametrize("answer", [1.001, float("nan")])
def test_an_engine_that_answers_otherwise_never_serves(
    fit: Callable[..., str], caplog: pytest.LogCaptureFixture, wanted: str, answer: float
) -> None:
    assert fit(wanted, answer=answer) == "litert"
    assert "engine_not_used engine=openvino" in caplog.text


def test_an_engine_that_is_not_installed_is_not_taken(fit: Callable[..., str]) -> None:
    def missing(_network: Network, _threads: int) -> Engine:
        raise ImportError

    assert fit(AUTO, other=missing) == "litert"
    assert fit(OPENVINO, other=missing) == "litert"


def test_a_measurement_takes_a_second_and_is_kept(fit: Callable[..., str], clock: Clock) -> None:
    fit(AUTO)
    first = clock.now
    fit(AUTO)

    assert 1.0 <= first < 2.0
    assert clock.now - first == pytest.approx(0.1 + 0.05)  # to prove that it still answers the same


@pytest.mark.parametrize("change", ["network", "threads", "processor", "versions", "damaged"])
def test_it_is_measured_again_once_anything_has_changed(
    fit: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: str
) -> None:
    fit(AUTO, seconds=0.05)
    if change in {"processor", "versions"}:
        monkeypatch.setattr(kept, change, lambda: "another")
    elif change == "damaged":
        (tmp_path / "engines.json").write_text('{"half')

    changed = {"sha256": "b"} if change == "network" else {"threads": 1} if change == "threads" else {}

    assert fit(AUTO, seconds=0.3, **changed) == "litert"


def test_a_choice_that_somebody_has_written_is_believed_no_more_than_the_setting(
    fit: Callable[..., str], tmp_path: Path
) -> None:
    fit(AUTO)
    file = tmp_path / "engines.json"
    file.write_text(file.read_text().replace('"engine": "openvino"', '"engine": "os.system"'))

    assert fit(AUTO) == "litert"


def test_a_folder_that_is_missing_only_means_that_nothing_is_kept(clock: Clock, tmp_path: Path) -> None:
    fitting = Fitting(
        AUTO, tmp_path / "gone" / "engines.json", clock=clock, others={},
        reference=lambda _network, _threads: FakeEngine("litert", clock, 0.1, 1.0),
    )  # fmt: skip

    assert fitting.engine(b"network", "a", 1, lambda: PROOF).name == "litert"
    assert clock.now == pytest.approx(TURNS * 0.1)


def test_what_is_kept_says_what_was_measured(fit: Callable[..., str], tmp_path: Path) -> None:
    fit(AUTO)

    [(circumstances, found)] = json.loads((tmp_path / "engines.json").read_text()).items()
    assert json.loads(circumstances)["network"] == "a"
    assert found == {"engine": OPENVINO, "milliseconds": {"litert": 100.0, OPENVINO: 50.0}}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux seals memory")
def test_a_network_that_is_held_is_run_and_nobody_can_change_it(tiny: bytes) -> None:
    assert hold(tiny, "tiny")
    place = held("tiny")

    assert place is not None
    assert place.read_bytes() == tiny
    image = pictures(PX, "unit")[:1]
    mapped, read = LiteRtEngine(place, 1).run(image), LiteRtEngine(tiny, 1).run(image)
    np.testing.assert_array_equal(mapped["logits"], read["logits"])
    for change in ("wb", "r+b"):
        with pytest.raises(OSError, match="not permitted"):
            _write_into(place, change)


def _write_into(place: Path, how: str) -> None:
    with place.open(how) as file:
        file.write(b"x")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux seals memory")
def test_a_network_is_held_for_processes_that_are_forked_and_for_no_other(trained: Path) -> None:
    program = """
import os, subprocess, sys
from pathlib import Path
from models.card import NETWORK, read_card
from models.held import held
from models.registry import hold_network
folder = Path(sys.argv[1])
assert hold_network(folder)
sha256 = read_card(folder).files[NETWORK]
(folder / NETWORK).rename(folder / "moved")  # who holds it needs no file
try:
    if not (pid := os.fork()):
        os._exit(held(sha256).read_bytes() != (folder / "moved").read_bytes())
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
finally:
    (folder / "moved").rename(folder / NETWORK)
listed = subprocess.run(["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, close_fds=False).stdout
assert "memfd" not in listed, listed
"""

    done = subprocess.run([sys.executable, "-c", program, str(trained / NAME)], check=False, **CAPTURED)

    assert done.returncode == 0, done.stderr
    assert read_card(trained / NAME).name == NAME


def test_an_engine_tells_its_maker_nothing() -> None:
    program = "import sys; from models.engines.openvino import silent_openvino; silent_openvino()\n"
    program += "assert not [name for name in sys.modules if name.startswith('openvino_telemetry.')]"

    done = subprocess.run([sys.executable, "-c", program], check=False, **CAPTURED)

    assert done.returncode == 0, done.stderr
