"""The family of a browser or program, of what it says of itself: enough to tell one's own from a stranger's."""

from __future__ import annotations

# of those that come first the later ones are part: Edge says that it is Chrome, and Chrome that it is Safari
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
    ("python", "Python"), ("httpx", "Python"), ("Java", "Java"), ("okhttp", "Java"), ("Go-http", "Go"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
UNKNOWN = "another program"


def family(agent: str) -> str:
    """Return the name of a browser and its system, such as "Firefox on Windows"."""
    browser = next((name for sign, name in BROWSERS if sign in agent), UNKNOWN)
    system = next((name for sign, name in SYSTEMS if sign in agent), None)
    return browser if system is None else f"{browser} on {system}"
