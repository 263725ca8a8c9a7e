"""The grid of trainings: what each cell learns from, what is trained again, and the table that it ends with."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from models.__main__ import main
from models.card import Card, read_card, write_card
from models.labels import BINARY, HAM7
from models.training import splits
from models.training.sweep import (
    BATCHES,
    DROPOUTS,
    RECORD,
    SHARES,
    SPLIT,
    TABLE,
    Cell,
    Sweep,
    SweepError,
    deal,
    grid,
    outcome,
    run,
)
from models.training.sweep_table import Outcome, to_markdown
from tests.models.conftest import NAME

ASKED = Sweep(NAME, recipe="smoke")
TWO_CELLS = [Cell(0.4, 8, 70), Cell(0.5, 8, 80)]


@dataclass
class FakeTrainer:
    """Writes the card that a training ends with, or breaks off; keeps count."""

    accuracies: dict[str, float] = field(default_factory=dict)
    breaks_at: str = ""
    trained: list[str] = field(default_factory=list)
    folders: set[Path] = field(default_factory=set)

    def __call__(self, sweep: Sweep, cell: Cell, split: Path, data: Path, folder: Path) -> None:
        self.trained.append(cell.folder)
        self.folders.add(data)
        if cell.folder == self.breaks_at:
            raise KeyboardInterrupt
        accuracy = self.accuracies.get(cell.folder, 0.5)
        history = [{"epoch": 1, "validation_accuracy": accuracy, "validation_balanced_accuracy": accuracy / 2}]
        write(folder / sweep.name, {"split": split.stem, "keep_best": False, "history": history})


def write(folder: Path, training: dict[str, object]) -> None:
    folder.mkdir(parents=True)
    card = Card(
        name=folder.name,
        title="",
        version="1",
        architecture="mobilenetv2",
        input_px=32,
        views=1,
        scaling="raw",
        classes=HAM7.codes,
        parameters=1,
        training=training,
    )
    write_card(folder, card)


def test_the_grid_is_that_of_the_source() -> None:
    cells = grid(DROPOUTS, BATCHES, SHARES)

    assert len({cell.folder for cell in cells}) == 18
    assert cells[0].folder == "dropout-0.4_batch-16_train-70"
    assert cells[-1].folder == "dropout-0.6_batch-64_train-80"


def test_another_training_share_is_refused() -> None:
    with pytest.raises(SweepError, match="a training share is 70 or 80 percent, not 75"):
        grid(DROPOUTS, BATCHES, [70, 75])


def test_both_shares_are_measured_on_the_same_photographs_and_neither_sees_a_test_photograph() -> None:
    dealt = deal(SPLIT, HAM7)

    validation = {share: {p.image_id for p in dealt[share] if p.part == "validation"} for share in SHARES}
    test = {photograph.image_id for photograph in splits.for_testing(SPLIT)}
    assert validation[70] == validation[80]
    assert not test & {photograph.image_id for share in SHARES for photograph in dealt[share]}
    assert [Counter(p.part for p in dealt[share]) for share in SHARES] == [
        {"train": 7011, "validation": 501},
        {"train": 8012, "validation": 501},
    ]


def test_the_larger_share_holds_the_smaller_one() -> None:
    dealt = deal(SPLIT, HAM7)

    train = [{p.image_id for p in dealt[share] if p.part == "train"} for share in SHARES]

    assert train[0] < train[1]


def test_the_same_split_is_always_dealt_alike() -> None:
    assert deal(SPLIT, HAM7) == deal(SPLIT, HAM7)


def test_a_finished_cell_is_skipped_and_an_unfinished_one_goes_on(drawn: Path, tmp_path: Path) -> None:
    asked = Sweep(NAME, recipe="smoke", split=str(drawn / "drawn.csv"))
    broken, again, told = FakeTrainer(breaks_at=TWO_CELLS[1].folder), FakeTrainer(), []
    with pytest.raises(KeyboardInterrupt):
        run(asked, TWO_CELLS, drawn, tmp_path, train=broken, tell=told.append)

    outcomes = run(asked, TWO_CELLS, drawn, tmp_path, train=again, tell=told.append)

    assert broken.trained == [cell.folder for cell in TWO_CELLS]
    assert again.trained == [TWO_CELLS[1].folder]
    assert again.folders == {drawn}
    assert len(outcomes) == 2
    assert "1/2 dropout-0.4_batch-8_train-70: finished before" in told


def test_a_half_written_card_does_not_count_as_finished(drawn: Path, tmp_path: Path) -> None:
    asked = Sweep(NAME, recipe="smoke", split=str(drawn / "drawn.csv"))
    folder = tmp_path / TWO_CELLS[0].folder / NAME
    write(folder, {})
    (folder / "card.json").write_text('{"name": ')

    with pytest.raises(FileExistsError):  # of the fake, which was asked to train it
        run(asked, TWO_CELLS[:1], drawn, tmp_path, train=FakeTrainer(), tell=str)


def test_a_folder_with_another_sweep_is_refused(drawn: Path, tmp_path: Path) -> None:
    split = str(drawn / "drawn.csv")
    run(Sweep(NAME, "smoke", split), TWO_CELLS, drawn, tmp_path, train=FakeTrainer(), tell=str)

    with pytest.raises(SweepError, match="holds a sweep with other settings"):
        run(Sweep(NAME, "smoke", split, epochs=5), TWO_CELLS, drawn, tmp_path, train=FakeTrainer(), tell=str)


def test_table_and_record_hold_every_cell(drawn: Path, tmp_path: Path) -> None:
    asked = Sweep(NAME, recipe="smoke", split=str(drawn / "drawn.csv"))
    trainer = FakeTrainer({TWO_CELLS[1].folder: 0.75})

    run(asked, TWO_CELLS, drawn, tmp_path, train=trainer, tell=str)

    table = (tmp_path / TABLE).read_text()
    record = json.loads((tmp_path / RECORD).read_text())
    assert "| 0.4 | 8 | 70 % | 0.5000 | 0.2500 | 1 |" in table
    assert "| 0.5 | 8 | 80 % | **0.7500** | **0.3750** | 1 |" in table
    assert [cell["accuracy"] for cell in record["cells"]] == [0.5, 0.75]
    assert record["validation_photographs"] == 7


def test_the_table_says_how_far_chance_alone_moves_a_figure() -> None:
    table = to_markdown(NAME, [Outcome(0.4, 16, 70, 3, 0.8, 0.6)], 400)

    assert "the same 400 validation photographs; one standard error of the best accuracy is\n2.0 points" in table


def test_a_cell_counts_with_the_epoch_whose_weights_were_kept(tmp_path: Path) -> None:
    accuracies = (0.6, 0.8, 0.7)
    history = [
        {"epoch": i, "validation_accuracy": accuracy, "validation_balanced_accuracy": 0.5}
        for i, accuracy in enumerate(accuracies, start=1)
    ]
    for folder, keep_best in (("best", True), ("last", False)):
        write(tmp_path / folder / NAME, {"keep_best": keep_best, "history": history})

    kept = [outcome(TWO_CELLS[0], tmp_path / folder / NAME) for folder in ("best", "last")]

    assert [(o.epoch, o.accuracy) for o in kept] == [(2, 0.8), (3, 0.7)]


def test_a_sweep_trains_its_cells_and_prints_its_table(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photographs = deal(str(drawn / "drawn.csv"), HAM7)[80]
    folded = [replace(p, label=BINARY.codes[i % 2]) for i, p in enumerate(photographs)]
    split, out = tmp_path / "two.csv", tmp_path / "out"
    split.write_text(splits.to_csv(folded))

    status = main(
        [
            *("sweep", "cnn3m-binary", f"--data={drawn}", f"--split={split}", f"--out={out}", "--recipe=smoke"),
            *("--dropout", "0.4", "0.5", "--batch", "8", "--train-share", "80", "--epochs", "1"),
        ]
    )

    assert status == 0
    assert capsys.readouterr().out.count("| 8 | 80 % |") == 2
    assert read_card(out / "dropout-0.5_batch-8_train-80" / "cnn3m-binary").training["dropout"] == 0.5
