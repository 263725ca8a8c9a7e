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

  field.replaceWith(row);
  row.append(field, button);
  show(false);
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false)); // a password must never reach the browser's form history
}
