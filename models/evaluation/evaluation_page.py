"""``docs/evaluation.md``: what was measured, beside what the literature reports and what needs no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain

from models.evaluation.comparison import NOT_YET, Seeds, all_seeds, figure, leak_worth
from models.evaluation.evaluation_tables import controls, coverage, elsewhere_trained, resolution, with_patients
from models.evaluation.floors import FLOORS
from models.evaluation.literature import BENCHMARKS, HONEST, NETWORKS, ORIENTATION, Published
from models.evaluation.markdown import header, row
from models.evaluation.measurements import Measurement
from models.training import splits

ACCURACY, MALIGNANT_AUC = "accuracy", "malignant_auc"
SHOWN = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_auc": "Macro AUC",
    "malignant_auc": "Malignant AUC",
    "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity",
    "melanoma_recall_at_95_sensitivity": "Melanoma recall there",
    "ece": "ECE",
}
PROTOCOLS = {
    "ham7-grouped": "HAM10000 in five folds, grouped by lesion: the one to go by",
    "ham7-random": "HAM10000 dealt image by image, 70 : 15 : 15, as in the literature",
    "binary-stock": "the Kaggle set's own folders",
    "binary-grouped": "the same pictures in five folds, grouped by lesion",
    "binary-ham": "`ham7-grouped` with its classes folded to benign and malignant",
    "dermamnist": "the split of the DermaMNIST benchmark",
    "dermamnist-c": "the same, corrected by its authors",
}
INTRODUCTION = """\
# Evaluation

<!-- Written from cards and kept measurements by `python -m models report` -->

