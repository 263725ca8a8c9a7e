"""What a page of ours does with markup that somebody has got into it, past all escaping: nothing."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from app.security.gate import open_to_everyone
from app.storage import Storage
from tests.browser.test_patients import sign_in
from tests.factories import make_analysis, make_user

pytestmark = pytest.mark.browser

SOON = 80  # milliseconds in which what is injected would have run
EVIL = "https://evil.example"
PAGE = "{% extends 'base.html' %}{% block content %}{{ injected | safe }}{% endblock %}"
REPORTED = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.effectiveDirective));
"""
# what is injected, and the directive that stops it
INJECTED = {
    "<script>window.ran = 'inline'</script>": "script-src-elem",
    "<script nonce>window.ran = 'empty nonce'</script>": "script-src-elem",
    f"<script src='{EVIL}/a.js'></script>": "script-src-elem",
    "<script src='{photograph}'></script>": "script-src-elem",
    "<script src='/previous_tests/export.csv'></script>": "script-src-elem",
    "<script src='/static/js/results.js'></script>": "script-src-elem",
    "<script type=module>import '/static/js/results.js'; window.ran = 'module'</script>": "script-src-elem",
    "<link rel=stylesheet href='{photograph}'>": None,  # no style by its type
    f"<link rel=stylesheet href='{EVIL}/a.css'>": "style-src-elem",
    "<style>body { background: url(https://evil.example/a) }</style>": "style-src-elem",
    "<p style='color: red'>": "style-src-attr",
    "<img src=/none onerror=\"window.ran = 'handler'\">": "script-src-attr",
    f"<img src='{EVIL}/a.png'>": "img-src",
    "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>": "img-src",
    f"<iframe src='{EVIL}'></iframe>": "frame-src",
    "<iframe srcdoc=\"<script>parent.ran = 'srcdoc'</script>\"></iframe>": None,  # reported in the frame
    "<object data='{photograph}'></object>": "object-src",
    f"<video src='{EVIL}/a.mp4'></video>": "media-src",
    f"<base href='{EVIL}/'>": "base-uri",
    f"<form action='{EVIL}/a' method=post><button id=go>Send</button></form>": "form-action",
    "<a id=go href=\"javascript:window.ran = 'link'\">Go</a>": "script-src-elem",
}


def test_nothing_that_is_injected_runs_loads_or_sends(
    app: Flask, site: str, chromium: Browser, session: Session, storage: Storage
) -> None:
    owner = make_user(session)
    photograph = f"/results/{make_analysis(session, owner, storage=storage).public_id}/image"
    injected = {text.replace("{photograph}", photograph): directive for text, directive in INJECTED.items()}
    for number, text in enumerate(injected):
        view = open_to_everyone(lambda text=text: render_template_string(PAGE, injected=text))
        app.add_url_rule(f"/injected/{number}", f"injected_{number}", view)
    context = chromium.new_context(base_url=site)
    context.add_init_script(REPORTED)
    page, asked = context.new_page(), list[str]()
    context.route(lambda url: not url.startswith(site), lambda route: asked.append(route.request.url))
    sign_in(page, owner)

    found = {text: _attacked(page, f"/injected/{number}") for number, text in enumerate(injected)}
    html = page.evaluate(
        "() => { try { document.body.innerHTML = '<b>'; return '' } catch (error) { return error.name } }"
    )
    context.close()

    assert {text: ran for text, (_, ran, _) in found.items() if ran} == {}
    assert {text: at for text, (_, _, at) in found.items() if not at.startswith(site)} == {}
    for text, directive in injected.items():
        assert directive in [None, *found[text][0]], (text, found[text])
    assert html == "TypeError"
    assert asked == []


def _attacked(page: Page, address: str) -> tuple[list[str], str | None, str]:
    """Open a page and do what it wants; return what was stopped, what ran, and where relative addresses lead."""
    page.goto(address)
    if page.locator("#go").count():
        page.locator("#go").dispatch_event("click")
    page.wait_for_timeout(SOON)
    stopped, ran = page.evaluate("[window.violations, window.ran ?? null]")
    return stopped, ran, page.evaluate("document.baseURI")
