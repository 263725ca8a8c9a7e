"""What a run has shown, as a page with tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from load.processes import Sizes
from load.run import Part, Run
from load.samples import Kind, Sample, Times, share_within, times_of

MOST_UPLOAD_MS, MOST_PAGE_MS = 1500, 150  # 95th percentiles
LEAST_RATE = 12.0  # photographs a second
MOST_GROWTH = 0.08  # of a process's memory over a run
LOOKED_AT = frozenset({Kind.PAGE, Kind.RESULT})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Something that was promised, what was measured, and whether it was kept."""

    promised: str
    measured: str
    kept: bool


def verdicts(run: Run) -> list[Verdict]:
    """Return what was promised of the site, and whether it was kept; of what a run leaves out, nothing."""
    found = list(_of_the_day(run.parts[1]))
    if len(run.parts) > 2:
        found += _of_too_much(run.parts[2], run.parts[3])
    return [*found, _of_memory(run.sizes)]


def times(part: Part) -> list[Times]:
    """Return the times of every kind in a part, in the order of the kinds; all pages by whoever browses at the end."""
    by_kind = [times_of(kind, _of(part, kind)) for kind in Kind]
    pages = times_of("every page", [sample for sample in part.samples if sample.kind in LOOKED_AT])
    return [*(each for each in by_kind if each.answered or each.refused or each.failed), pages]


