/* Buttons that ask an authenticator for a passkey and send what it answers with the form they are in. */
const WORDS = {
  InvalidStateError: "This device has a passkey for this account already.",
  NotAllowedError: "Nothing was done: it was cancelled, took too long, or there is no passkey for it here.",
  NotSupportedError: "This device can't make a passkey that would do here.",
  SecurityError: "Passkeys don't work at this address of the site.",
};
const OTHER = "That did not work. Please try again.";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const listed = (credentials) => (credentials ?? []).map((credential) => ({ ...credential, id: bytes(credential.id) }));

for (const button of document.querySelectorAll("button[data-passkey]")) {
  const said = button.form.querySelector("[data-passkey-said]");
  button.hidden = !("credentials" in navigator && "PublicKeyCredential" in window);
  if (button.hidden) said.textContent = "This browser can't use passkeys here.";

  const use = async () => {
    if (button.dataset.passkey === "create" && !button.form.reportValidity()) return;
    button.disabled = true;
    said.textContent = "";
    try {
      button.form.elements[button.dataset.passkeyField].value = JSON.stringify(await answer(button));
      button.form.submit();
    } catch (error) {
      said.textContent = error.said ?? WORDS[error.name] ?? OTHER;
      button.disabled = false;
    }
  };
  button.addEventListener("click", use);
  if (button.dataset.passkey === "create") button.form.addEventListener("submit", (event) => { // the Enter key
    event.preventDefault();
    use();
  });
}

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // whoever comes back has no challenge any more
});

async function answer(button) {
  const options = await asked(button);
  return button.dataset.passkey === "create" ? made(options) : signed(options);
}

async function asked(button) {
  const headers = { "X-CSRFToken": button.form.elements.csrf_token.value, "X-Requested-With": "fetch" };
  const response = await fetch(button.dataset.passkeyOptions, { method: "POST", headers });
  const content = await response.json();
  if (!response.ok) throw Object.assign(new Error(), { said: content.error });
  return content;
}

async function made(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
  };
  const credential = await navigator.credentials.create({ publicKey });
  return written(credential, { attestationObject: text(credential.response.attestationObject) });
}

async function signed(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
  const credential = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = credential.response;
  return written(credential, {
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : undefined,
  });
}

function written(credential, response) {
  const { id, rawId, type } = credential;
  const clientDataJSON = text(credential.response.clientDataJSON);
  return { id, rawId: text(rawId), type, response: { clientDataJSON, ...response } };
}
