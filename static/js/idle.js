/* Nobody at work: says so before the sign-in ends, and hides the page when it has, with all that was entered in it. */

const shown = document.querySelector("meta[name=device-person]");
const limit = 1000 * Number(shown?.dataset.idle ?? 0);
const HERE = "/account/here";
const SESSION = "/waiting/session";
const SEEN = "lentigo-at-work"; // when somebody was last at work on any page of this browser
const TOLD_EVERY = 60_000; // ms, as often as the server writes it down
const NOTICE = 120_000; // ms before the end
const LOOK = 5_000;

let told = Date.now();
let active = Date.now();
let note, cover;

const lastSeen = () => Math.max(active, Number(localStorage.getItem(SEEN) ?? 0));

function atWork() {
  if (cover?.open) return;
  active = Date.now();
  localStorage.setItem(SEEN, String(active));
  note?.remove();
  if (active - told >= TOLD_EVERY) tell();
}

async function tell() {
  told = Date.now();
  try {
    await fetch(HERE, { headers: { "X-Requested-With": "fetch" } });
  } catch {
    told = 0; // no network: the next movement tries again
  }
}

/** Return the session of this browser, if it is still that of whom the page is shown to. */
async function session() {
  try {
    const answer = await fetch(SESSION, { headers: { "X-Requested-With": "fetch" } });
    const found = answer.redirected ? null : await answer.json();
    return found?.person === shown.content ? found : null;
  } catch {
    return undefined; // no network: nothing is known
  }
}

function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}

function announce() {
  if (note?.isConnected) return;
  note = element("div", "", { className: "idle-note", role: "status" });
  const stay = element("button", "Stay signed in", { type: "button", className: "btn btn-primary btn-sm" });
  stay.addEventListener("click", atWork);
  note.append(element("p", "Nobody has been at work here for a while. You are signed out soon; what you entered stays on this page."), stay);
  document.body.append(note);
}

function hide() {
  note?.remove();
  cover = element("dialog", "", { className: "idle-cover" });
  const again = element("a", "Sign in again", { className: "btn btn-primary", href: "/login", target: "_blank" });
  const onward = element("button", "Go on here", { type: "button", className: "btn btn-outline-secondary" });
  const said = element("p", "", { role: "status", className: "form-text" });
  const actions = element("div", "", { className: "form-actions" });
  actions.append(again, onward);
  cover.append(
    element("h2", "You are signed out", { className: "h3" }),
    element("p", "Nobody was at work here. What you entered is still on this page: sign in again in a new tab, then go on here."),
    actions,
    said,
  );
  cover.addEventListener("cancel", (event) => event.preventDefault());
  onward.addEventListener("click", async () => {
    const found = await session();
    if (!found) {
      said.textContent = "Please sign in first, as the same person.";
      return;
    }
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = found.csrf_token;
    cover.remove();
    cover = undefined;
    told = Date.now();
    atWork();
  });
  document.body.append(cover);
  cover.showModal();
}

async function look() {
  const quiet = Date.now() - lastSeen();
  if (cover?.open) return;
  if (quiet < limit - NOTICE) {
    note?.remove();
    return;
  }
  if (quiet < limit) announce();
  else if ((await session()) === null && !cover?.open) hide();
}

if (limit && shown.content) {
  localStorage.setItem(SEEN, String(active));
  for (const name of ["pointerdown", "keydown", "input", "wheel", "touchmove"]) addEventListener(name, atWork, { passive: true });
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK);
}
