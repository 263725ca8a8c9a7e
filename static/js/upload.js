/* The form of a new test: drop, choose or take a photograph, look at it, and set the square that is analysed. */

import { hasCamera } from "./camera-device.js";
import { cameraIn } from "./camera.js";
import { fault, limitsOf, measured } from "./photograph-quality.js";
import { photograph } from "./upload-file.js";
import { Square } from "./upload-square.js";

const CANVAS = 1400; // pixels at most: a preview, not the photograph
const TALLEST = 34; // rem
const SETTLED = 250; // milliseconds without a change, after which the square is looked at
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const GROW = { "+": 1, "=": 1, "-": -1, "_": -1 };

const form = document.querySelector("[data-upload]");
const part = (name) => form.querySelector(`[data-${name}]`);
const image = form.elements.image;
const cameraFile = part("camera-file");
const drop = part("drop");
const stage = part("stage");
const frame = part("square");
const send = part("send");
const sendText = part("send-text");
const nameField = form.elements.patient_name;
let asking = sendText.textContent;
const toAnalyse = asking;
const sliders = { side: part("side"), left: part("left"), top: part("top") };
const limits = limitsOf(form.dataset);
let square = null;
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
    square = null;
    announce("");
    reveal(false);
    complain(error.message);
  }
}

function present(decoded, name) {
  bitmap?.close();
  bitmap = decoded;
  draw();
  part("name").textContent = name;
  square = new Square(bitmap.width, bitmap.height);
  reveal(true);
  render();
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

function draw() {
  const canvas = stage.querySelector("canvas");
  const scale = Math.min(1, CANVAS / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  stage.style.maxWidth = `${(TALLEST * bitmap.width) / bitmap.height}rem`;
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
  if (!square || !bitmap || image.disabled) return; // small pictures of a DICOM file don't show how sharp it is
  const found = fault(measured(bitmap, square, limits), limits);
  part("hint-text").textContent = found ? form.dataset[found] : "";
  part("hint").hidden = found === "";
}

function judgeSoon() {
  clearTimeout(settling);
  settling = setTimeout(judge, SETTLED);
}

// ---- the camera: the page's own, or else the telephone's

async function offerCamera() {
  const inPage = await hasCamera();
  const open = inPage ? cameraIn(document.querySelector("dialog[data-camera]"), dialogue) : () => cameraFile.click();
  for (const button of form.querySelectorAll("[data-take]")) {
    button.hidden = !inPage && !window.matchMedia("(pointer: coarse)").matches; // a mouse has the same dialogue already
    button.addEventListener("click", open);
  }
}

const dialogue = {
  limits,
  sentences: form.dataset,
  most: { megapixels: Number(form.dataset.largestMegapixels), bytes: Number(form.dataset.largestBytes) },
  use: async (file) => {
    await take([file]);
    frame.focus();
  },
  instead: () => image.click(),
};

// ---- the square

function render() {
  const percent = (value) => `${100 * value}%`;
  frame.style.left = percent(square.left / square.width);
  frame.style.top = percent(square.top / square.height);
  frame.style.width = percent(square.side / square.width);
  frame.style.height = percent(square.side / square.height);
  set(sliders.side, square.side / square.shorter, square.smallest / square.shorter, 1, "of the shorter side");
  set(sliders.left, square.left / square.width, 0, 1 - square.side / square.width, "from the left");
  set(sliders.top, square.top / square.height, 0, 1 - square.side / square.height, "from the top");
  for (const [name, value] of Object.entries(square.fractions)) form.elements[name].value = value;
  judgeSoon();
}

function set(slider, value, least, most, meaning) {
  slider.min = least;
  slider.max = most;
  slider.value = value;
  slider.setAttribute("aria-valuetext", `${Math.round(100 * value)} % ${meaning}`);
}

function tell() {
  const texts = Object.values(sliders).map((slider) => slider.getAttribute("aria-valuetext"));
  part("state").textContent = `Square: ${texts.join(", ")}.`;
}

function drag(event) {
  if (event.button !== 0) return;
  event.preventDefault();
  frame.focus({ preventScroll: true });
  frame.setPointerCapture(event.pointerId);
  const corner = event.target.dataset.corner;
  const start = pointed(event);
  const [left, top] = [square.left, square.top];
  const move = (next) => {
    const point = pointed(next);
    if (corner) square.stretch(corner, point.x, point.y);
    else square.place(left + point.x - start.x, top + point.y - start.y);
    render();
  };
  const stop = () => {
    frame.removeEventListener("pointermove", move);
    tell();
  };
  frame.addEventListener("pointermove", move);
  frame.addEventListener("lostpointercapture", stop, { once: true });
}

function pointed(event) {
  const box = stage.getBoundingClientRect();
  const scale = square.width / box.width;
  return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = square.shorter * (event.shiftKey && event.key in STEPS ? 0.05 : 0.01);
  if (event.key in STEPS) {
    const [x, y] = STEPS[event.key];
    square.place(square.left + x * step, square.top + y * step);
  } else if (event.key in GROW) {
    square.resize(square.side + GROW[event.key] * 2 * step);
  } else {
    return;
  }
  event.preventDefault();
  render();
  tell();
}

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

frame.addEventListener("pointerdown", drag);
frame.addEventListener("keydown", press);
sliders.side.addEventListener("input", () => {
  square.resize(sliders.side.valueAsNumber * square.shorter);
  render();
});
sliders.left.addEventListener("input", () => {
  square.place(sliders.left.valueAsNumber * square.width, square.top);
  render();
});
sliders.top.addEventListener("input", () => {
  square.place(square.left, sliders.top.valueAsNumber * square.height);
  render();
});
part("centre").addEventListener("click", () => {
  square.centre();
  render();
  tell();
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
