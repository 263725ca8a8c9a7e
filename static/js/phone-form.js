/* Sends the form of a new test without leaving it; what can't be sent is kept on this device, and sent later. */

import { PATIENCE, TAG } from "./phone-send.js";
import { keep, person } from "./phone-store.js";
import { thumbnail } from "./phone-thumbnail.js";

const QUEUE = "/waiting";
const LONG = 8000; // ms, after which to send later is offered
const SIGNED_OUT = "The sign-in that this page belongs to has ended. Sign in, and the photograph is sent.";
const NO_NETWORK = "There is no network. The photograph is sent when it is back and a page of Lentigo is open.";
const NOBODY = "There is no network, and nobody is signed in on this device. Please sign in when there is a network.";
const CONFIRMED = "A DICOM file can’t wait: what it says of the patient has to be confirmed first, and that needs a network.";
const GONE = "The photograph can’t be read any more. Please choose it again.";
const NOT_KEPT = {
  QuotaExceededError: "There is no network, and no room on this device for the photograph: it is not kept. The form stays as it is; make room, or send it when there is a network.",
  NotReadableError: GONE,
  NotFoundError: GONE,
  other: "There is no network, and this browser does not let the photograph be kept. The form stays as it is; send it when there is a network.",
};
const form = document.querySelector("[data-upload]");
const later = form.querySelector("[data-later]");
const notice = document.querySelector("[data-notice]");
const kept = document.querySelector("[data-kept]");
const offline = form.dataset.offline; // the form's address, where the page is the shell's
let sending = false;

async function send(event) {
  const dicom = !form.querySelector("[data-dicom]").hidden; // a page follows, on which what the file says is confirmed
  if (event.defaultPrevented || (dicom && !offline)) return;
  event.preventDefault();
  if (dicom) return complain({ error: CONFIRMED });
  if (sending) return;
  sending = true;
  complain({});
  const data = new FormData(form); // once: what waits must be what was perhaps received
  try {
    await (offline ? waits(data) : sent(data));
  } finally {
    sending = false;
  }
}

async function sent(data) {
  const limit = patience();
  let answer;
  let said;
  try {
    answer = await fetch(window.location.href, {
      method: "POST",
      body: data,
      headers: { "X-Requested-With": "fetch" },
      signal: limit.signal,
    });
    said = isJson(answer) ? await answer.json() : {};
  } catch {
    return waits(data);
  } finally {
    limit.over();
  }
  if (answer.redirected || answer.status === 400) return waits(data, SIGNED_OUT);
  if ([502, 504].includes(answer.status)) return waits(data);
  if (answer.status === 201) return window.location.assign(said.address);
  if (said.error) return complain(said);
  return form.submit(); // what a script can't show, the browser does
}

const isJson = (answer) => answer.headers.get("Content-Type")?.startsWith("application/json");

/** Give up after a while; sooner if the person would rather send it later, which is offered when it takes long. */
function patience() {
  const control = new AbortController();
  const stop = () => control.abort();
  const timers = [setTimeout(() => { later.hidden = false; }, LONG), setTimeout(stop, PATIENCE)];
  later.addEventListener("click", stop);
  const over = () => {
    timers.forEach(clearTimeout);
    later.removeEventListener("click", stop);
    later.hidden = true;
  };
  return { signal: control.signal, over };
}

// ---- keeping

/** Keep the form on this device, and say why: `reason` is a sentence where it is not that there is no network. */
async function waits(data, reason) {
  try {
    const whose = await owner();
    if (!whose) return complain({ error: NOBODY });
    const fields = await fieldsOf(data);
    const row = { id: token(), person: whose, at: Date.now(), address: address(), state: "waiting" };
    await keep({ ...row, name: form.elements.patient_name.value.trim(), thumbnail: await thumbnail(form) }, fields);
  } catch (error) {
    return complain({ error: NOT_KEPT[error?.name] ?? NOT_KEPT.other });
  }
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.sync?.register(TAG).catch(() => undefined);
  if (!reason && navigator.serviceWorker?.controller) return window.location.assign(QUEUE);
  kept.querySelector("p:not(.notice-title)").textContent = reason ?? NO_NETWORK;
  kept.hidden = false;
  form.hidden = true;
  return kept.scrollIntoView({ block: "center" });
}

async function owner() {
  const shown = document.querySelector("meta[name=device-person]");
  return shown ? shown.content : (await person())?.key;
}

const address = () => offline || window.location.pathname + window.location.search;

/** Return what the form holds, files as bytes: not every browser keeps files themselves, and their names stay out. */
async function fieldsOf(data) {
  const entries = [...data].filter(([name, value]) => name !== "csrf_token" && !(value instanceof File && value.size === 0));
  return Promise.all(entries.map(async ([name, value]) => [
    name,
    value instanceof File ? { bytes: await value.arrayBuffer(), type: value.type } : value,
  ]));
}

function token() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- what is wrong

/** Show why nothing was stored, above the form and at the fields; without an error, show that nothing is wrong. */
function complain({ error = "", fields = {} }) {
  notice.hidden = error === "";
  notice.querySelector("p:not(.notice-title)").textContent = error;
  for (const old of form.querySelectorAll("[data-said]")) unmark(old);
  for (const [name, sentences] of Object.entries(fields)) mark(form.elements[name], sentences.join(" "));
  if (!error) return;
  form.dispatchEvent(new CustomEvent("answered"));
  notice.scrollIntoView({ block: "center" });
}

function mark(control, sentence) {
  const field = control?.closest?.(".field");
  if (!field) return; // the photograph's, and hidden ones: the notice says it
  const said = document.createElement("p");
  [said.id, said.className, said.textContent, said.dataset.said] = [`${control.id}-said`, "field-error", sentence, control.id];
  field.append(said);
  control.classList.add("is-invalid");
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-errormessage", said.id);
}

function unmark(said) {
  const control = document.getElementById(said.dataset.said);
  control.classList.remove("is-invalid");
  for (const name of ["aria-invalid", "aria-errormessage"]) control.removeAttribute(name);
  said.remove();
}

if (offline) form.elements.submission.value = token();
form.addEventListener("submit", send);
