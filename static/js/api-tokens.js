/* Copies the new token, and keeps the page from sending its form twice. Without scripts it is selected and copied by hand. */
const shown = document.querySelector("[data-token]");

if (shown) {
  const text = shown.querySelector("[data-token-text]");
  const button = shown.querySelector("[data-token-copy]");
  const said = document.querySelector("[data-token-copied]");

  history.replaceState(null, "", location.href); // so that a reload asks for the list, and doesn't send the form again
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      said.textContent = "Copied.";
    } catch { // not allowed, or not to be had without HTTPS
      getSelection().selectAllChildren(text);
      said.textContent = "It is selected: copy it with Ctrl+C, or ⌘C on a Mac.";
    }
  });
}

document.querySelector("[data-token-form]").addEventListener("submit", (event) => {
  event.target.querySelector("button[type=submit]").disabled = true;
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // whoever comes back sees no token any more
});
