"""The card of the outlining network as a page, from ``outline.json`` alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.evaluation.card_tables import told
from models.evaluation.markdown import header, interval, row, words
from models.outline import REFUSALS
from models.segmentation.card import OutlineCard

PICTURES = {"jaccard": "How far outlines agree with the experts'", "training-curve": "Training curve"}
AGREEMENT = {
    "jaccard": "Jaccard index",
    "dice": "Dice coefficient",
    "failed": "Share with a Jaccard index below 0.65",
    "thresholded": "Jaccard index, those below 0.65 counted as 0",
    "edge": "Mean distance of the edges, over the experts' diameter",
    "worst": "95th percentile of it",
}


def write_outline_page(card: OutlineCard, docs: Path) -> Path:
    """Write ``outline.md`` into a folder whose ``outline/`` holds the pictures; return its path."""
    docs.mkdir(parents=True, exist_ok=True)
    path = docs / f"{card.name}.md"
    path.write_text("\n".join(_page(card, docs / card.name)).rstrip() + "\n")
    return path


def _page(card: OutlineCard, pictures: Path) -> Iterator[str]:
    yield f"# {card.name}"
    yield ""
    yield "<!-- Written from outline.json by `python -m models report` -->"
    yield ""
    yield (
        f"{card.title}, version {card.version}: {card.parameters:,} parameters, {card.input_px} px a side, the mean of "
        f"{card.compiled['views']} mirrored views; {card.compiled['milliseconds']} ms of one core a photograph. It "
        "says where the lesion is; what is measured of its outline is in `models/abcd/`, with formulae and sources."
    )
    yield ""
    for split, found in card.metrics.items():
        yield from _agreement(split, found)
        yield from _by_resolution(found["native_px"])
        yield from _refusal(card, found)
        yield from _like_experts(found["like_experts"])
        yield from _noise(card, found["repeatability"])
    yield from ["## Pictures", ""]
    for name, title in PICTURES.items():
        if (pictures / f"{name}.png").exists():
            yield from [f"![{title}]({card.name}/{name}.png)", ""]
    yield from _training(card)
    yield from ["## Limits", "", *(f"- {caution}" for caution in card.cautions), ""]
    yield from ["## Licence", "", card.licence, ""]


def _agreement(split: str, found: Mapping[str, Any]) -> Iterator[str]:
    floor = found["classical"]
    yield f"## Agreement with the experts: `{split}`, test"
    yield ""
    yield (
        f"{found['n']:,} photographs of {found['lesions']:,} lesions, none of which was seen in training; means, with "
        "95 % bootstrap intervals over lesions. Beside it the floor, without a network: Otsu's threshold on the "
        f"blurred {floor['channel']} channel (the best of four on validation photographs), the largest region, holes "
        "filled."
    )
    yield ""
    yield from header(["", "network", "network, where it doesn't refuse", "no network"])
    for name, title in AGREEMENT.items():
        yield row([title, *(interval(each[name]) for each in (found, found["accepted"], floor))])
    medians = (each["median_jaccard"] for each in (found, found["accepted"], floor))
    yield row(["Median Jaccard index", *(f"{median:.3f}" for median in medians)])
    yield row(["Photographs", *(f"{each['n']:,}" for each in (found, found["accepted"], floor))])
    yield ""


def _by_resolution(groups: Mapping[str, Any]) -> Iterator[str]:
    yield "By the height that a photograph's source had, in pixels; smaller ones were enlarged:"
    yield ""
    yield from header(["native px", "photographs", "Jaccard index", "below 0.65"])
    for name, found in groups.items():
        yield row([name, f"{found['n']:,}", interval(found["jaccard"]), interval(found["failed"])])
    yield ""


def _refusal(card: OutlineCard, found: Mapping[str, Any]) -> Iterator[str]:
    refusal, others = found["refusal"], found["refusal_of_other_things"]
    yield "## When there is no outline"
    yield ""
    yield (
        "Each limit refuses 1 % of those validation photographs whose lesion lies whole in the square and was outlined "
        f"with a Jaccard index of 0.65 or more. {refusal['rate']:.1%} of the test photographs are refused; the "
        f"experts' own outlines run along the rim for more than the limit in {found['cut_by_the_rim']:.1%}, for these "
        "squares are cut from larger photographs."
    )
    yield ""
    yield from header(["limit", "value"])
    yield from (row([words(name), f"{value:g}"]) for name, value in card.limits.items())
    yield ""
    yield from header(["reason", "sentence", "test photographs"])
    yield from (row([code, REFUSALS[code], f"{n:,}"]) for code, n in refusal["reasons"].items())
    yield ""
    yield (
        f"A Jaccard index below 0.65 have {_percent(refusal['failed_of_accepted'])} of the outlines that are shown and "
        f"{_percent(refusal['failed_of_refused'])} of those refused; {_percent(refusal['failures_refused'])} of such "
        "outlines are refused."
    )
    if others:
        yield (
            f"Of {others['n']} photographs of other things {others['rate']:.1%} get no outline. The others get one: it "
            "is the classifier that tells that they show no lesion."
        )
    yield ""


def _like_experts(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Measures of the network's outlines and of the experts'"
    yield ""
    yield f"{found['n']:,} test photographs that are not refused. Of area and diameter the difference is relative."
    yield ""
    yield from header(["measure", "median absolute difference", "rank correlation"])
    for name, likeness in found.items():
        if name != "n":
            yield row([words(name), f"{likeness['median']:.3f}", f"{likeness['correlation']:.3f}"])
    yield ""


def _noise(card: OutlineCard, found: Mapping[str, Any]) -> Iterator[str]:
    yield "## What is noise"
    yield ""
    yield (
        "Below these limits lie 95 % of differences between two photographs of one lesion, or, for area and diameter, "
        "which depend on the distance of the camera, between a photograph and a copy of it that was mirrored, turned, "
        "moved, framed closer, lightened, darkened or blurred: other cameras and distances add to these. The limits "
        f"are from validation photographs; the right half is from {found['pairs']:,} pairs of test photographs and "
        f"{found['copies']:,} copies. Area and diameter differ by a factor, given as its natural logarithm."
    )
    yield ""
    yield from header(["measure", "limit", "from", "pairs", "test: median", "beyond the limit", "median of copies"])
    for name, noise in card.noise.items():
        tested = found["measures"][name]
        kind = "photographs" if noise["real"] else "copies"
        shares = (f"{tested['median']:.3f}", f"{tested['beyond']:.1%}", f"{tested['median_of_copies']:.3f}")
        yield row([words(name), f"{noise['limit']:.3f}", kind, f"{noise['n']:,}", *shares])
    yield ""
    yield f"Which of the six colours there are was the same in {found['same_colours']:.1%} of pairs of photographs."
    yield ""
    names = list(card.noise)
    yield from header(["copy (median difference)", "copies", *map(words, names)])
    for copy, medians in found["by_copy"].items():
        yield row([copy, f"{medians['n']:,}", *(f"{medians[name]:.3f}" for name in names)])
    yield ""


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def _training(card: OutlineCard) -> Iterator[str]:
    yield from ["## Training", "", "| | |", "| --- | --- |"]
    shown = {name: value for name, value in card.training.items() if name != "history"}
    yield from (row([words(name), told(value)]) for name, value in shown.items())
    yield ""
