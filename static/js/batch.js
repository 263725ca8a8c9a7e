/* Sends the photographs of a batch one by one: a broken connection loses none, and what has arrived is not sent again. */

import { dropped } from "./batch-files.js";
import { Sender } from "./batch-sender.js";
import { written } from "./trusted.js";

const form = document.querySelector("[data-batch]");
const part = (name) => form.querySelector(`[data-${name}]`);
const number = new Intl.NumberFormat("en-GB");
const BESIDE = /(^|\/)(\.|__MACOSX\/|(thumbs\.db|desktop\.ini)$)/i; // what systems put beside the files of people
const inputs = [...form.querySelectorAll("input[type=file][name=files]")];
const token = form.elements.csrf_token.value;
let files = new Map(); // by path
let address = form.dataset.address; // of the batch, once there is one
let sending = false;

const counted = (count, noun = "file") => `${number.format(count)} ${noun}${count === 1 ? "" : "s"}`;

// ---- what was chosen

function take(found) {
  for (const { path, file } of found) {
    if (BESIDE.test(path) || (path.toLowerCase().endsWith(".csv") && offerSheet(file))) continue;
    files.set(path, file);
  }
  complain("");
  part("chosen").textContent = files.size ? `${counted(files.size)} chosen.` : "";
}

/** A spreadsheet among the photographs is meant as the spreadsheet, if none was chosen. */
function offerSheet(file) {
  const sheet = form.elements.spreadsheet;
  if (!sheet || sheet.files.length) return false;
  const chosen = new DataTransfer();
  chosen.items.add(file);
  sheet.files = chosen.files;
  look();
  return true;
}

function complain(sentence) {
  part("files-error-text").textContent = sentence;
  part("files-error").hidden = sentence === "";
}

// ---- the spreadsheet

async function look() {
  const sheet = form.elements.spreadsheet;
  const shown = part("sheet");
  shown.textContent = "";
  if (!sheet.files.length) return;
  const body = new FormData();
  body.append("csrf_token", token);
  body.append("spreadsheet", sheet.files[0]);
  try {
    const answer = await fetch(form.dataset.sheetAddress, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    if (sheet.files.length && (answer.ok || answer.status === 422)) shown.innerHTML = written(await answer.text());
  } catch {
    shown.textContent = ""; // it is read again when the form is sent
  }
}

// ---- sending

async function send(event) {
  if (sending) {
    event.preventDefault();
    return;
  }
  event.preventDefault();
  if (files.size === 0) {
    complain("Please choose the photographs first.");
    return;
  }
  busy(true);
  try {
    if (!address) address = await create();
    if (address) await sendAll();
    else busy(false);
  } catch (error) {
    broken(error);
  }
}

/** Make the batch; undefined if the form was not accepted, and then shows why. */
async function create() {
  const body = new FormData(form);
  body.delete("files");
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
  if (answer.status === 201) return (await answer.json()).address;
  const page = new DOMParser().parseFromString(written(await answer.text()), "text/html");
  const about = page.querySelector("[data-about]");
  if (answer.status !== 422 || !about) throw new Error("The batch could not be made. Please reload the page and try again.");
  const sheet = form.elements.spreadsheet;
  about.querySelector("input[type=file]").replaceWith(sheet); // its choice can't be made again by a script
  part("about").replaceWith(about);
  prepareAbout();
  (about.querySelector("[aria-invalid]") ?? about).scrollIntoView({ block: "center" });
  return undefined;
}

async function sendAll() {
  const sender = new Sender(address, token, Number(form.dataset.largestBytes), show);
  part("sending").hidden = false;
  part("broken").hidden = true;
  await sender.send(files);
  leave();
  begin();
}

function show({ sent, total, refused }) {
  const bar = part("sending-bar");
  const before = Math.floor((10 * bar.value) / bar.max);
  [bar.value, bar.max] = [sent, total || 1];
  const but = refused ? ` ${counted(refused)} can’t be analysed; the batch will say why.` : "";
  part("sending-text").textContent = `${number.format(sent)} of ${counted(total)}.${but}`;
  if (Math.floor((10 * sent) / (total || 1)) !== before) part("sending-said").textContent = `${sent} of ${total} sent.`;
}

function begin() {
  const start = document.createElement("form");
  start.method = "post";
  start.action = `${address}/start`;
  const field = document.createElement("input");
  [field.type, field.name, field.value] = ["hidden", "csrf_token", token];
  start.append(field);
  document.body.append(start);
  start.submit();
}

function broken(error) {
  part("sending").hidden = false;
  part("broken").hidden = false;
  part("broken-title").textContent = error.title ?? "Sending has stopped";
  part("broken-text").textContent = `${error.message} What has arrived is kept.`;
  busy(false);
}

function busy(working) {
  sending = working;
  part("send").disabled = working;
  if (working) window.addEventListener("beforeunload", warn);
  else leave();
}

const warn = (event) => event.preventDefault();
const leave = () => window.removeEventListener("beforeunload", warn);

// ---- wiring

function prepareAbout() {
  const naming = form.elements.naming;
  const one = part("one");
  if (naming && one) {
    const render = () => { one.hidden = naming.value !== "one"; };
    naming.addEventListener("change", render);
    render();
  }
  form.elements.spreadsheet?.addEventListener("change", look);
}

for (const element of form.querySelectorAll("[data-with-script]")) element.hidden = false;
for (const input of inputs) {
  input.addEventListener("change", () => {
    take([...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
  });
}
for (const kind of ["dragenter", "dragover"]) {
  form.addEventListener(kind, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    part("drop").classList.add("is-over");
  });
}
for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => part("drop").classList.remove("is-over"));
form.addEventListener("drop", async (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  take(await dropped(event.dataTransfer));
});
part("again").addEventListener("click", () => form.requestSubmit());
form.addEventListener("submit", send);
prepareAbout();
