/* Keeps the marked places of a page up to date: by server-sent events, or by asking where the server has no room.

   A place is marked data-live="NAME:ID"; data-live-then="reload" loads the page again once nothing more is to come.
   What is to be said aloud stands in the place as data-say. Nothing is asked while the page is hidden, and never more
   than once a second. A browser has few connections to a site, and streams hold theirs: one page has one at a time. */

import { written } from "./trusted.js";

const SHORTLY = 300; // milliseconds: what another page takes to leave its stream
const SOON = 1000; // the least between two questions
const ASK = 2000;
const ASK_CALM = 15000; // once nothing has changed for a while
const CALM = 120000;
const ASK_MOST = 60000; // after failures
const FIRST_EVENT = 5000; // a stream that says nothing for so long is held back on its way
const STREAM_AGAIN = 30000; // after which a page that asks tries a stream
const PATIENCE = 10000; // for an answer
const SAY = 5000; // the least between two announcements
const TOKEN = "input[name=csrf_token]";
const NO_MORE = new Set([401, 403, 404, 409]); // signed out, or gone

const places = [...document.querySelectorAll("[data-live]")];
const names = places.map((place) => place.dataset.live);
const address = new URL(`../../live/${names.map(encodeURIComponent).join(",")}`, import.meta.url);

let over = places.length === 0;
let source = null; // the open stream
let leave = () => {}; // lets another page of this browser have one
let asking = false;
let timer = 0; // of the next question
let patience = 0; // with a new stream
let asked = -Infinity; // when the server was asked last
let streamAt = 0; // from when on a stream is worth trying
let changed = performance.now();
let failures = 0;

const calm = () => performance.now() - changed > CALM;

// ---- when the server is asked, and how

function next(wait) {
  clearTimeout(timer);
  if (over || document.hidden || source) return;
  const earliest = asked + SOON - performance.now();
  timer = setTimeout(look, Math.max(wait * (1 + Math.random() / 4), earliest));
}

function look() {
  if (over || document.hidden || source || asking) return;
  asked = performance.now();
  if (navigator.locks && !calm() && asked >= streamAt) takeTurn(); // there are locks over HTTPS, and on one's own machine
  else ask();
}

async function takeTurn() {
  asking = true;
  await navigator.locks.request("live", { ifAvailable: true }, (turn) => {
    asking = false;
    if (over || document.hidden) return null;
    if (!turn) {
      streamAt = performance.now() + STREAM_AGAIN;
      return void ask();
    }
    stream();
    return new Promise((resolve) => { leave = resolve; });
  });
}

function stream() {
  let broken = 0;
  source = new EventSource(address);
  patience = setTimeout(instead, FIRST_EVENT);
  source.addEventListener("message", (event) => {
    clearTimeout(patience);
    broken = 0;
    hear(JSON.parse(event.data));
  });
  source.addEventListener("open", () => {
    asked = performance.now();
    broken = 0;
    if (calm()) instead();
  });
  source.addEventListener("error", () => {
    broken += 1; // the server ends each stream after a while, and the browser opens it again by itself
    if (source?.readyState === EventSource.CLOSED || broken > 1) instead();
  });
}

/** Go on without a stream, for the present. */
function instead() {
  close();
  streamAt = performance.now() + STREAM_AGAIN;
  next(ASK);
}

function close() {
  clearTimeout(timer);
  clearTimeout(patience);
  source?.close();
  source = null;
  leave();
}

async function ask() {
  asking = true;
  try {
    const headers = { Accept: "application/json", "X-Requested-With": "fetch" };
    const answer = await fetch(address, { headers, signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected || NO_MORE.has(answer.status)) return finish({});
    if (!answer.ok) throw new Error(String(answer.status));
    failures = 0;
    hear(await answer.json());
  } catch {
    failures += 1; // what is shown stays as it is; the work goes on without this page
  } finally {
    asking = false;
  }
  return next(failures ? Math.min(ASK * 2 ** failures, ASK_MOST) : calm() ? ASK_CALM : ASK);
}

// ---- what is done with the answer

function hear({ parts, over: last }) {
  for (const place of places) if (place.dataset.live in parts) show(place, parts[place.dataset.live]);
  if (last) finish(parts);
}

function finish(parts) {
  over = true;
  close();
  if (places.some((place) => place.dataset.liveThen === "reload" && place.dataset.live in parts)) location.reload();
}

function show(place, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = written(html);
  for (const field of fresh.content.querySelectorAll(TOKEN)) field.setAttribute("value", document.querySelector(TOKEN).value);
  if (fresh.innerHTML.trim() === place.innerHTML.trim()) return;
  const [focused, open, before] = [place.contains(document.activeElement), unfolded(place), spoken(place)];
  place.replaceChildren(fresh.content);
  changed = performance.now();
  for (const [at, details] of place.querySelectorAll("details").entries()) details.open = open[at] ?? details.open;
  if (focused) { // whoever goes by keyboard stays where it was
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }
  if (spoken(place) !== before) say(spoken(place));
}

const unfolded = (place) => [...place.querySelectorAll("details")].map((details) => details.open);
const spoken = (place) => place.querySelector("[data-say]")?.dataset.say ?? "";

// ---- what is said aloud: the newest, and not one on the heels of the other

const voice = document.createElement("p");
let said = -Infinity;
let saying = 0;

function say(words) {
  clearTimeout(saying);
  if (!words) return;
  saying = setTimeout(() => {
    said = performance.now();
    voice.textContent = words;
  }, Math.max(0, said + SAY - performance.now()));
}

// ---- wiring

if (!over) {
  voice.className = "visually-hidden";
  voice.setAttribute("role", "status");
  document.body.append(voice);
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : next(SHORTLY)));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && next(SHORTLY)); // from the browser's cache
  next(SHORTLY);
}
