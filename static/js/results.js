/* The result page: blends the heat map over the photograph, and asks before a test is deleted. */
(() => {
  const blend = document.querySelector("[data-blend]");
  const heat = document.querySelector("[data-heat]");
  if (blend && heat) {
    const strength = blend.querySelector("input[type=range]");
    const shown = blend.querySelector("input[type=checkbox]");

    const paint = () => {
      heat.style.opacity = shown.checked ? strength.value / 100 : 0;
      strength.disabled = !shown.checked;
      strength.setAttribute("aria-valuetext", `${strength.value} of ${strength.max}`);
    };

    strength.addEventListener("input", paint);
    shown.addEventListener("change", paint);
    blend.hidden = false;
    paint();
  }

  for (const deletion of document.querySelectorAll("[data-deletion]")) {
    const dialog = deletion.nextElementSibling;
    const form = deletion.querySelector("form");
    const cancel = form.querySelector("[data-cancel]");

    dialog.append(form); // without this script, it opens below the button
    cancel.hidden = false;
    cancel.addEventListener("click", () => dialog.close());
    deletion.querySelector("summary").addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
      cancel.focus();
    });
  }
})();
