"""Runs of the bench are compared by what each was measured against, not by the times of two machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import record
from bench.__main__ import _parser
from bench.compare import main
from bench.figure import Figure
from bench.multiply_adds import multiply_adds
from models.card import NETWORK, read_card
from tests.unit.test_repository import ROOT

LIMIT = "physical limit, 1 thread"
WEIGHTS = ROOT / "models" / "weights"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Write the figures of a run on a machine, and return the file."""

    def written(machine: str, *figures: Figure) -> str:
        monkeypatch.setattr(record, "processor", lambda: machine)
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        record.write(file, {"engines": figures}, {"tests": 1})
        return str(file)

    return written


def times(limit: float, ours: float) -> tuple[Figure, Figure]:
    return Figure.of(LIMIT, [limit, limit, 9 * limit]), Figure("one picture", ours, "ms", reference=LIMIT)


def test_a_slower_machine_is_no_slower_program(run: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    status = main([run("fast", *times(10, 15)), run("slow", *times(40, 60))])

    assert status == 0
    assert f"1.00        per {LIMIT}" in capsys.readouterr().out


def test_what_has_become_slower_than_its_reference_is_told(
    run: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([run("fast", *times(10, 15)), run("slow", *times(40, 90))])

    assert status == 1
    assert "1.50 WORSE" in capsys.readouterr().out


def test_how_much_is_allowed_can_be_said(run: Callable[..., str]) -> None:
    runs = [run("a", *times(10, 15)), run("a", *times(10, 18))]

    assert main(runs) == 1
    assert main([*runs, "--most", "1.25"]) == 0


def test_of_what_should_be_many_fewer_is_worse(run: Callable[..., str]) -> None:
    assert main([run("a", Figure("pictures", 30, "/s")), run("a", Figure("pictures", 20, "/s"))]) == 1
    assert main([run("a", Figure("pictures", 20, "/s")), run("a", Figure("pictures", 30, "/s"))]) == 0


def test_times_without_a_reference_say_nothing_of_another_machine_and_memory_does(run: Callable[..., str]) -> None:
    slow = [Figure("loading", 10, "ms"), Figure("memory", 100, "MB")]
    large = [Figure("loading", 90, "ms"), Figure("memory", 100, "MB")]

    assert main([run("a", *slow), run("b", *large)]) == 0
    assert main([run("a", *slow), run("a", *large)]) == 1
    assert main([run("a", Figure("memory", 100, "MB")), run("b", Figure("memory", 200, "MB"))]) == 1


@pytest.mark.parametrize("content", ["", "[]", '[{"what": "x"}]', '{"schema": 99}', '{"schema": 1}'])
def test_a_file_without_figures_is_refused(run: Callable[..., str], tmp_path: Path, content: str) -> None:
    other = tmp_path / "other.json"
    other.write_text(content)

    assert main([run("a", *times(1, 2)), str(other)]) == 2


def test_runs_that_have_nothing_in_common_are_not_called_alike(run: Callable[..., str]) -> None:
    assert main([run("a", Figure("one", 1, "ms")), run("a", Figure("other", 1, "ms"))]) == 2


def test_a_run_says_of_what_it_is_and_not_where(run: Callable[..., str]) -> None:
    content = json.loads(Path(run("a processor", *times(1, 2))).read_text())

    assert set(content) == {
        "schema", "commit", "changed_since", "date", "machine", "versions", "arguments", "figures",
    }  # fmt: skip
    assert set(content["machine"]) == {"processor", "memory_gb", "system"}
    assert content["figures"][0]["samples"] == [1.0, 1.0, 9.0]
    assert content["figures"][0]["value"] == 1.0


@pytest.mark.parametrize("arguments", [["--only", "engines,nothing"], ["--batch", "149"]])
def test_what_cannot_be_measured_is_refused_before_anything_is(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        _parser().parse_args(arguments)

    assert _parser().parse_args(["--only", "site,batch", "--batch", "150"]).only == ["site", "batch"]


def test_multiply_adds_of_the_shipped_network_are_those_of_its_architecture() -> None:
    card = read_card(WEIGHTS / "mobilenetv2-ham7")

    counted = multiply_adds((WEIGHTS / card.name / NETWORK).read_bytes())

    backbone = 0.3e9  # Sandler et al., CVPR 2018, table 4
    features, hidden, classes = 1280, 1024, 7
    answer, gradients = (features + classes) * hidden, classes * hidden * features  # each logit is led back by itself
    maps = 7 * 7 * features * classes  # of each place
    assert counted / card.views == pytest.approx(backbone + answer + gradients + maps, rel=0.01)
