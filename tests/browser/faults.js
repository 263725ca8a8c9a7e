// Lists what is wrong with a page, whatever it is about: names, labels, headings, ids.
() => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const text = (id) => document.getElementById(id)?.textContent ?? "";
  const ids = (element, attribute) => (element.getAttribute(attribute) ?? "").split(" ").filter(Boolean);
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const named = (element) => element.getAttribute("aria-label") || ids(element, "aria-labelledby").map(text).join("").trim();
  const each = (selector, fault, wrong) => {
    for (const element of all(selector)) if (wrong(element)) faults.push(`${fault}: ${element.outerHTML.slice(0, 160)}`);
  };

  if (all("h1").length !== 1) faults.push("not exactly one h1");
  if (all("main").length !== 1) faults.push("not exactly one main");
  if (!document.title.trim()) faults.push("no title");
  if (!document.documentElement.lang) faults.push("no language");

  each("input:not([type=hidden], [type=submit]), select, textarea", "no label",
    (element) => visible(element) && !element.labels.length && !named(element));
  each("button, a[href], [role=button], summary", "no name",
    (element) => !named(element) && !element.textContent.trim() && !element.querySelector("img[alt]:not([alt=''])"));
  each("img", "no alternative text", (element) => !element.hasAttribute("alt"));
  each("svg", "unnamed drawing", (element) => !element.closest("[aria-hidden=true]") && !named(element));
  each("[tabindex]", "before its turn", (element) => element.tabIndex > 0);
  for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls"]) {
    each(`[${attribute}]`, `${attribute} leads nowhere`,
      (element) => ids(element, attribute).some((id) => !document.getElementById(id)));
  }

  const seen = new Set();
  for (const { id } of all("[id]")) {
    if (seen.has(id)) faults.push(`an id twice: ${id}`);
    seen.add(id);
  }
  let level = 0;
  for (const heading of all("main :is(h1, h2, h3, h4, h5, h6)").filter(visible)) {
    const here = Number(heading.tagName[1]);
    if (here > level + 1) faults.push(`a level left out before: ${heading.textContent.trim()}`);
    level = here;
  }
  return faults;
}
