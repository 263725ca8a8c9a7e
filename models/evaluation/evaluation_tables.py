"""The tables of ``docs/evaluation.md`` on answering less, sharpness, controls, and classifiers met on another set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.evaluation.comparison import NOT_YET, figure
from models.evaluation.markdown import header, interval, row
from models.evaluation.measurements import Measurement

GROUPED = ("ham7-grouped", "binary-grouped", "binary-ham")  # splits in which no lesion leaks
COVERAGE = {
    "accuracy": "All answered",
    "accuracy_at_90_coverage": "The surest 90 %",
    "accuracy_at_80_coverage": "The surest 80 %",
    "aurc": "Area under error over coverage",
}
PATIENT = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_auc": "Macro AUC",
    "malignant_auc": "Malignant AUC",
    "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity",
    "ece": "ECE",
}


def coverage(measured: Sequence[Measurement]) -> Iterator[str]:
    """Yield the accuracy where the least sure answers are not given, and the curves of shipped networks."""
    known = [one for one in _honest(measured) if one.figure("aurc") is not None]
    yield from ["## Answering less", "", "Accuracy of the surest answers, by the probability of the answer.", ""]
    yield from _table(["Classifier", "Split", *COVERAGE.values()], [_coverage_of(one) for one in known])
    for one in known:
        if one.shipped:
            yield from [
                f"![{one.card.name}: accuracy of the surest answers](models/{one.card.name}/risk-coverage.png)",
                "",
            ]


def resolution(measured: Sequence[Measurement]) -> Iterator[str]:
    """Yield the accuracy by the height of the source photograph, which goes with the class in HAM10000."""
    known = [one for one in _honest(measured) if "native_px" in one.figures.get("subgroups", {})]
    heights = sorted({height for one in known for height in _by_height(one)}, key=_by_size)
    yield from ["## By the sharpness of the source", ""]
    yield (
        "Accuracy by the height, in pixels, of the picture that each photograph was made of. In HAM10000 it goes with "
        "the class, so that a network could learn sharpness instead of the disease."
    )
    yield ""
    rows = [[*_named(one), *(_accuracy(_by_height(one).get(height)) for height in heights)] for one in known]
    yield from _table(["Classifier", "Split", *(f"{height} px" for height in heights)], rows)


def controls(measured: Sequence[Measurement]) -> Iterator[str]:
    """Yield what is left without the lesion, how steady the answer is, and what is refused."""
    known = [one for one in _honest(measured) if one.figures.get("controls")]
    yield from ["## Controls", ""]
    yield (
        "Malignant AUC of the border alone and with the lesion painted out; the share of lesions whose class changes "
        "under a flip, a right-angle turn or 10 % of brightness; the share of pictures that is refused."
    )
    yield ""
    titles = ["Border only", "Lesion painted out", "Class changes", "Lesions refused", "Other things refused"]
    yield from _table(["Classifier", "Split", *titles], [_controls_of(one) for one in known])


def with_patients(measured: Sequence[Measurement]) -> Iterator[str]:
    """Yield what is gained where the patient's age, sex and site are weighed in."""
    known = [one for one in _honest(measured) if one.figures.get("with_patient")]
    yield from ["## With what is known of the patient", ""]
    yield (
        "From the photograph alone, and with the patient's age, sex and body site weighed in by Bayes' rule, as far as "
        "they are known and count ([how](decisions/0014-the-patient-beside-the-photograph.md))."
    )
    yield ""
    rows = [
        [*_named(one), given, *(interval(figures[name]) for name in PATIENT)]
        for one in known
        for given, figures in (("nothing", one.figures), (_facts(one), one.figures["with_patient"]))
    ]
    yield from _table(["Classifier", "Split", "Known", *PATIENT.values()], rows)


def elsewhere_trained(measured: Sequence[Measurement]) -> Iterator[str]:
    """Yield classifiers on splits that they were not trained for, and say loudly where they know the lesions."""
    others = [one for one in measured if not one.own]
    if not others:
        return
    yield from ["## On test sets of other splits", ""]
    yield from header(
        ["Classifier", "Trained for", "Measured on", "Lesions it learned from", "Accuracy", "Malignant AUC"]
    )
    for one in others:
        trained = str(one.card.training.get("split"))
        cells = [f"`{one.card.name}`", f"`{trained}`", f"`{one.split}`", _learned(one.figures)]
        yield row([*cells, figure([one], "accuracy"), figure([one], "malignant_auc")])
    yield ""


def _honest(measured: Sequence[Measurement]) -> list[Measurement]:
    return [one for one in measured if one.own and one.split in GROUPED]


def _by_height(one: Measurement) -> Mapping[str, Any]:
    groups: Mapping[str, Any] = one.figures["subgroups"]["native_px"]
    return groups


def _named(one: Measurement) -> list[str]:
    seed = f", seed {one.seed}" if one.seed else ""
    return [f"`{one.card.name}` ({one.recipe}{seed})", f"`{one.split}`"]


def _coverage_of(one: Measurement) -> list[str]:
    return [*_named(one), *(figure([one], name) for name in COVERAGE)]


def _facts(one: Measurement) -> str:
    return ", ".join(one.figures["with_patient"]["facts"])


def _controls_of(one: Measurement) -> list[str]:
    found: Mapping[str, Any] = one.figures["controls"]
    painted = [_auc(found.get(name)) for name in ("border_only", "lesion_blanked")]
    refused = [found.get(name) for name in ("refused_lesions", "refused_other_things")]
    shares = ["" if rate is None else f"{rate['rate']:.1%}" for rate in refused]
    return [*_named(one), *painted, f"{found['flip_rate']['class_changes']:.1%}", *shares]


def _learned(found: Mapping[str, Any]) -> str:
    known = found["lesions_learned_from"]
    if known is None:
        return "not known"
    left_out = f" ({found['left_out']:,} photographs left out)" if found.get("left_out") else ""
    return f"**{known:,} of {found['lesions']:,}: leaking**" if known else f"none{left_out}"


def _accuracy(group: Mapping[str, Any] | None) -> str:
    return "" if group is None else f"{interval(group['accuracy'])}, n = {group['n']:,}"


def _auc(found: Mapping[str, Any] | None) -> str:
    return "" if found is None else interval(found["malignant_auc"])


def _by_size(height: str) -> tuple[bool, int]:
    return (False, int(height)) if height.isdigit() else (True, 0)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield from header(titles)
        yield from (row(cells) for cells in rows)
    else:
        yield NOT_YET.capitalize() + "."
    yield ""
