"""The split files: who is in which part, what leaks, what they are made of, and what training may reach."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from models.__main__ import main
from models.labels import BINARY, HAM7, TASKS, Task
from models.training import make_splits, splits
from models.training.same_lesion import first_alike
from tests.pictures import lesion_picture

TRAINING = Path(splits.__file__).parent
DATA = Path(__file__).parents[3] / "shared" / "data"
NAMES = sorted(path.stem for path in splits.FOLDER.glob("*.csv"))
GROUPED = ("ham7-grouped", "binary-grouped", "binary-ham", "dermamnist-c")
HAM10000 = {"nv": 6705, "mel": 1113, "bkl": 1099, "bcc": 514, "akiec": 327, "vasc": 142, "df": 115}
SIZES = {  # training, validation, test
    "ham7-grouped": (6008, 2003, 2004),
    "ham7-random": (7011, 1502, 1502),
    "binary-stock": (2110, 527, 660),
    "binary-grouped": (1977, 660, 660),
    "binary-ham": (6008, 2003, 2004),
    "dermamnist": (7007, 1003, 2005),  # as published
    "dermamnist-c": (8215, 573, 1227),  # as published
}
LEAKS = {"ham7-random": 544, "binary-stock": 111, "dermamnist": 717}  # lesions


def parts(name: str) -> tuple[list[splits.Photograph], list[splits.Photograph], list[splits.Photograph]]:
    return (*splits.for_training(name), splits.for_testing(name))


def everything(name: str) -> list[splits.Photograph]:
    return [photograph for part in parts(name) for photograph in part]


def lesions(photographs: list[splits.Photograph]) -> set[str]:
    return {photograph.lesion_id for photograph in photographs}


@pytest.mark.parametrize("name", GROUPED)
def test_no_lesion_of_a_grouped_split_is_in_two_parts(name: str) -> None:
    train, validation, test = map(lesions, parts(name))

    assert not train & validation
    assert not train & test
    assert not validation & test
    assert splits.leak(name) == 0


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(GROUPED)))
def test_what_a_split_of_the_literature_leaks_is_counted(name: str) -> None:
    assert splits.leak(name) == LEAKS[name]


@pytest.mark.parametrize("name", NAMES)
def test_each_part_is_as_large_as_stated(name: str) -> None:
    assert tuple(map(len, parts(name))) == SIZES[name]


@pytest.mark.parametrize("name", ["ham7-grouped", "ham7-random", "dermamnist", "dermamnist-c"])
def test_a_split_of_ham10000_holds_each_of_its_photographs_once(name: str) -> None:
    photographs = everything(name)

    assert len({photograph.image_id for photograph in photographs}) == len(photographs) == 10_015
    assert Counter(photograph.label for photograph in photographs) == HAM10000


@pytest.mark.parametrize("name", ["binary-stock", "binary-grouped"])
def test_a_split_of_the_kaggle_set_holds_each_of_its_photographs_once(name: str) -> None:
    photographs = everything(name)

    assert len({photograph.image_id for photograph in photographs}) == len(photographs) == 3_297
    assert all(photograph.label == photograph.image_id.split("/")[1] for photograph in photographs)
    assert Counter(photograph.label for photograph in photographs) == {"benign": 1800, "malignant": 1497}


def test_the_stock_split_keeps_the_folders_that_it_came_in() -> None:
    train, validation, test = parts("binary-stock")

    assert {photograph.image_id.split("/")[0] for photograph in [*train, *validation]} == {"train"}
    assert {photograph.image_id.split("/")[0] for photograph in test} == {"test"}


def test_97_stock_test_photographs_show_a_lesion_of_ham10000_that_its_training_folder_shows() -> None:
    train, validation, test = parts("binary-stock")

    leaking = [p for p in test if p.lesion_id in lesions([*train, *validation])]

    assert len([p for p in leaking if p.lesion_id.startswith("HAM_")]) == 97
    assert len(leaking) == 117  # 20 more show one that HAM10000 doesn't have


def test_the_folded_split_has_the_parts_of_the_seven_classes() -> None:
    seven, two = everything("ham7-grouped"), everything("binary-ham")

    assert [(p.image_id, p.part) for p in two] == [(p.image_id, p.part) for p in seven]
    assert {(p.label, q.label) for p, q in zip(seven, two, strict=True)} == {
        (label.code, "malignant" if label.malignant else "benign") for label in HAM7.labels
    }


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_the_usual_split_of_a_task_leaks_nothing(task: Task) -> None:
    name = splits.usual(task)

    assert splits.for_training(name, task)
    assert splits.leak(name) == 0


@pytest.mark.parametrize(("name", "task"), [("binary-stock", HAM7), ("dermamnist", BINARY)])
def test_a_split_is_refused_for_another_task(name: str, task: Task) -> None:
    with pytest.raises(splits.SplitError, match=rf"{name} is labelled .* no split for a {task.name} classifier"):
        splits.for_training(name, task)
    with pytest.raises(splits.SplitError):
        splits.for_testing(name, task)


def test_training_on_a_split_for_another_task_ends_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["train", "mobilenetv2-ham7", f"--data={tmp_path}", f"--out={tmp_path}", "--split=binary-stock"])

    assert status == 2
    assert "models: binary-stock is labelled benign, malignant: it is no split for a ham7" in capsys.readouterr().err


def test_an_unknown_split_is_told_from_those_that_there_are() -> None:
    with pytest.raises(FileNotFoundError, match="there is no split ham8; there are binary-grouped, "):
        splits.for_training("ham8")


def test_nothing_that_trains_names_the_way_to_the_test_photographs() -> None:
    for path in (*TRAINING.glob("*.py"), *(TRAINING.parent / "segmentation").glob("*.py")):
        if path.name == "splits.py":
            continue

        names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}

        assert not names & {"for_testing", "_read"}, path.name


def test_pictures_of_one_lesion_are_joined_however_many_there_are(tmp_path: Path) -> None:
    one, other = lesion_picture(seed=1, size=(96, 96)), lesion_picture(seed=2, size=(96, 96))
    series = [one, other, one.rotate(2, fillcolor=one.getpixel((0, 0))), one.resize((64, 64)), other.convert("L")]
    paths = [tmp_path / f"{i}.png" for i in range(len(series))]
    for picture, path in zip(series, paths, strict=True):
        picture.save(path)

    assert first_alike(paths) == [0, 1, 0, 0, 1]


def test_a_flat_picture_is_like_nothing(tmp_path: Path) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path in paths:
        Image.new("RGB", (32, 32), "black").save(path)

    assert first_alike(paths) == [0, 1]


@pytest.mark.photographs
def test_the_split_files_are_what_the_data_give_byte_for_byte() -> None:
    if not DATA.is_dir():
        pytest.skip("the real photographs are not there")

    made = {name: splits.to_csv(photographs) for name, photographs in make_splits.all_splits(DATA).items()}

    assert sorted(made) == NAMES
    assert [name for name in NAMES if made[name].encode() != (splits.FOLDER / f"{name}.csv").read_bytes()] == []


@pytest.mark.photographs
def test_by_the_lesion_ids_that_were_published_641_lesions_of_dermamnist_are_in_training_and_test() -> None:
    if not DATA.is_dir():
        pytest.skip("the real photographs are not there")
    published = {row["image_id"]: row["lesion_id"] for row in make_splits.rows(DATA / make_splits.METADATA)}
    train, _, test = parts("dermamnist")

    shown = [{published[photograph.image_id] for photograph in part} for part in (train, test)]

    assert len(shown[0] & shown[1]) == 641
    assert len(lesions(train) & lesions(test)) == 644  # three more of the pairs that are one lesion
