/* On every page: whom it is shown to, the service worker, what waits on this device, and leaving while something does. */

import { sendWaiting } from "./phone-send.js";
import { CHANNEL, countOf, person, setPerson, waitingOf } from "./phone-store.js";
import { counted } from "./phone-words.js";
import { serviceWorker } from "./trusted.js";

const SOONEST = 1000; // ms
const shown = document.querySelector("meta[name=device-person]");
const note = document.querySelector("[data-device-waiting]");
const leaving = document.querySelector("[data-sign-out]");
let timer;

// ---- whom the page is shown to

async function remember() {
  if (!shown) return; // a page of the shell: the same for everybody
  const key = shown.content;
  await setPerson(key ? { key, until: 1000 * Number(shown.dataset.until) } : null);
}

// ---- what waits

async function tell() {
  const whose = await person();
  const count = whose ? await countOf(whose.key) : 0;
  if (note) {
    note.hidden = count === 0;
    note.textContent = `${counted(count)} on this device`;
  }
  return count;
}

/** Send what is due, and come back when the next is. */
async function send() {
  clearTimeout(timer);
  await sendWaiting();
  const whose = await person();
  const later = whose ? (await waitingOf(whose.key)).map((row) => row.notBefore).filter((time) => time > Date.now()) : [];
  if (later.length) timer = setTimeout(send, Math.max(SOONEST, Math.min(...later) - Date.now()));
  await tell();
}

// ---- leaving

/** Ask before a person signs out while something of theirs waits. */
function guardLeaving() {
  let sure = false;
  leaving?.addEventListener("submit", async (event) => {
    if (sure) return;
    event.preventDefault();
    const count = await tell().catch(() => 0);
    sure = count === 0 || window.confirm(`${counted(count)} on this device and can only be sent after you have signed in here again. Until then nobody is shown what waits. Sign out?`);
    if (!sure) return;
    await setPerson(null).catch(() => undefined);
    leaving.requestSubmit();
  });
}

// ---- wiring

async function begin() {
  await remember();
  await tell();
  await send();
}

/** Register the service worker once the page is there: what it keeps must not hold up what is looked at. */
function serve() {
  navigator.serviceWorker?.register(serviceWorker(), { type: "module", updateViaCache: "none" }).catch(() => undefined);
}

if (document.readyState === "complete") serve();
else window.addEventListener("load", serve);
if ("indexedDB" in window) {
  guardLeaving();
  begin().catch(() => undefined); // storage may be forbidden: then nothing waits here
  window.addEventListener("online", () => send().catch(() => undefined));
  document.addEventListener("visibilitychange", () => (document.hidden ? undefined : send().catch(() => undefined)));
  new BroadcastChannel(CHANNEL).addEventListener("message", () => tell().catch(() => undefined));
}
