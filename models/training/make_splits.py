"""Write the split files from the data sets' own tables: ``python -m models.training.make_splits DATA``."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from models.training.splits import FOLDER, Photograph

FOLDS = 5
PARTS = {0: "test", 1: "validation"}  # every other fold is for training


def ham7_grouped(ham10000: Path) -> list[Photograph]:
    """Deal HAM10000 into 5 folds, stratified by class and grouped by merged lesion, seed 0.

    Fold 0 is the test fold, fold 1 the validation fold. No lesion is in two folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 - development only

    labels = {row["image_id"]: row["dx"] for row in _rows(ham10000 / "HAM10000_metadata.csv")}
    lesions = {row["image_id"]: row["lesion_id_merged"] for row in _rows(ham10000 / "dermamnist_splits.csv")}
    ids = sorted(labels)
    dealer = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=0)
    part = {}
    folds = dealer.split(ids, [labels[i] for i in ids], [lesions[i] for i in ids])
    for fold, (_, members) in enumerate(folds):
        for member in members:
            part[ids[member]] = PARTS.get(fold, "train")
    return [Photograph(i, lesions[i], labels[i], part[i]) for i in ids]


def write(name: str, photographs: list[Photograph]) -> None:
    """Write one split file."""
    with (FOLDER / f"{name}.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image_id", "lesion_id", "label", "part"])
        writer.writerows([p.image_id, p.lesion_id, p.label, p.part] for p in photographs)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    write("ham7-grouped", ham7_grouped(Path(sys.argv[1]) / "ham10000"))
