"""What an auditor is shown: every record, and no form or link that would be refused."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException

from app.security.gate import is_open
from app.security.roles import AUDITOR, roles_of
from tests.access.table import EXPECTED, Outcome
from tests.access.test_matrix import asked, requests
from tests.access.world import World

PLACES = re.compile(r"""<(?:a\b[^>]*?\bhref|form\b[^>]*?\baction)="(/[^"]*)\"""")
POSTED = re.compile(r"""<form\b(?=[^>]*\bmethod="post")(?![^>]*\baction=)""")


def test_no_page_offers_an_auditor_what_is_refused(world: World) -> None:
    offered = []

    for rule, method in requests(world):
        shown = EXPECTED[rule.endpoint]["auditor"] is Outcome.LET_IN and not is_open(world.app, rule.endpoint)
        if method != "GET" or not shown:
            continue
        address, _ = asked(world, rule, method)
        answer = world.send("auditor", "GET", address)
        if answer.mimetype == "text/html":
            places = {unescape(place) for place in PLACES.findall(answer.text)}
            places |= {address} if POSTED.search(answer.text) else set()
            offered += [f"{address}: {place}" for place in sorted(places) if not may_go(world, place)]

    assert not offered, "\n".join(offered)


def may_go(world: World, place: str) -> bool:
    """Tell whether an auditor may use what lies at an address, with one of its methods."""
    adapter, app = world.app.url_map.bind("localhost"), world.app
    for method in ("GET", "POST"):
        try:
            endpoint, _ = adapter.match(urlsplit(place).path, method=method)
        except HTTPException:
            continue
        if is_open(app, endpoint) or AUDITOR in roles_of(app, endpoint):
            return True
    return False
