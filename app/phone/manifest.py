"""The web app manifest: what a phone needs to install Lentigo like an application."""

from __future__ import annotations

from typing import Any

from flask import url_for

MEDIA_TYPE = "application/manifest+json"
HEADER_COLOUR = "#ffffff"  # the header's; the pages' own metas say it for each theme
PAPER = "#f7f5f1"
ICONS = (
    ("icons/icon-192.png", "192x192", "any"),
    ("icons/icon-512.png", "512x512", "any"),
    ("icons/maskable-192.png", "192x192", "maskable"),
    ("icons/maskable-512.png", "512x512", "maskable"),
)


def manifest() -> dict[str, Any]:
    """Return the manifest; nothing in it depends on who asks."""
    return {
        "id": "/",
        "name": "Lentigo",
        "short_name": "Lentigo",
        "description": "Decision support for clinicians who look at pigmented skin lesions.",
        "lang": "en-GB",
        "dir": "ltr",
        "start_url": url_for("dashboard.home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": HEADER_COLOUR,
        "background_color": PAPER,
        "categories": ["medical"],
        "icons": [_icon(*icon) for icon in ICONS],
        "shortcuts": [
            _shortcut("New test", url_for("upload.prediction")),
            _shortcut("Previous tests", url_for("results.previous_tests")),
        ],
    }


def _icon(filename: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": url_for("static", filename=filename), "sizes": sizes, "type": "image/png", "purpose": purpose}


def _shortcut(name: str, address: str) -> dict[str, Any]:
    return {"name": name, "url": address, "icons": [_icon(*ICONS[0])]}
