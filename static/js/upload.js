/* The form of a new test: drop, choose or take a photograph, look at it, and send it. */

import { hasCamera } from "./camera-device.js";
import { cameraIn } from "./camera.js";
import { fault, limitsOf, measured } from "./photograph-quality.js";
import { photograph } from "./upload-file.js";
import { stageIn } from "./upload-stage.js";

const SETTLED = 250; // milliseconds without a change, after which the square is looked at

const form = document.querySelector("[data-upload]");
const part = (name) => form.querySelector(`[data-${name}]`);
const image = form.elements.image;
const cameraFile = part("camera-file");
const drop = part("drop");
const send = part("send");
const sendText = part("send-text");
const nameField = form.elements.patient_name;
let asking = sendText.textContent;
const toAnalyse = asking;
const limits = limitsOf(form.dataset);
const stage = stageIn(form, judgeSoon);
let bitmap = null; // what is shown, in all its pixels
let latest = 0;
let settling = 0;

// ---- the file

async function show(file) {
  const turn = ++latest; // of two files chosen quickly, the later one counts
  try {
    const decoded = await photograph(file, form.dataset);
    if (turn !== latest) return decoded?.close();
    complain("");
    announce(decoded === null ? file.name : "");
    if (decoded) present(decoded, file.name);
    else reveal(false);
  } catch (error) {
    if (turn !== latest) return;
    image.value = "";
    announce("");
    reveal(false);
    complain(error.message);
  }
}

function present(decoded, name) {
  bitmap?.close();
  bitmap = decoded;
  part("name").textContent = name;
  reveal(true);
  stage.show(bitmap);
}

/** Say that a file will be read by the server; without a name, that there is no such file. */
function announce(name) {
  part("dicom").hidden = name === "";
  part("dicom-name").textContent = name;
  nameField.required = name === ""; // the file may name the patient
  sendText.textContent = asking = name ? "Read the file" : toAnalyse;
  if (name) for (const field of ["frame_left", "frame_top", "frame_side"]) form.elements[field].value = "";
}

/** Show a picture that the server has taken out of a DICOM file. */
async function showPicture(picture) {
  const turn = ++latest;
  await picture.decode();
  const decoded = await createImageBitmap(picture);
  if (turn === latest) present(decoded, "");
  else decoded.close();
}

function take(files) {
  if (files.length === 0 || image.disabled) return; // disabled: a DICOM file is being confirmed
  const chosen = new DataTransfer();
  chosen.items.add(files[0]);
  image.files = chosen.files;
  return show(files[0]);
}

function reveal(chosen) {
  part("preview").hidden = !chosen;
  drop.classList.toggle("is-chosen", chosen);
  drop.classList.remove("is-invalid");
}

function complain(sentence) {
  part("error-text").textContent = sentence;
  part("error").hidden = sentence === "";
  drop.classList.toggle("is-invalid", sentence !== "");
  image.setAttribute("aria-invalid", String(sentence !== ""));
}

// ---- is it good enough: a hint that holds nothing up

function judge() {
  if (part("preview").hidden || image.disabled) return; // small pictures of a DICOM file don't show how sharp it is
  const found = fault(measured(bitmap, stage.square, limits), limits);
  part("hint-text").textContent = found ? form.dataset[found] : "";
  part("hint").hidden = found === "";
}

function judgeSoon() {
  clearTimeout(settling);
  settling = setTimeout(judge, SETTLED);
}

// ---- the camera: the page's own, or else the telephone's

function offerCamera() {
  const buttons = [...form.querySelectorAll("[data-take]")];
  const offer = (offered) => buttons.forEach((button) => (button.hidden = !offered));
  const telephone = window.matchMedia("(pointer: coarse)").matches; // a mouse would open the same dialogue as for a file
  offer(telephone || "mediaDevices" in navigator); // at once, for nothing should move later
  const opening = hasCamera().then((inPage) => {
    offer(telephone || inPage);
    return inPage ? cameraIn(document.querySelector("dialog[data-camera]"), dialogue) : () => cameraFile.click();
  });
  for (const button of buttons) button.addEventListener("click", async () => (await opening)());
}

const dialogue = {
  limits,
  sentences: form.dataset,
  most: { megapixels: Number(form.dataset.largestMegapixels), bytes: Number(form.dataset.largestBytes) },
  use: async (file) => {
    await take([file]);
    stage.focus();
  },
  instead: () => image.click(),
};

// ---- sending

function busy(waiting) {
  send.disabled = waiting;
  part("busy").hidden = !waiting;
  sendText.textContent = waiting ? "Analysing…" : asking;
}

// ---- wiring

form.classList.add("has-script");
image.tabIndex = -1; // the button that opens it is the one to stop at
for (const element of form.querySelectorAll("[data-with-script]")) element.hidden = false;
for (const button of form.querySelectorAll("[data-choose]")) button.addEventListener("click", () => image.click());
image.addEventListener("change", () => (image.files.length ? show(image.files[0]) : undefined));
cameraFile.addEventListener("change", () => take(cameraFile.files));
offerCamera();

for (const kind of ["dragenter", "dragover"]) {
  form.addEventListener(kind, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("is-over");
  });
}
for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => drop.classList.remove("is-over"));
form.addEventListener("drop", (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  take(event.dataTransfer.files);
});

form.addEventListener("submit", () => busy(true));
form.addEventListener("answered", () => busy(false)); // the answer was shown here, and the form is still to be sent
window.addEventListener("pageshow", () => busy(false)); // back from the result: the form can be sent again
if (image.files.length) show(image.files[0]);

const pictures = form.querySelectorAll("[data-picture]");
for (const choice of form.querySelectorAll("[data-choice]")) {
  const picture = choice.parentElement.querySelector("[data-picture]");
  choice.addEventListener("change", () => (picture ? showPicture(picture) : reveal(false)));
  if (choice.checked) choice.closest("fieldset > div").scrollTop = choice.parentElement.offsetTop; // a form that came back
  if (choice.checked && picture) showPicture(picture);
}
if (pictures.length === 1 && pictures[0].matches(".file-picture-alone")) {
  pictures[0].hidden = true; // the same picture, with the square
  showPicture(pictures[0]);
}
