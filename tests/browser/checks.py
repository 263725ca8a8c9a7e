"""What is asked of every page, whatever it is about."""

from __future__ import annotations

from playwright.sync_api import Page

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FAULTS = """() => {
  const faults = [];
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const name = (element) => (
    element.getAttribute("aria-label") ||
    (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent).join("") ||
    element.textContent || element.value || element.title || ""
  ).trim();
  const each = (selector, fault, wrong) => {
    for (const element of document.querySelectorAll(selector)) {
      if (wrong(element)) faults.push(`${fault}: ${element.outerHTML.slice(0, 160)}`);
    }
  };
  if (document.querySelectorAll("h1").length !== 1) faults.push("not exactly one h1");
  if (document.querySelectorAll("main").length !== 1) faults.push("not exactly one main");
  if (!document.title.trim() || !document.documentElement.lang) faults.push("no title or language");
  each("input:not([type=hidden], [type=submit], [type=button]), select, textarea", "no label",
    (element) => visible(element) && !element.labels.length && !element.getAttribute("aria-label") && !element.getAttribute("aria-labelledby"));
  each("img", "no alt", (element) => !element.hasAttribute("alt"));
  each("button, a[href], [role=button]", "no name",
    (element) => !name(element) && !element.querySelector("img[alt]:not([alt=''])"));
  each("svg:not([aria-hidden=true])", "unnamed drawing",
    (element) => !element.getAttribute("aria-label") && !element.getAttribute("aria-labelledby") && element.getAttribute("role") !== "presentation");
  each("[aria-describedby], [aria-labelledby], [aria-controls]", "names an id that is not there", (element) =>
    ["aria-describedby", "aria-labelledby", "aria-controls"].some((attribute) =>
      (element.getAttribute(attribute) || "").split(" ").filter(Boolean).some((id) => !document.getElementById(id))));
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) faults.push(`id twice: ${id}`);
  each("[tabindex]", "tabindex above 0", (element) => element.tabIndex > 0);
  let level = 1;
  for (const heading of document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")) {
    if (!visible(heading)) continue;
    const here = Number(heading.tagName[1]);
    if (here > level + 1) faults.push(`heading level skipped: ${heading.textContent.trim()}`);
    level = here;
  }
  return faults;
}"""


def assert_sound(page: Page) -> None:
    """Ask that a page fits its window and that what is on it has names."""
    page.wait_for_load_state("networkidle")

    assert page.evaluate(TOO_WIDE) <= 0, f"{page.url} scrolls sideways"
    assert page.evaluate(FAULTS) == [], page.url
