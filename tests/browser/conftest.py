"""A site on a real port, and a browser that forgives it nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect, sync_playwright

from tests.pictures import lesion_picture, y4m
from tests.serving import served

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"  # no other machine has a name
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", HERE]
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # it is there, and may be used
PATIENCE = 20_000  # milliseconds; a machine that does much else is slow, and not wrong
SIZES = {"wide": (1280, 900), "narrow": (390, 844), "narrowest": (360, 740)}

expect.set_options(timeout=PATIENCE)


@dataclass
class Watch:
    """What a page must not do: complain, fail, or ask anybody but its own site for anything."""

    origin: str
    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("response", lambda answer: self._answered(answer.status, answer.url))
        page.on("requestfailed", self._failed)
        page.context.route("**/*", self._guard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self.complaints.append(f"answer {status}: {url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a download, or a picture of a page that was left
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _guard(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if f"{parts.scheme}://{parts.netloc}" == self.origin or parts.scheme in ("blob", "data"):
            route.continue_()
        else:
            self.complaints.append(f"asked another site: {route.request.url}")
            route.abort()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera looks at a drawn lesion."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        missing = "there is no Chromium here: install Debian's package `chromium`"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    seen = tmp_path_factory.mktemp("camera") / "lesion.y4m"
    seen.write_bytes(y4m(lesion_picture(size=(640, 480))))
    arguments = [*ARGUMENTS, *CAMERA, f"--use-file-for-fake-video-capture={seen}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine; the value is its origin."""
    with served(app) as origin:
        yield origin


@pytest.fixture
def size() -> str:
    return "wide"


@pytest.fixture
def page(chromium: Browser, site: str, size: str) -> Iterator[Page]:
    """A page of a fresh browser, whose site must not have given cause for complaint when the test is over."""
    width, height = SIZES[size]
    context = chromium.new_context(
        base_url=site, viewport={"width": width, "height": height}, accept_downloads=True, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    page, watch = context.new_page(), Watch(site)
    watch.over(page)
    yield page
    context.close()
    assert watch.complaints == []
