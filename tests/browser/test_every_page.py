"""Every page of a site with one of each thing: it asks nobody else for anything, and its browser complains of none."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.auth.tables import User
from app.security.headers import HTML
from tests.browser.test_patients import sign_in
from tests.visits import visits
from tests.web.test_concealment import Walk, analysis, settings, walk  # noqa: F401 - a site with one of each thing

pytestmark = pytest.mark.browser

FEWEST = 30
OF_A_NAME = {"own_passkeys.new"}  # passkeys are, and the site that the browser walks has an address alone


def test_no_page_asks_another_site_for_anything_or_is_refused_what_it_needs(
    page: Page,
    walk: Walk,  # noqa: F811
    owner: User,
    session: Session,
) -> None:
    owner.blind = False
    session.commit()
    pages = {endpoint: address for endpoint, (address, answer) in visits(walk).items() if is_page(answer)}
    found = [address for endpoint, address in pages.items() if endpoint not in OF_A_NAME]
    sign_in(page, owner)

    for address in found:
        page.goto(address)

    assert len(found) > FEWEST  # and `page` has heard no complaint


def is_page(answer: TestResponse) -> bool:
    return answer.mimetype == HTML and answer.status_code == 200
