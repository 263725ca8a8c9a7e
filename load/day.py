"""A clinic's day: photographs that arrive when they arrive, and people who look at what is there."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Sequence

from bench.clinic import FAMILY, GIVEN
from load.browser import Browser, Page
from load.samples import Kind
from tests.pictures import jpeg, lesion_picture

SMALL, LARGE = (600, 450), (4000, 3000)  # as HAM10000 has them, and as telephones take them
PICTURES, LARGE_PICTURES = 48, 2
THINKING = 3.0, 9.0  # seconds on a page
LOOKED_AT = 0.25  # share of the photographs whose result is opened by whoever has sent it; others wait in the list
LARGE_SHARE = 0.05
PATIENTS = 120  # of each clinic, who come again
TEST, PATIENT, LESION = (
    re.compile(rf'href="(/{kind}/[A-Za-z0-9_-]{{20,24}})(?:[?"])') for kind in ("results", "patients", "lesions")
)
SEEN = re.compile(r'name="seen" value="(\d*)"')
LABELS = ("nv", "nv", "nv", "mel", "bkl", "bcc")


class Photographs:
    """Drawn photographs, as files; the larger ones are drawn small and enlarged."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._small = [jpeg(lesion_picture(seed)) for seed in range(PICTURES)]
        self._large = [jpeg(lesion_picture(seed, (1000, 750)).resize(LARGE)) for seed in range(LARGE_PICTURES)]

    def one(self) -> bytes:
        """Return one of them."""
        return self._dice.choice(self._large if self._dice.random() < LARGE_SHARE else self._small)


class Clinician:
    """Somebody who is signed in, sends photographs and looks at results."""

    def __init__(self, browser: Browser, seed: int) -> None:
        self._browser = browser
        self._dice = random.Random(seed)
        self._token = ""
        self._tests: list[str] = []
        self._patients: list[str] = []
        self._lesions: list[str] = []

    async def sign_in(self, email: str, password: str) -> None:
        """Sign in, and take the token of the forms; RuntimeError if that fails."""
        form = await self._browser.visit("/login")
        fields = {"email": email, "password": password, "csrf_token": form.token}
        if (await self._browser.send("/login", fields, Kind.PAGE)).status != 303:
            raise RuntimeError("nobody can sign in")
        self._token = (await self._browser.visit("/prediction")).token

    async def send(self, file: bytes, due: float, *, look: bool) -> Page:
        """Send a photograph of some patient; perhaps look at the result."""
        number = self._dice.randrange(PATIENTS)
        fields = {
            "csrf_token": self._token,
            "patient_name": f"{GIVEN[number % len(GIVEN)]} {FAMILY[number % len(FAMILY)]}",
            "age": str(20 + number % 60),
            "sex": ("female", "male")[number % 2],
            "body_site": ("back", "face", "chest", "foot")[number % 4],
            "note": "Itches since spring.",
        }
        answered = await self._browser.upload("/prediction", fields, file, due)
        if answered.location:
            self._tests = [answered.location, *self._tests[:20]]
            if look:
                await self._browser.visit(answered.location, Kind.RESULT)
        return answered

    async def browse(self, until: float) -> None:
        """Look at one thing after another until a moment of the monotonic clock, with time to think."""
        await asyncio.sleep(self._dice.uniform(0, THINKING[1]))
        while time.monotonic() < until:
            await self._next()
            await asyncio.sleep(min(self._dice.uniform(*THINKING), max(0.0, until - time.monotonic())))

    async def _next(self) -> None:
        choice = self._dice.random()
        if choice < 0.16:
            self._remember(await self._browser.visit("/worklist"))
        elif choice < 0.36:
            self._remember(await self._browser.visit("/previous_tests"))
        elif choice < 0.66:
            await self._result()
        elif choice < 0.76:
            self._remember(await self._browser.visit(self._one_of(self._patients, "/patients")))
        elif choice < 0.82:
            self._remember(await self._browser.visit(self._one_of(self._lesions, "/patients")))
        elif choice < 0.90:
            await self._browser.visit("/dashboard")
        elif choice < 0.96:
            await self._browser.visit("/index")
        else:
            await self._report()

    async def _result(self) -> None:
        """Look at a result; of one in five, say what it is."""
        address = self._one_of(self._tests, "")
        if not address:
            self._remember(await self._browser.visit("/previous_tests"))
            return
        page = await self._browser.visit(address, Kind.RESULT)
        self._remember(page)
        seen = SEEN.search(page.text)
        if seen and self._dice.random() < 0.2:
            said = {"csrf_token": page.token, "seen": seen[1], "label": self._dice.choice(LABELS), "note": ""}
            await asyncio.sleep(self._dice.uniform(*THINKING) / 3)
            await self._browser.send(f"{address}/assessment", said, Kind.VERDICT)

    async def _report(self) -> None:
        address = self._one_of(self._tests, "")
        if address:
            await self._browser.ask("GET", f"{address}/report.pdf", Kind.REPORT)

    def _remember(self, page: Page) -> None:
        for pattern, kept in ((TEST, self._tests), (PATIENT, self._patients), (LESION, self._lesions)):
            kept[:] = list(dict.fromkeys([*pattern.findall(page.text), *kept]))[:20]

    def _one_of(self, addresses: Sequence[str], otherwise: str) -> str:
        return self._dice.choice(addresses) if addresses else otherwise


async def arrivals(rate: float, seconds: float, people: Sequence[Clinician], files: Photographs, seed: int = 0) -> None:
    """Have photographs sent at random moments, so many a second, whether or not the ones before are answered."""
    dice = random.Random(seed)
    due = time.monotonic()
    until = due + seconds
    async with asyncio.TaskGroup() as sending:
        while (due := due + dice.expovariate(rate)) < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            sending.create_task(dice.choice(people).send(files.one(), due, look=dice.random() < LOOKED_AT))
