"""What a page may load and use: the Content Security Policy and the Permissions Policy, from nothing upwards."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from jinja2 import Environment
from jinja2.ext import Extension

MARK = "needs"
SCRIPT = re.compile(r"<script\b")

View = TypeVar("View", bound=Callable[..., Any])


class Need(Enum):
    """What a page needs beyond what every page does; views say so with `needs`, parts of pages with `page_needs`."""

    CAMERA = "camera"
    PASSKEYS = "authenticators of the device"
    PICTURES_IN_IT = "pictures that are written into the page, and kept nowhere"
    OWN_FILES = "pictures that are on the device, and were never sent"
    SAME_EACH_TIME = "no nonce, because devices keep it: our own scripts, by their address"


USED = {
    "camera": Need.CAMERA,
    "publickey-credentials-create": Need.PASSKEYS,
    "publickey-credentials-get": Need.PASSKEYS,
}
PICTURES = {Need.OWN_FILES: "blob:", Need.PICTURES_IN_IT: "data:"}
# Whatever a browser could offer to a page, and none of ours uses.
UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "clipboard-read", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "usb",
    "window-management", "xr-spatial-tracking",
)  # fmt: skip
CLOSED = ("base-uri 'none'", "frame-ancestors 'none'")
PAGE = (
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    *CLOSED,
    "require-trusted-types-for 'script'",
    "trusted-types lentigo",
)
FILE_POLICY = "; ".join(("default-src 'none'", "form-action 'none'", *CLOSED, "sandbox"))
WORKER_POLICY = "; ".join(("default-src 'none'", "script-src 'self'", "connect-src 'self'"))


class Nonces(Extension):
    """Give each script element that a template writes, and nothing that is written into one, the answer's nonce."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["script_nonce"] = _nonce
        environment.globals["page_needs"] = _page_needs

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's
        """Write the nonce into the source of a template, before it is compiled."""
        return SCRIPT.sub('<script nonce="{{ script_nonce() }}"', source)


def needs(*wanted: Need) -> Callable[[View], View]:
    """Mark a view whose page needs more than every page does."""

    def marked(view: View) -> View:
        setattr(view, MARK, frozenset(wanted))
        return view

    return marked


def init_app(app: Flask) -> None:
    """Have every script element of the templates carry the nonce of its answer."""
    app.jinja_env.add_extension(Nonces)


def page_policy() -> str:
    """Return what the page of this request may load: the scripts that its templates wrote, and files of ours."""
    wanted, nonce = _needs(), g.get("script_nonce")
    images = " ".join(("img-src 'self'", *(source for need, source in PICTURES.items() if need in wanted)))
    if Need.SAME_EACH_TIME in wanted:
        return "; ".join((*PAGE, images, "script-src 'self'"))
    return "; ".join((*PAGE, images, f"script-src 'nonce-{nonce}'" if nonce else "script-src 'none'"))


def permissions_policy() -> str:
    """Return what the page of this request may use of the device: nothing but what it needs."""
    wanted = _needs()
    used = (f"{name}={'(self)' if need in wanted else '()'}" for name, need in USED.items())
    return ", ".join((*used, *(f"{name}=()" for name in UNUSED)))


def _needs() -> frozenset[Need]:
    view = current_app.view_functions.get(request.endpoint or "")
    marked: frozenset[Need] = getattr(view, MARK, frozenset())
    written: frozenset[Need] = g.get("needs", frozenset())
    return marked | written


def _page_needs(name: str) -> str:
    """Note in a template that the page needs something, and write nothing."""
    g.needs = g.get("needs", frozenset()) | {Need[name]}
    return ""


def _nonce() -> str:
    if "script_nonce" not in g:
        g.script_nonce = "" if Need.SAME_EACH_TIME in _needs() else secrets.token_urlsafe(18)
    nonce: str = g.script_nonce
    return nonce
