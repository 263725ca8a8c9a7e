/* A line of known length, drawn on a photograph: two ends that a pointer drags and the arrow keys move. */

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LEAP = 10; // pixels of the photograph, with the shift key
const MAGNIFIED = 4; // times as large as in the picture
const GLASS = 132; // CSS pixels a side, as in scale.css

const root = document.querySelector("[data-scale]");
const form = document.getElementById("scale-form");
const picture = root.querySelector("[data-picture]");
const lines = [...root.querySelectorAll("[data-line] line")];
const line = root.querySelector("[data-line]");
const glass = root.querySelector("[data-magnifier]");
const figures = root.querySelector("[data-figures]");
const { width, height } = picture.viewBox.baseVal;
const between = (value, least, most) => Math.min(Math.max(value, least), most);

/** As the server writes sizes: as many digits as mean something. */
function figure(value) {
  const decimals = value < 1 ? 2 : value < 10 ? 1 : 0;
  return value.toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** One end of the line: its place is what the two fields of the form hold. */
class End {
  constructor(name) {
    this.mark = root.querySelector(`[data-end=${name}]`);
    this.fields = [form.elements[`${name}_x`], form.elements[`${name}_y`]];
  }

  get place() {
    const values = this.fields.map((field) => (field.value === "" ? NaN : Number(field.value)));
    return values.every(Number.isFinite) ? values : null;
  }

  put(x, y) {
    this.fields[0].value = between(x, 0, width).toFixed(1);
    this.fields[1].value = between(y, 0, height).toFixed(1);
    render();
    magnify(this);
  }

  show(unit) {
    this.mark.classList.toggle("is-unset", this.place === null);
    if (this.place) this.mark.setAttribute("transform", `translate(${this.place.join(" ")}) scale(${unit})`);
  }
}

const ends = ["start", "end"].map((name) => new End(name));
const [start, end] = ends;

// ---- what is shown

function render() {
  const unit = 1 / picture.getScreenCTM().a; // pixels of the photograph in one on the screen
  for (const one of ends) one.show(unit);
  const drawn = start.place !== null && end.place !== null;
  line.classList.toggle("is-unset", !drawn);
  if (drawn) {
    for (const part of lines) {
      [part.x1.baseVal.value, part.y1.baseVal.value] = start.place;
      [part.x2.baseVal.value, part.y2.baseVal.value] = end.place;
    }
  }
  figures.textContent = drawn ? sizes() : "";
}

function sizes() {
  const [[x1, y1], [x2, y2]] = [start.place, end.place];
  const perMillimetre = Math.hypot(x2 - x1, y2 - y1) / form.elements.millimetres.valueAsNumber;
  if (!Number.isFinite(perMillimetre) || perMillimetre <= 0) return "";
  const side = figure(Math.max(width, height) / perMillimetre);
  const told = `${figure(perMillimetre)} pixels per millimetre; the longer side of the photograph is ${side} mm.`;
  const { area, diameter } = root.dataset;
  if (!area) return told;
  const lesion = [Number(diameter) / perMillimetre, Number(area) / perMillimetre ** 2].map(figure);
  return `${told} The lesion: largest diameter ${lesion[0]} mm, area ${lesion[1]} mm².`;
}

/** Show what lies around an end, in the corner that is farther from it. */
function magnify(one) {
  const [x, y] = one.place;
  const side = GLASS / picture.getScreenCTM().a / MAGNIFIED;
  glass.setAttribute("viewBox", `${x - side / 2} ${y - side / 2} ${side} ${side}`);
  glass.querySelector("path").setAttribute("transform", `translate(${x} ${y}) scale(${side / GLASS})`);
  glass.classList.toggle("is-right", x < width / 2);
  glass.toggleAttribute("hidden", false);
}

// ---- pointer and keyboard

function pointed(event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
}

function nearest(point) {
  const distance = (one) => Math.hypot(one.place[0] - point.x, one.place[1] - point.y);
  return distance(start) <= distance(end) ? start : end;
}

/** Take hold of an end; the first touch sets one, and a second end follows from it. */
function press(event) {
  if (event.button !== 0) return;
  event.preventDefault();
  const point = pointed(event);
  const touched = ends.find((one) => one.mark.contains(event.target));
  const first = !touched && start.place === null;
  const held = touched ?? (first ? start : end.place === null ? end : nearest(point));
  const [x, y] = touched ? held.place : [point.x, point.y];
  held.put(x, y);
  held.mark.focus({ preventScroll: true });
  picture.setPointerCapture(event.pointerId);
  let dragged = held;
  const move = (next) => {
    const here = pointed(next);
    if (first) dragged = end; // a line is drawn by dragging from its first end
    dragged.put(x + here.x - point.x, y + here.y - point.y);
    dragged.mark.focus({ preventScroll: true });
  };
  picture.addEventListener("pointermove", move);
  picture.addEventListener("lostpointercapture", () => picture.removeEventListener("pointermove", move), { once: true });
}

function key(event) {
  const held = ends.find((one) => one.mark === event.target);
  if (!held?.place || !(event.key in MOVES) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const [x, y] = MOVES[event.key].map((direction) => direction * (event.shiftKey ? LEAP : 1));
  held.put(held.place[0] + x, held.place[1] + y);
}

function intoTheMiddle() {
  start.put(width / 4, height / 2);
  end.put((3 * width) / 4, height / 2);
  start.mark.focus();
}

// ---- wiring

for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
root.classList.add("has-script");
root.querySelector("[data-ends]").open = root.querySelector("[data-ends] .is-invalid") !== null;
picture.addEventListener("pointerdown", press);
picture.addEventListener("keydown", key);
for (const one of ends) {
  one.mark.addEventListener("focus", () => one.place && magnify(one));
  one.mark.addEventListener("blur", () => glass.toggleAttribute("hidden", true));
}
root.querySelector("[data-place]").addEventListener("click", intoTheMiddle);
form.addEventListener("input", render);
for (const button of root.querySelectorAll("[data-millimetres]")) {
  button.addEventListener("click", () => {
    form.elements.millimetres.value = button.dataset.millimetres;
    render();
  });
}
new ResizeObserver(render).observe(picture);
window.addEventListener("pageshow", render); // back from another page: the fields may have been filled in again