def as_json(run: Run, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything that was measured."""
    return {
        "settings": dict(settings),
        "parts": [
            {
                "name": part.name,
                "photographs a second": part.rate,
                "seconds": round(part.seconds, 1),
                "times": [asdict(each) for each in times(part)],
                "processor": {kind: round(taken, 2) for kind, taken in part.processor.items()},
                "errors": sorted({sample.error or str(sample.status) for sample in part.samples if sample.failed}),
            }
            for part in run.parts
        ],
        "memory": [asdict(each) for each in run.sizes],
        "verdicts": [asdict(each) for each in verdicts(run)],
    }


def as_markdown(run: Run, settings: Mapping[str, Any]) -> str:
    """Return the tables of a run."""
    blocks = [", ".join(f"{name} {value}" for name, value in settings.items()) + "."]
    blocks.append(_table(("promised", "measured", "kept"), [
        (each.promised, each.measured, "yes" if each.kept else "**no**") for each in verdicts(run)
    ]))  # fmt: skip
    for part in run.parts:
        blocks.append(f"**{part.name.capitalize()}**: {part.rate:g} photographs a second for {part.seconds:.0f} s.")
        blocks.append(_times_table(part))
        shares = ", ".join(f"{kind} {taken / part.seconds:.2f}" for kind, taken in sorted(part.processor.items()))
        blocks.append(f"Cores that were busy: {shares}.")
    return "\n\n".join([*blocks, "**Memory**, in MB:", _memory_table(run.sizes)])


def as_row(run: Run, settings: Mapping[str, Any]) -> str:
    """Return the line of a day in a table of days with various settings."""
    day = run.parts[1]
    samples, pages = _of(day, Kind.UPLOAD), times(day)[-1]
    uploads, in_time = times_of(Kind.UPLOAD, samples), share_within(MOST_UPLOAD_MS, samples)
    said = ", ".join(f"{name} {value}" for name, value in settings.items())
    busy = sum(taken for kind, taken in day.processor.items()) / day.seconds
    figures = (
        f"{day.rate:g}", f"{uploads.answered / day.seconds:.1f}", f"{in_time:.1%}", f"{uploads.p95:.0f}",
        uploads.refused, uploads.failed + pages.failed, f"{pages.p95:.0f}", f"{busy:.2f}",
    )  # fmt: skip
    return "| " + " | ".join([said, *map(str, figures)]) + " |"


def _of_the_day(part: Part) -> Iterator[Verdict]:
    samples = _of(part, Kind.UPLOAD)
    uploads = times_of(Kind.UPLOAD, samples)
    pages = times(part)[-1]
    rate, in_time = uploads.answered / part.seconds, share_within(MOST_UPLOAD_MS, samples)
    yield Verdict(
        f">= {LEAST_RATE:g} photographs a second are answered, and 95 % of all that come within {MOST_UPLOAD_MS} ms",
        f"{rate:.1f} a second, {in_time:.1%} in time (p95 {uploads.p95:.0f} ms), {uploads.refused} refused, "
        f"{uploads.failed} failed",
        rate >= LEAST_RATE and in_time >= 0.95 and not uploads.failed,
    )
    yield Verdict(
        f"95 % of the pages are answered within {MOST_PAGE_MS} ms meanwhile",
        f"{pages.p95:.0f} ms, {pages.refused} refused, {pages.failed} failed",
        pages.p95 <= MOST_PAGE_MS and not pages.failed and not pages.refused,
    )


def _of_too_much(too_much: Part, evening: Part) -> Iterator[Verdict]:
    uploads, pages = times_of(Kind.UPLOAD, _of(too_much, Kind.UPLOAD)), times(too_much)[-1]
    failed = sum(sample.failed for sample in too_much.samples)
    yield Verdict(
        f"of {too_much.rate:g} photographs a second those beyond its strength are refused with 503 and Retry-After",
        f"{uploads.answered / too_much.seconds:.1f} a second answered, {uploads.refused} refused, {failed} failed",
        bool(uploads.answered) and bool(uploads.refused) and not failed,
    )
    yield Verdict(
        "pages are answered all the same",
        f"p95 {pages.p95:.0f} ms, {pages.refused} refused, {pages.failed} failed",
        pages.answered > 0 and not pages.failed and not pages.refused,
    )
    after = times_of(Kind.UPLOAD, _of(evening, Kind.UPLOAD))
    trouble = sum(sample.failed for sample in evening.samples)
    yield Verdict(
        "afterwards everything works",
        f"{after.answered} photographs answered, p95 {after.p95:.0f} ms, {after.refused} refused, {trouble} failed",
        after.answered > 0 and not after.refused and not trouble,
    )


def _of_memory(sizes: Sequence[Sizes]) -> Verdict:
    """Compare what each process takes on average in the second quarter of all requests and in the last."""
    early, late = _average(sizes, 0.25, 0.5), _average(sizes, 0.75, 1.0)
    growth = {name: late[name] / before - 1 for name, before in early.items() if name in late}
    name = max(growth, key=lambda each: growth[each], default="")
    return Verdict(
        f"memory stays as it is: no process grows by more than {MOST_GROWTH:.0%}",
        f"{growth.get(name, 0):+.1%} at most ({name.rpartition(' ')[0]}), from the second quarter of "
        f"{sizes[-1].requests:,} requests to the last",
        growth.get(name, 0) <= MOST_GROWTH,
    )


def _average(sizes: Sequence[Sizes], since: float, until: float) -> dict[str, float]:
    """Return the average size of each process that was there all along between two shares of all requests."""
    end = sizes[-1].requests
    looks = [each.megabytes for each in sizes if since * end <= each.requests <= until * end]
    lasting = set.intersection(*(set(look) for look in looks)) if looks else set()
    return {name: sum(look[name] for look in looks) / len(looks) for name in lasting}


def _times_table(part: Part) -> str:
    head = ("", "answered", "p50 ms", "p95 ms", "p99 ms", "longest", "503", "failed")
    rows = [
        (each.kind, f"{each.answered:,}", *(f"{value:.0f}" for value in (each.p50, each.p95, each.p99, each.longest)),
         str(each.refused), str(each.failed))
        for each in times(part)
    ]  # fmt: skip
    return _table(head, rows)


def _memory_table(sizes: Sequence[Sizes]) -> str:
    end = sizes[-1]
    moments = [next(each for each in sizes if each.requests >= share * end.requests) for share in (0.25, 0.5, 0.75, 1)]
    head = ("process", *(f"{each.requests:,} requests" for each in moments), "most")
    rows = []
    for name in end.megabytes:
        if name not in moments[0].megabytes:  # reads a single file, or is just gone
            continue
        most = max(each.megabytes.get(name, 0.0) for each in sizes)
        rows.append(
            (name.rpartition(" ")[0], *(f"{each.megabytes.get(name, 0):.0f}" for each in moments), f"{most:.0f}")
        )
    return _table(head, sorted(rows))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _of(part: Part, kind: Kind) -> list[Sample]:
    return [sample for sample in part.samples if sample.kind == kind]
