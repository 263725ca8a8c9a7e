"""What a card's page says of the controls: without the lesion, in other views, and of pictures of other things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.evaluation.markdown import header, interval, row, words

OF_PICTURE = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy (mean recall)",
    "macro_auc": "Macro AUC, one against the rest",
    "malignant_auc": "AUC, malignant against benign",
}
OF_VIEW = {"by_view": "Class changes", "side_by_view": "Side changes", "accuracy_by_view": "Accuracy"}
PAINTED = {"border_only": "Outer 15 % border only", "lesion_blanked": "Lesion painted out"}
REFUSED = {
    "refused_other_things": "Pictures of other things",
    "refused_lesions": "Test photographs of lesions",
}


def controls(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines on the controls of one split; none if they were left out."""
    measured = found["controls"]
    if not measured:
        return
    yield from [
        "### Controls",
        "",
        "What is left when the lesion can't be seen (large ones reach the border; the paint keeps the outline):",
        "",
    ]
    yield from header(["Shown", "n", *OF_PICTURE.values()])
    for key, title in PAINTED.items():
        if key in measured:
            yield row([title, str(measured[key]["n"]), *(interval(measured[key][name]) for name in OF_PICTURE)])
    yield ""
    yield from _flip_rate(measured["flip_rate"])
    yield from _served_views(measured.get("served_views"))
    yield from _refusals(measured)


def _flip_rate(rate: Mapping[str, Any]) -> Iterator[str]:
    side = f", the side (malignant or benign) of {rate['side_changes']:.1%}" if "side_changes" in rate else ""
    yield (
        f"Of {rate['lesions']:,} lesions, the most probable class of {rate['class_changes']:.1%} changes"
        f"{side}, under at least one of these views (Young et al., npj Digital Medicine 4:10, 2021, find "
        "that the side of 6.5 to 22 % changes):"
    )
    yield ""
    columns = {title: rate[key] for key, title in OF_VIEW.items() if key in rate}
    yield from header(["View", *columns])
    for view in rate["by_view"]:
        yield row([view, *(f"{shares[view]:.1%}" for shares in columns.values())])
    yield ""


def _served_views(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found:
        yield (
            f"The result page looks at {found['views']} views of its own; in {found['any_changed']:.1%} of "
            f"{found['n']:,} photographs at least one of them changes the answer."
        )
        yield ""


def _refusals(measured: Mapping[str, Any]) -> Iterator[str]:
    yield from ["Share of pictures that are not accepted:", ""]
    yield from header(["Pictures", "n", "Refused", "Reasons (number of pictures)"])
    for key, title in REFUSED.items():
        if key in measured:
            found = measured[key]
            reasons = ", ".join(f"{words(code)} {count}" for code, count in found["reasons"].items())
            yield row([title, str(found["n"]), f"{found['rate']:.1%}", reasons or "none"])
    yield ""
