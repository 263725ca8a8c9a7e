/* The list of what waits on this device, for whoever it was kept for. */

import { sendWaiting } from "./phone-send.js";
import { CHANNEL, change, contentsOf, countAll, person, remove, waitingOf } from "./phone-store.js";
import { again, counted, since } from "./phone-words.js";

const section = document.querySelector("[data-queue]");
const part = (name) => section.querySelector(`[data-queue-${name}]`);
const dialog = document.querySelector("[data-queue-dialog]");
const shown = document.querySelector("meta[name=device-person]")?.content; // undefined on the shell's pages
const shell = shown === undefined;
const ENDED = {
  offline: "There is no network. What waits is sent when it is back.",
  "signed-out": "Sign in to send what waits.",
  busy: "The server is busy. What waits is sent in a moment.",
  sent: "",
};
const channel = new BroadcastChannel(CHANNEL);
let pictures = []; // addresses to give back when the list is drawn anew
let sending; // id of what is being sent
let asked;

/** Return whose list may be shown: not once the sign-in has ended, nor on a page that somebody else has left open. */
async function reader() {
  const whose = await person();
  return whose && (shell ? whose.until > Date.now() : whose.key === shown) ? whose.key : undefined;
}

async function show() {
  const whose = await reader();
  const rows = whose ? await waitingOf(whose) : [];
  const hidden = (await countAll()) - rows.length;
  for (const address of pictures) URL.revokeObjectURL(address);
  pictures = [];
  part("list").replaceChildren(...rows.map(item));
  part("actions").hidden = rows.length === 0;
  part("send").hidden = !rows.some((row) => row.state === "waiting");
  part("hidden").hidden = hidden === 0;
  part("hidden").textContent = `${counted(hidden)} on this device for somebody else, or for you once you have signed in again.`;
  part("none").hidden = rows.length + hidden > 0;
  section.hidden = false;
  if (rows.length && !asked) asked = navigator.storage?.persist?.().catch(() => false); // so that it isn't cleared away
}

function item(row) {
  const element = part("item").content.cloneNode(true).firstElementChild;
  const inside = (name) => element.querySelector(`[data-${name}]`);
  const { text, long } = since(row.at);
  inside("name").textContent = row.name;
  inside("when").textContent = text;
  inside("when").classList.toggle("is-long", long);
  const said = row.id === sending ? "Sending…" : `${row.said ?? ""} ${row.state === "waiting" ? again(row.notBefore) : ""}`.trim();
  inside("said").textContent = said;
  inside("said").hidden = said === "";
  inside("said").classList.toggle("is-refused", row.state === "refused");
  draw(element.querySelector("img"), row);
  inside("again").hidden = inside("save").hidden = row.state !== "refused";
  inside("again").addEventListener("click", () => retry(row));
  if (row.state === "refused") offer(inside("save"), row);
  inside("remove").addEventListener("click", () => ask(`Remove the photograph of ${row.name}?`, "It has not been sent, and is then gone from this device.", "Remove", [row]));
  return element;
}

function draw(image, row) {
  if (!row.thumbnail) return;
  image.src = addressed(new Blob([row.thumbnail], { type: "image/jpeg" }));
}

/** Let a refused photograph be saved as it is: it may be the only copy. */
async function offer(link, row) {
  const [, file] = ((await contentsOf(row.id)) ?? []).find(([, value]) => typeof value !== "string") ?? [];
  if (file) link.href = addressed(new Blob([file.bytes], { type: file.type }));
}

function addressed(blob) {
  const address = URL.createObjectURL(blob);
  pictures.push(address);
  return address;
}

function ask(question, consequence, yes, rows) {
  dialog.querySelector("[data-question]").textContent = question;
  dialog.querySelector("[data-consequence]").textContent = consequence;
  dialog.querySelector("[data-yes]").textContent = yes;
  dialog.returnValue = "";
  dialog.onclose = async () => {
    if (dialog.returnValue !== "yes") return;
    for (const row of rows) await remove(row.id);
    changed();
  };
  dialog.showModal();
}

async function retry(row) {
  await change(row.id, { state: "waiting", notBefore: 0, said: "" });
  await send({ eager: false });
}

async function clear() {
  const whose = await reader();
  const rows = whose ? await waitingOf(whose) : [];
  ask(`Remove all ${rows.length}?`, "None of them has been sent, and all are then gone from this device.", "Remove all", rows);
}

/** Send what is due, or all if the person asks for it; perhaps another window, or the browser itself, is at it. */
async function send({ eager }) {
  part("state").textContent = part("actions").hidden ? "" : "Sending…";
  const ended = await sendWaiting({ eager });
  part("state").textContent = part("actions").hidden ? "" : ENDED[ended];
  await show();
}

function changed() {
  channel.postMessage({ changed: true });
  return show();
}

async function heard(what) {
  sending = what.sending;
  if (what.sent && what.sent.person === (await reader())) list(what.sent);
  await show();
}

/** Lead to the result of what was sent just now. */
function list({ name, address, told }) {
  part("sent").hidden = false;
  const line = document.createElement("p");
  const link = document.createElement("a");
  [link.href, link.textContent] = [address, `${name}: open the result`];
  line.append(link, told ? ` ${told}` : "");
  part("sent").querySelector(".notice > div").append(line);
}

/** Show the page that the shell stands in for, if the site can really be reached, and nothing is being sent. */
async function reopen() {
  await send({ eager: false });
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => undefined);
  if (answer?.ok) window.location.reload();
}

part("send").addEventListener("click", () => send({ eager: true }));
part("clear").addEventListener("click", clear);
channel.addEventListener("message", ({ data }) => heard(data));
window.addEventListener("online", () => (shell ? reopen() : send({ eager: false })));
show().then(() => send({ eager: false }));
