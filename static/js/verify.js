/* The verification of a report: computes the file's SHA-256 here, so that the file need not be sent. */
(() => {
  const form = document.querySelector("[data-compare]");
  if (!form || !window.crypto?.subtle) return; // without a secure connection browsers compute no hashes: then it is sent

  const chosen = form.querySelector("input[type=file]");
  const outcome = form.querySelector("[data-compared]");

  const digest = async (file) => {
    const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  form.addEventListener("submit", async (event) => {
    if (!chosen.files.length) return;
    event.preventDefault();
    const found = await digest(chosen.files[0]);
    const kind = found === form.dataset.signed ? "signed" : found === form.dataset.unsigned ? "unsigned" : "other";
    outcome.replaceChildren(form.querySelector(`[data-outcome=${kind}]`).content.cloneNode(true));
  });
})();
