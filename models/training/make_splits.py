"""Write the split files from the data sets' own tables: ``python -m models.training.make_splits DATA``.

DATA holds HAM10000 in ``ham10000/`` and the Kaggle set "Skin Cancer: Malignant vs. Benign" in ``kaggle-skin-cancer/``.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.labels import BINARY, HAM7
from models.training.same_lesion import first_alike
from models.training.splits import FOLDER, Photograph, to_csv

METADATA = "ham10000/HAM10000_metadata.csv"
PUBLISHED_PARTS = "ham10000/dermamnist_splits.csv"
KAGGLE = "kaggle-skin-cancer"
FOLDS = 5
SEED = 0
PARTS = {0: "test", 1: "validation"}  # of the folds; every other one is for training
HELD_OUT = 0.15  # of all photographs: the share that is for testing, and the share that is for validation
STOCK_VALIDATION = 0.2  # of the Kaggle set's training folder
PUBLISHED = {"train": "train", "val": "validation", "test": "test"}
MALIGNANT = {label.code for label in HAM7.labels if label.malignant}


@dataclass(frozen=True, slots=True)
class Tables:
    """HAM10000 by image id: its classes, its lesions (18 pairs joined that are one), and the published parts."""

    labels: Mapping[str, str]
    lesions: Mapping[str, str]
    published: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, data: Path) -> Tables:
        """Read them from a data folder."""
        parts = rows(data / PUBLISHED_PARTS)
        return cls(
            labels={row["image_id"]: row["dx"] for row in rows(data / METADATA)},
            lesions={row["image_id"]: row["lesion_id_merged"] for row in parts},
            published={
                name: {row["image_id"]: PUBLISHED[row[name]] for row in parts}
                for name in ("dermamnist", "dermamnist_c")
            },
        )


def all_splits(data: Path) -> dict[str, list[Photograph]]:
    """Deal the photographs below `data`; return name -> split. The same data give the same splits."""
    tables = Tables.read(data)
    ham = [Photograph(i, tables.lesions[i], label, "") for i, label in sorted(tables.labels.items())]
    kaggle = _kaggle(data / KAGGLE, tables.lesions)
    ham7_grouped = grouped(ham)
    return {
        "ham7-grouped": ham7_grouped,
        "ham7-random": at_random(ham),
        "binary-stock": stock(kaggle),
        "binary-grouped": grouped(kaggle),
        "binary-ham": [replace(p, label=_side(p.label)) for p in ham7_grouped],
        "dermamnist": _in_parts(ham, [tables.published["dermamnist"][p.image_id] for p in ham]),
        "dermamnist-c": _in_parts(ham, [tables.published["dermamnist_c"][p.image_id] for p in ham]),
    }


def grouped(photographs: Sequence[Photograph]) -> list[Photograph]:
    """Deal into 5 folds, stratified by class and grouped by lesion: no lesion is in two folds.

    Fold 0 is for testing, fold 1 for validation.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 - development only

    dealer = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
    labels, lesions = [p.label for p in photographs], [p.lesion_id for p in photographs]
    parts = ["train"] * len(photographs)
    for fold, (_, members) in enumerate(dealer.split(labels, labels, lesions)):
        for member in members:
            parts[member] = PARTS.get(fold, "train")
    return _in_parts(photographs, parts)


def at_random(photographs: Sequence[Photograph]) -> list[Photograph]:
    """Deal image by image, stratified by class, 70 : 15 : 15: photographs of one lesion fall into different parts."""
    held_out = round(HELD_OUT * len(photographs))
    positions = list(range(len(photographs)))
    rest, test = _drawn(photographs, positions, held_out)
    _, validation = _drawn(photographs, rest, held_out)
    return _in_parts(photographs, _named(len(photographs), {"test": test, "validation": validation}))


def stock(photographs: Sequence[Photograph]) -> list[Photograph]:
    """Keep the folders of the Kaggle set; a fifth of its training folder, stratified by class, is for validation."""
    training = [i for i, p in enumerate(photographs) if p.image_id.startswith("train/")]
    test = [i for i, p in enumerate(photographs) if p.image_id.startswith("test/")]
    _, validation = _drawn(photographs, training, round(STOCK_VALIDATION * len(training)))
    return _in_parts(photographs, _named(len(photographs), {"test": test, "validation": validation}))


def rows(path: Path) -> list[dict[str, str]]:
    """Read a table, one dictionary a line."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _kaggle(folder: Path, ham_lesions: Mapping[str, str]) -> list[Photograph]:
    """List the Kaggle set by image id.

    A picture that is HAM10000's shows the lesion that is known there; of the others, those that look alike show one.
    """
    known = {row["path"]: ham_lesions[row["ham_image_id"]] for row in rows(folder / "ham_map.csv")}
    paths = [path.relative_to(folder) for path in sorted(folder.glob("*/*/*.jpg"))]
    others = [path for path in paths if path.as_posix() not in known]
    firsts = [others[first] for first in first_alike([folder / path for path in others])]
    lesions = {path.as_posix(): _id(first) for path, first in zip(others, firsts, strict=True)} | known
    return [Photograph(_id(path), lesions[path.as_posix()], path.parts[1], "") for path in paths]


def _id(path: Path) -> str:
    return path.with_suffix("").as_posix()


def _side(code: str) -> str:
    benign, malignant = BINARY.codes
    return malignant if code in MALIGNANT else benign


def _drawn(photographs: Sequence[Photograph], positions: list[int], count: int) -> tuple[list[int], list[int]]:
    """Draw `count` of the positions, stratified by class; return those left, and those drawn."""
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 - development only

    labels = [photographs[i].label for i in positions]
    left, drawn = train_test_split(positions, test_size=count, random_state=SEED, stratify=labels)
    return left, drawn


def _named(count: int, members: Mapping[str, Sequence[int]]) -> list[str]:
    parts = {position: part for part, positions in members.items() for position in positions}
    return [parts.get(position, "train") for position in range(count)]


def _in_parts(photographs: Sequence[Photograph], parts: Sequence[str]) -> list[Photograph]:
    return [replace(photograph, part=part) for photograph, part in zip(photographs, parts, strict=True)]


if __name__ == "__main__":
    for name, photographs in all_splits(Path(sys.argv[1])).items():
        (FOLDER / f"{name}.csv").write_text(to_csv(photographs))
