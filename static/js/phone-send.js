/* Sends what waits on this device, one after another, from a page or from the service worker.

   Each form goes with the token that it was kept with, by which the server knows it again: sent twice, it is one test.
   The lock saves a second window from sending the same photograph; that it is one test doesn't hang on it. */

import { CHANNEL, change, contentsOf, person, remove, waitingOf } from "./phone-store.js";

export const SESSION = "/waiting/session";
export const TAG = "send-waiting"; // of the Background Sync
export const PATIENCE = 120_000; // ms for one photograph
const LOCK = "lentigo-device";
const SECOND = 1000;
const PAUSE = 30 * SECOND; // after what may pass by itself; each further attempt waits twice as long
const LONGEST_PAUSE = 3600 * SECOND;

const channel = new BroadcastChannel(CHANNEL);

/** Send what is due, or with `eager` all that was not refused. Returns "sent", "offline", "signed-out" or "busy". */
export async function sendWaiting({ eager = false } = {}) {
  const work = () => sendAll(eager);
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

async function sendAll(eager) {
  const whose = await person();
  const due = async () => (whose ? await waitingOf(whose.key) : []).filter((row) => isDue(row, eager));
  if ((await due()).length === 0) return "sent";
  const session = await signedIn();
  if (typeof session === "string") return session;
  if (session.person !== whose.key) return "signed-out"; // somebody else is signed in: theirs is not sent, nor listed
  const tried = new Set();
  for (;;) {
    const row = (await due()).find(({ id }) => !tried.has(id));
    if (!row) return "sent";
    tried.add(row.id);
    tell({ sending: row.id });
    const ended = await send(row, session);
    tell({ changed: true });
    if (ended) return ended;
  }
}

const isDue = (row, eager) => row.state === "waiting" && (eager || !(row.notBefore > Date.now()));

/** Return who is signed in, and the token of their forms; a word if that can't be known or is nobody. */
async function signedIn() {
  try {
    const answer = await fetch(SESSION, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected) return "signed-out";
    return answer.ok ? await answer.json() : "busy";
  } catch {
    return "offline";
  }
}

/** Send one; returns a word if those behind it need not be tried now. */
async function send(row, session) {
  const fields = await contentsOf(row.id);
  if (!fields) return undefined;
  let answer;
  try {
    answer = await fetch(row.address, {
      method: "POST",
      body: formOf(fields, session.csrf_token),
      headers: { "X-Requested-With": "queue" },
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return "offline"; // whether it arrived is not known; sent again, it is the same test
  }
  if (answer.redirected) return "signed-out";
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 201) {
    await remove(row.id);
    tell({ sent: { person: row.person, name: row.name, address: said.address ?? "/previous_tests", told: said.told } });
    return undefined;
  }
  if (isPassing(answer.status)) return later(row, answer, said.error);
  await change(row.id, { state: "refused", said: said.error ?? sentence(answer.status) });
  return undefined;
}

function formOf(fields, token) {
  const body = new FormData();
  body.append("csrf_token", token);
  for (const [name, value] of fields) {
    if (typeof value === "string") body.append(name, value);
    else body.append(name, new Blob([value.bytes], { type: value.type }), "photograph");
  }
  return body;
}

// 400 is a form that has expired: the session changed between its token and the photograph
const isPassing = (status) => status >= 500 || [400, 408, 429].includes(status);

async function later(row, answer, said) {
  const attempts = (row.attempts ?? 0) + 1;
  const asked = retryAfter(answer.headers.get("Retry-After"));
  const pause = asked ?? Math.min(PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE);
  const busy = said ?? "The server could not take the photograph just now.";
  const notBefore = Date.now() + pause;
  await change(row.id, { attempts, notBefore, said: busy });
  if (asked === undefined) return undefined;
  for (const { id } of await waitingOf(row.person)) await change(id, { notBefore }); // who says when means all that is sent
  return "busy";
}

/** Return the milliseconds that a Retry-After header asks for, a number of seconds or a date; undefined without one. */
function retryAfter(header) {
  if (!header) return undefined;
  const seconds = Number(header);
  const pause = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * SECOND;
  return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

function sentence(status) {
  if (status === 413) return "The photograph is larger than the server takes."; // said by what stands before our own
  return "This could not be taken as it is: something is asked that can only be answered in the form of a new test.";
}

/** Tell every page, this one too: whoever listens has a channel of their own. */
function tell(what) {
  channel.postMessage(what);
}
