"""One run: a morning to warm up, the day that is measured, too much of it, and an evening in which all must work."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from load.browser import Browser
from load.day import Clinician, Photographs, arrivals
from load.processes import Sizes, Watch
from load.samples import Sample
from load.site import HOST, Site

DAWN, MORNING, EVENING = 4.0, 15.0, 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """How long the day is and the time of too much, in seconds, and how many photographs come a second in each."""

    seconds: float
    rate: float
    too_much_seconds: float
    too_much_rate: float


@dataclass(slots=True)
class Part:
    """A part of a run: what was answered in it, how long it took, and the processor time of each kind of process."""

    name: str
    rate: float
    seconds: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    processor: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """The parts of a run, and the memory of the processes all along."""

    parts: Sequence[Part]
    sizes: Sequence[Sizes]


async def run(site: Site, plan: Plan) -> Run:
    """Play the day on a site."""
    parts: list[Part] = [Part("morning", plan.rate)]
    requests = 0

    def note(sample: Sample) -> None:
        nonlocal requests
        requests += 1
        parts[-1].samples.append(sample)

    watch = Watch(site.process, lambda: requests)
    browsers = [Browser(HOST, site.port, note) for _ in site.people]
    clinicians = [Clinician(browser, number) for number, browser in enumerate(browsers)]
    for clinician, person in zip(clinicians, site.people, strict=True):
        await clinician.sign_in(person.email, person.password)
    files = Photographs(random.Random(1))
    await clinicians[0].send(files.one(), time.monotonic(), look=False)
    await asyncio.sleep(DAWN)  # the worker has outlined a lesion then, and loaded what it needs for that
    watching = asyncio.create_task(watch.over_time())
    rates = (plan.rate, MORNING, "morning"), (plan.rate, plan.seconds, "day")
    further = (plan.too_much_rate, plan.too_much_seconds, "too much"), (plan.rate / 2, EVENING, "evening")
    done = []
    for number, (rate, seconds, name) in enumerate((*rates, *(further if plan.too_much_seconds else ()))):
        part = Part(name, rate)
        parts.append(part)
        before, began, own = watch.processor_seconds(), time.monotonic(), time.process_time()
        browsing = [asyncio.create_task(each.browse(began + seconds)) for each in clinicians]
        await arrivals(rate, seconds, clinicians, files, number)
        await asyncio.gather(*browsing)
        part.seconds = time.monotonic() - began
        taken = watch.processor_seconds()
        part.processor = {kind: taken[kind] - before.get(kind, 0.0) for kind in taken}
        part.processor["load generator"] = time.process_time() - own
        done.append(part)
    watch.look()
    watching.cancel()
    for browser in browsers:
        browser.close()
    return Run(done, watch.sizes)
