"""Passkeys in a browser, whose authenticator is Chromium's virtual one (WebAuthn, "user agent automation")."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from app.auth import proof
from app.clock import now
from tests.browser.checks import assert_sound
from tests.browser.conftest import PATIENCE, Watch
from tests.browser.test_patients import sign_in
from tests.factories import PASSWORD, make_user
from tests.serving import served

pytestmark = pytest.mark.browser

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The application under a name: there are no passkeys of numbers."""
    with served(app) as origin:
        yield origin.replace("127.0.0.1", "localhost")


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Page]:
    """A page of a browser with an authenticator; that a proof is asked for is no complaint."""
    context = chromium.new_context(base_url=site, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page, watch = context.new_page(), Watch(site)
    watch.over(page)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()
    assert [complaint for complaint in watch.complaints if "401" not in complaint] == []


def test_a_passkey_is_made_and_signs_in_and_proves_it_again(
    page: Page, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = make_user(session)
    sign_in(page, owner)
    page.goto("/account/second-step")
    assert_sound(page)
    page.get_by_role("link", name="New passkey").click()
    page.wait_for_url("**/passkeys/new")  # loaded: before its script has run the Enter key asks no device
    page.get_by_label("Name").fill("Phone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert_sound(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Phone", exact=True)).to_be_visible()

    sign_out(page)
    page.goto("/login")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/index")

    late = now() + timedelta(minutes=11)
    monkeypatch.setattr(proof, "now", lambda: late)
    page.goto("/account/second-step")
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("heading", name="Please confirm that it is you")).to_be_visible()
    assert_sound(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()

    sign_out(page)
    page.goto("/login")
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert_sound(page)
    page.get_by_role("button", name="Use a passkey").press("Enter")
    page.wait_for_url("**/index")


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
