/* Copies or prints recovery codes, and keeps a reload from making others. Without scripts they are written down. */
const list = document.querySelector("[data-shown-once]");
const copy = document.querySelector("[data-copy]");
const print = document.querySelector("[data-print]");
const said = document.querySelector("[data-copied]");

history.replaceState(null, "", list.dataset.shownOnce);
copy.hidden = print.hidden = false;
print.addEventListener("click", () => window.print());
copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText([...list.querySelectorAll("code")].map((code) => code.textContent).join("\n"));
    said.textContent = "Copied.";
  } catch { // not allowed, or not to be had without HTTPS
    getSelection().selectAllChildren(list);
    said.textContent = "They are selected: copy them with Ctrl+C, or ⌘C on a Mac.";
  }
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // whoever comes back sees no codes any more
});
