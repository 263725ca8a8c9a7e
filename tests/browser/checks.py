"""What is asked of every page, whatever it is about."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BESIDE_HEADER = """(() => {
  const header = document.querySelector(".navbar");
  return header !== null && header.scrollWidth > header.clientWidth;
})()"""
FAULTS = Path(__file__).with_name("faults.js").read_text()


def assert_sound(page: Page) -> None:
    """Ask that a page fits its window, its header the page, and that what is on it has names."""
    page.wait_for_load_state("load")

    too_wide, faults = page.evaluate(TOO_WIDE), page.evaluate(FAULTS)
    assert not page.evaluate(BESIDE_HEADER), f"{page.url}: the links at its top reach beyond its edge"
    assert too_wide <= 0, f"{page.url} scrolls sideways by {too_wide} pixels"
    assert not faults, f"{page.url}: {faults}"
