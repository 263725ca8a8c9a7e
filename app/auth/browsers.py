"""Browsers in plain words: what a person may recognise an own device by."""

from __future__ import annotations

# the first that is found counts: most browsers also claim to be those further down
BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
UNKNOWN = "An unknown browser"


def in_words(user_agent: str) -> str:
    """Return what a User-Agent header says, such as “Firefox on Windows”."""
    browser, system = _found(BROWSERS, user_agent), _found(SYSTEMS, user_agent)
    if system is None:
        return browser or UNKNOWN
    return f"{browser or UNKNOWN} on {system}"


def _found(names: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for mark, name in names if mark in user_agent), None)
