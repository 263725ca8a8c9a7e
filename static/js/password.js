/* Gives each password field a button that shows what was typed; without scripts there is no button. */
for (const field of document.querySelectorAll("input[type=password]")) {
  const row = document.createElement("div");
  const button = document.createElement("button");
  row.className = "password";
  button.type = "button";
  button.className = "btn btn-outline-secondary";
  button.setAttribute("aria-controls", field.id);

  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", `${button.textContent} the entry of “${field.labels[0].firstChild.textContent.trim()}”`);
  };

  const typing = document.activeElement === field; // whoever has begun already goes on: a field that is moved loses it
  field.replaceWith(row);
  row.append(field, button);
  if (typing) field.focus();
  show(false);
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false)); // a password must never reach the browser's form history
  if ("once" in field.form.dataset) {
    // what is sent twice at once comes with a cookie that the first has replaced
    const send = field.form.querySelector("[type=submit]");
    field.form.addEventListener("submit", () => (send.disabled = true));
    window.addEventListener("pageshow", () => (send.disabled = false)); // after the back button
  }
}
