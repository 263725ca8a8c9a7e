/* Two photographs of one lesion: zoomed and moved together, side by side or one over the other. */

const CLOSEST = 16; // times the framed square
const STEP = 1.25; // of a key or a button
const SHIFT = 0.1; // of what is seen, for an arrow key
const WHEEL = 0.0015; // of a wheel's pixel
const LINE = 16; // pixels of a wheel that counts lines
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ZOOMS = { "+": STEP, "=": STEP, "-": 1 / STEP, _: 1 / STEP };

const between = (value, least, most) => Math.min(Math.max(value, least), most);

/** One photograph, seen through a square window; places and lengths are in sides of `frame`, a square in it. */
class Photograph {
  constructor(element) {
    this.svg = element.querySelector("svg");
    const { x, y, width } = this.svg.viewBox.baseVal;
    this.framed = { left: x, top: y, side: width };
    this.width = Number(this.svg.dataset.width);
    this.height = Number(this.svg.dataset.height);
    this.perMillimetre = Number(this.svg.dataset.perMillimetre);
    this.frame(null);
  }

  /** How many millimetres the framed square has. */
  get millimetres() {
    return this.framed.side / this.perMillimetre;
  }

  /** Look at the framed square, or at one of so many millimetres around its middle. */
  frame(millimetres) {
    const { left, top, side } = this.framed;
    this.side = millimetres === null ? side : millimetres * this.perMillimetre;
    this.left = left + (side - this.side) / 2;
    this.top = top + (side - this.side) / 2;
  }

  /** The zoom at which all of the photograph is seen. */
  get whole() {
    return Math.min(1, this.side / Math.max(this.width, this.height));
  }

  /** How far the photograph reaches from the middle of the square, to either side and up or down. */
  get reach() {
    const far = (start, length) => Math.max(start + this.side / 2, length - start - this.side / 2) / this.side;
    return [far(this.left, this.width), far(this.top, this.height)];
  }

  show({ x, y, zoom }) {
    const side = this.side / zoom;
    const start = (from, shift) => from + this.side * (0.5 + shift) - side / 2;
    this.svg.setAttribute("viewBox", `${start(this.left, x)} ${start(this.top, y)} ${side} ${side}`);
  }
}

/** The outline of a photograph alone, to lie over the other photograph: that one would hide it. */
function traced({ svg }) {
  const trace = document.createElement("div");
  trace.className = "comparison-trace";
  trace.setAttribute("aria-hidden", "true");
  trace.append(svg.cloneNode(true));
  trace.querySelector("image").remove();
  return trace;
}

function comparison(root) {
  const stage = root.querySelector("[data-stage]");
  const photographs = [...root.querySelectorAll("[data-photograph]")].map((element) => new Photograph(element));
  const trace = traced(photographs[0]);
  stage.append(trace);
  photographs.push(new Photograph(trace));
  const fade = root.querySelector("[data-fade]");
  const slider = fade.querySelector("input");
  const shows = [...root.querySelectorAll("[data-show]")];
  const toScale = root.querySelector("[data-to-scale]");
  let reach = [0, 0];
  let farthest = 1;
  const fingers = new Map(); // pointers that are down, by id
  const view = { x: 0, y: 0, zoom: 1 };

  function look(x, y, zoom) {
    view.zoom = between(zoom, farthest, CLOSEST);
    view.x = between(x, -reach[0], reach[0]);
    view.y = between(y, -reach[1], reach[1]);
    for (const photograph of photographs) photograph.show(view);
    stage.classList.toggle("is-zoomed", view.zoom > 1);
    root.querySelector("[data-state]").textContent = `${Math.round(100 * view.zoom)}\u00a0%`;
  }

  /** Zoom about a point that stays where it is; without one, about the middle. */
  function zoom(factor, [u, v] = [0, 0]) {
    const next = between(view.zoom * factor, farthest, CLOSEST);
    const shift = 1 / view.zoom - 1 / next;
    look(view.x + u * shift, view.y + v * shift, next);
  }

  /** Where a pointer is in the picture below it, from -0.5 to 0.5, and how large that picture is. */
  function pointed(event) {
    const box = (event.target.closest("svg") ?? photographs[0].svg).getBoundingClientRect();
    const place = [(event.clientX - box.left) / box.width - 0.5, (event.clientY - box.top) / box.height - 0.5];
    return { place, size: box.width };
  }

  // ---- pointer, wheel and keyboard

  function press(event) {
    if (event.button !== 0 || !event.target.closest("svg")) return;
    stage.focus({ preventScroll: true });
    event.target.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
  }

  function move(event) {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const { place, size } = pointed(event);
    const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
    fingers.set(event.pointerId, event);
    if (other) zoom(apart(event, other) / apart(before, other), place);
    else if (event.pointerType === "touch" && view.zoom <= 1) return; // one finger scrolls the page
    const share = (other ? 0.5 : 1) / (size * view.zoom);
    look(view.x - (event.clientX - before.clientX) * share, view.y - (event.clientY - before.clientY) * share, view.zoom);
  }

  const apart = (one, other) => Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY));

  function turn(event) {
    if (!event.target.closest("svg") || !(event.ctrlKey || document.activeElement === stage)) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? LINE : 1) * WHEEL), pointed(event).place);
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== stage) return;
    if (event.key in MOVES) {
      const [x, y] = MOVES[event.key].map((direction) => (direction * SHIFT) / view.zoom);
      look(view.x + x, view.y + y, view.zoom);
    } else if (event.key in ZOOMS) {
      zoom(ZOOMS[event.key]);
    } else if (event.key === "0") {
      look(0, 0, 1);
    } else {
      return;
    }
    event.preventDefault();
  }

  // ---- how they are shown

  /** Begin again with the framed squares, or with squares of as many millimetres. */
  function frame() {
    const millimetres = toScale?.checked ? Math.max(...photographs.map((one) => one.millimetres)) : null;
    for (const photograph of photographs) photograph.frame(millimetres);
    reach = [0, 1].map((axis) => Math.max(...photographs.map((one) => one.reach[axis])));
    farthest = Math.min(...photographs.map((one) => one.whole));
    look(0, 0, 1);
  }

  function show(how) {
    stage.classList.toggle("is-over", how === "over");
    fade.hidden = how !== "over";
    for (const button of shows) button.setAttribute("aria-pressed", String(button.dataset.show === how));
    blend();
  }

  function blend() {
    photographs[1].svg.querySelector("image").style.opacity = fade.hidden ? 1 : slider.value / 100;
    slider.setAttribute("aria-valuetext", `${slider.value} % of the later photograph`);
  }

  // ---- wiring

  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", "The two photographs");
  stage.setAttribute("aria-describedby", "comparison-help");
  stage.addEventListener("pointerdown", press);
  stage.addEventListener("pointermove", move);
  for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, (event) => fingers.delete(event.pointerId));
  stage.addEventListener("wheel", turn, { passive: false });
  stage.addEventListener("keydown", key);
  for (const button of shows) button.addEventListener("click", () => show(button.dataset.show));
  const buttons = { in: () => zoom(STEP), out: () => zoom(1 / STEP), reset: () => look(0, 0, 1) };
  for (const [name, action] of Object.entries(buttons)) root.querySelector(`[data-zoom=${name}]`).addEventListener("click", action);
  slider.addEventListener("input", blend);
  toScale?.addEventListener("change", frame);
  for (const part of ["tools", "help"]) root.querySelector(`[data-${part}]`).hidden = false;
  frame();
}

for (const root of document.querySelectorAll("[data-comparison]")) comparison(root);