Every figure of ours is that of the compiled network, on the test part of the split that its heading names. In brackets
are 95 % bootstrap intervals over lesions or, where a network was trained from several seeds, the range of its seeds.
Figures can be recomputed from the predictions in `models/measurements/`; what else was measured of a shipped network is
on its [card](models/). Floors are what is reached without a network, by boosted trees on colour statistics: what a
network scores has to be held against them.
"""


def evaluation_page(measured: Sequence[Measurement]) -> str:
    """Return the page, in Markdown."""
    parts = (
        [INTRODUCTION],
        _protocols(),
        _beside_the_sources(measured, "ham7-random", "Seven classes, beside the sources"),
        _beside_the_sources(measured, "binary-stock", "Benign or malignant, beside the sources"),
        _leak(measured),
        *(_full_table(measured, split) for split in ("ham7-grouped", "binary-grouped", "binary-ham")),
        *(_benchmark(measured, split) for split in ("dermamnist", "dermamnist-c")),
        with_patients(measured),
        coverage(measured),
        resolution(measured),
        controls(measured),
        elsewhere_trained(measured),
        _orientation(),
    )
    return "\n".join(chain.from_iterable(parts)).rstrip() + "\n"


def _protocols() -> Iterator[str]:
    yield from ["## Protocols", ""]
    yield from header(
        ["Split", "What it is", "Test photographs", "Test lesions", "Of these also in training or validation"]
    )
    for split, what in PROTOCOLS.items():
        yield row([f"`{split}`", what, *(f"{count:,}" for count in _counts(split))])
    yield ""
    yield (
        "A lesion leaks if training or validation shows it too. Figures flatter where lesions leak; they are shown "
        "because the literature's are of that kind."
    )
    yield ""


@cache
def _counts(split: str) -> tuple[int, int, int]:
    """Return the test photographs of a split, their lesions, and how many of these leak."""
    tested = splits.for_testing(split)
    return len(tested), len({photograph.lesion_id for photograph in tested}), splits.leak(split)


def _beside_the_sources(measured: Sequence[Measurement], split: str, title: str) -> Iterator[str]:
    """Yield each published figure beside ours by the same protocol, then by the honest one."""
    sources = [published for published in NETWORKS if published.split == split]
    for name in (ACCURACY, MALIGNANT_AUC):
        told = [published for published in sources if name in published.figures]
        if not told:
            continue
        yield from [f"## {title}: {SHOWN[name]}", ""]
        yield from header(["Network", "Its source", "Classifier", "Recipe", f"`{split}`", f"`{HONEST[split]}`"])
        for published in told:
            yield from _rows_of(published, name, measured)
        yield from _floor_rows(name, split, ("Network", "Source", "Classifier", "Recipe"))
        yield ""
    yield from (f"- {p.network}: {p.remark}" for p in sources if p.remark)
    yield ""


def _rows_of(published: Published, name: str, measured: Sequence[Measurement]) -> Iterator[str]:
    ours = [one for one in measured if one.card.name == published.classifier]
    leaking, honest = all_seeds(ours, published.split), all_seeds(ours, HONEST[published.split])
    for key in list(dict.fromkeys([*leaking, *honest])) or [(str(published.classifier), "")]:
        cells = [published.network, f"{published.figures[name]:.3f}", f"`{key[0]}`", key[1]]
        yield row([*cells, figure(leaking.get(key, ()), name), figure(honest.get(key, ()), name)])


def _floor_rows(name: str, split: str, titles: Sequence[str]) -> Iterator[str]:
    both = FLOORS.get(split, {}), FLOORS.get(HONEST[split], {})
    for floor in dict.fromkeys(chain(*both)):
        found = [figures.get(floor, {}).get(name) for figures in both]
        if any(value is not None for value in found):
            yield row([f"*{floor}*", *[""] * (len(titles) - 1), *("" if v is None else f"{v:.3f}" for v in found)])


def _leak(measured: Sequence[Measurement]) -> Iterator[str]:
    yield from ["## What the leak is worth", ""]
    yield (
        "By how many percentage points a figure of the same network, trained by the same recipe, is higher where the "
        "test set shows lesions of the training set than where it doesn't (Zou and Donner's interval for a difference)."
    )
    yield ""
    yield from header(["Classifier", "Recipe", "Leaking", "Grouped", "Accuracy", "Malignant AUC"])
    for leaking, honest in HONEST.items():
        found = all_seeds(measured, leaking), all_seeds(measured, honest)
        named = [(str(p.classifier), "") for p in NETWORKS if p.split == leaking]
        both = [key for key in found[0] if key in found[1]]
        missing = [key for key in named if key[0] not in {name for name, _ in both}]
        for key in sorted([*both, *missing]):
            seeds: tuple[Seeds, Seeds] = found[0].get(key, ()), found[1].get(key, ())
            worth = (leak_worth(*seeds, name) for name in (ACCURACY, MALIGNANT_AUC))
            yield row([f"`{key[0]}`", key[1], f"`{leaking}`", f"`{honest}`", *worth])
    yield ""


def _full_table(measured: Sequence[Measurement], split: str) -> Iterator[str]:
    yield from [f"## Measured on {split}", ""]
    yield from _measured_rows(all_seeds(measured, split), split, SHOWN)


def _benchmark(measured: Sequence[Measurement], split: str) -> Iterator[str]:
    names = {name: SHOWN[name] for name in ("accuracy", "macro_auc")}
    yield from [f"## The benchmark {split}", ""]
    yield from header(["Published", "Source", *names.values()])
    for published in BENCHMARKS:
        if published.split == split:
            yield row([published.network, published.source, *(_told(published, name) for name in names)])
    yield ""
    yield from _measured_rows(all_seeds(measured, split), split, SHOWN)


def _told(published: Published, name: str) -> str:
    return f"{published.figures[name]:.3f}" if name in published.figures else ""


def _measured_rows(networks: Mapping[tuple[str, str], Seeds], split: str, names: Mapping[str, str]) -> Iterator[str]:
    if not networks:
        yield from [NOT_YET.capitalize() + ".", ""]
        return
    shown = [name for name in names if any(one.figure(name) for seeds in networks.values() for one in seeds)]
    yield from header(["Classifier", "Recipe", *(names[name] for name in shown)])
    for (name, recipe), seeds in networks.items():
        yield row([f"`{name}`", recipe, *(figure(seeds, one) for one in shown)])
    for floor, figures in FLOORS.get(split, {}).items():
        yield row([f"*{floor}*", "", *(f"{figures[one]:.3f}" if one in figures else "" for one in shown)])
    yield ""


def _orientation() -> Iterator[str]:
    yield from ["## For orientation", "", "On other test photographs, so not to be compared:", ""]
    yield from header(["What", "Figures", "Source"])
    yield from (row([one.what, one.figures, one.source]) for one in ORIENTATION)
    yield ""
