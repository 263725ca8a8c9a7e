/* The body map as an input: a mark on the front or the back of a body, and the list of sites, kept in step both ways. */

const STEP = 1.5; // of the drawing's units, some 200 of which are a figure's width
const LEAP = 5; // steps, with the shift key
const FINGER = 22; // CSS pixels around a tap that still reach a region: targets are 44 wide
const AROUND = 16; // directions looked into
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const WIDER = { acral: ["hand", "foot"], trunk: ["chest", "abdomen", "back", "trunk"] }; // words that hold other words

const HANDS = { front: ["right", "left"], back: ["left", "right"] }; // the patient's, from the viewer's left
const MIDLINE = [0.46, 0.54]; // fractions of a figure's width
const SEEN = { front: "seen from the front", back: "seen from behind" };

const holds = (word, site) => word === site || (WIDER[word] ?? []).includes(site);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** One of the two drawings: its regions, and points in its own units. */
class Figure {
  constructor(element) {
    this.side = element.dataset.figure;
    this.svg = element.querySelector("svg");
    this.regions = [...this.svg.querySelectorAll("[data-site]")];
    this.mark = this.svg.querySelector("[data-mark]");
    this.box = this.svg.viewBox.baseVal;
  }

  point(x, y) {
    return new DOMPoint(x, y).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  regionAt(point) {
    const inside = (region) => {
      const mirror = region.transform.baseVal.numberOfItems ? region.transform.baseVal.getItem(0).matrix : null;
      return region.isPointInFill(mirror ? new DOMPoint(point.x, point.y).matrixTransform(mirror.inverse()) : point);
    };
    return this.regions.findLast(inside); // later ones lie on top
  }

  /** The nearest point of the body within a finger's reach; undefined if there is none. */
  near(point) {
    const reach = FINGER / this.svg.getScreenCTM().a;
    for (let far = 0; far <= reach; far += reach / 11) {
      for (let turn = 0; turn < AROUND; turn += 1) {
        const angle = (2 * Math.PI * turn) / AROUND;
        const here = new DOMPoint(point.x + far * Math.cos(angle), point.y + far * Math.sin(angle));
        if (this.regionAt(here)) return here;
      }
    }
    return undefined;
  }

  fractions({ x, y }) {
    return [(x - this.box.x) / this.box.width, (y - this.box.y) / this.box.height];
  }

  /** On which side of the patient a point lies. */
  half(point) {
    const [x] = this.fractions(point);
    if (x >= MIDLINE[0] && x <= MIDLINE[1]) return "midline";
    return `${HANDS[this.side][x < MIDLINE[0] ? 0 : 1]} side`;
  }

  fromFractions(x, y) {
    return new DOMPoint(this.box.x + x * this.box.width, this.box.y + y * this.box.height);
  }
}

function bodyMap(root) {
  const form = root.closest("form");
  const field = (name) => form.elements[root.dataset[`${name}Name`]];
  const [side, across, down, list] = ["side", "x", "y", "site"].map(field);
  const figures = [...root.querySelectorAll("[data-figure]")].map((element) => new Figure(element));
  const switches = [...root.querySelectorAll("[data-show]")];
  const state = root.querySelector("[data-state]");
  const clear = root.querySelector("[data-clear]");
  let mark = null; // { figure, point, region }

  // ---- the mark

  function put(figure, point) {
    const region = figure.regionAt(point);
    if (!region) return;
    const chosen = list.value !== mark?.region?.dataset.site; // in the list, not by the mark
    const kept = chosen && holds(list.value, region.dataset.site);
    mark = { figure, point, region };
    const [x, y] = figure.fractions(point);
    [side.value, across.value, down.value] = [figure.side, x.toFixed(4), y.toFixed(4)];
    if (!kept) list.value = region.dataset.site;
    list.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: root })); // for whoever else listens
    render();
    say(`Marked: ${where()}.`);
  }

  function remove() {
    mark = null;
    for (const input of [side, across, down]) input.value = "";
    render();
  }

  function read() {
    const figure = figures.find((one) => one.side === side.value);
    if (figure && across.value !== "" && down.value !== "") {
      show(figure.side);
      const point = figure.fromFractions(Number(across.value), Number(down.value));
      mark = { figure, point, region: figure.regionAt(point) };
    } else {
      mark = null;
    }
    render();
    say(mark ? `Marked: ${where()}.` : "No place is marked.");
  }

  // ---- what is shown

  function render() {
    for (const figure of figures) {
      const here = mark?.figure === figure;
      figure.mark.classList.toggle("is-set", here);
      figure.mark.setAttribute("aria-label", here ? where() : "No mark");
      if (here) figure.mark.setAttribute("transform", `translate(${mark.point.x} ${mark.point.y})`);
      for (const region of figure.regions) {
        region.classList.toggle("is-within", holds(list.value, region.dataset.site));
        region.classList.toggle("is-marked", region === mark?.region);
        region.setAttribute("aria-pressed", String(region === mark?.region));
      }
    }
    clear.hidden = mark === null;
  }

  function where() {
    const { figure, region, point } = mark;
    const called = region ? region.getAttribute("aria-label") : capital(list.value);
    const wider = region && list.value !== region.dataset.site ? ` (${list.value})` : "";
    const half = /\b(left|right)\b/i.test(called) ? "" : `${figure.half(point)}, `;
    return `${called}${wider}, ${half}${SEEN[figure.side]}`;
  }

  function say(sentence) {
    state.textContent = sentence;
  }

  function show(name) {
    root.dataset.shown = name; // counts only where there is no room for both
    for (const button of switches) button.setAttribute("aria-pressed", String(button.dataset.show === name));
  }

  // ---- pointer and keyboard

  function point(figure, event) {
    const place = figure.near(figure.point(event.clientX, event.clientY));
    if (!place) return;
    put(figure, place);
    figure.mark.focus({ preventScroll: true }); // the arrow keys set right what a finger can't
  }

  function drag(figure, event) {
    event.preventDefault();
    figure.mark.focus({ preventScroll: true });
    figure.mark.setPointerCapture(event.pointerId);
    const move = (next) => put(figure, figure.point(next.clientX, next.clientY));
    figure.mark.addEventListener("pointermove", move);
    const stop = () => figure.mark.removeEventListener("pointermove", move);
    figure.mark.addEventListener("lostpointercapture", stop, { once: true });
  }

  function press(figure, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const region = event.target.closest("[data-site]");
    if (region && (event.key === "Enter" || event.key === " ")) {
      put(figure, new DOMPoint(region.dataset.x, region.dataset.y));
      figure.mark.focus();
    } else if (region && event.key in MOVES) {
      go(figure, figure.regions.indexOf(region) + Math.sign(MOVES[event.key][0] + MOVES[event.key][1]));
    } else if (!region && event.key in MOVES) {
      const [x, y] = MOVES[event.key].map((direction) => direction * STEP * (event.shiftKey ? LEAP : 1));
      put(figure, new DOMPoint(mark.point.x + x, mark.point.y + y));
    } else if (!region && (event.key === "Delete" || event.key === "Backspace")) {
      erase();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Move the focus, and the one tab stop among a figure's regions. */
  function go(figure, index) {
    const next = figure.regions[(index + figure.regions.length) % figure.regions.length];
    for (const region of figure.regions) region.setAttribute("tabindex", region === next ? "0" : "-1");
    next.focus();
  }

  function erase() {
    remove();
    say("The mark was removed.");
    list.focus();
  }

  // ---- wiring

  for (const figure of figures) {
    figure.regions[0].setAttribute("tabindex", "0");
    figure.svg.addEventListener("click", (event) => point(figure, event));
    figure.svg.addEventListener("keydown", (event) => press(figure, event));
    figure.mark.addEventListener("pointerdown", (event) => event.button === 0 && drag(figure, event));
  }
  for (const button of switches) button.addEventListener("click", () => show(button.dataset.show));
  clear.addEventListener("click", erase);
  list.addEventListener("change", (event) => {
    if (event.detail === root) return;
    const lost = mark !== null && !holds(list.value, mark.region?.dataset.site);
    if (lost) remove();
    else render();
    const highlighted = list.value ? `${capital(list.value)} is highlighted; click the place to mark it.` : "No place is marked.";
    say(mark ? `Marked: ${where()}.` : `${lost ? "The mark lay elsewhere and was removed. " : ""}${highlighted}`);
  });
  form.addEventListener("reset", () => setTimeout(read));
  window.addEventListener("pageshow", read); // back from another page: the fields may have been filled in again
  root.hidden = false;
  read();
}

for (const root of document.querySelectorAll("[data-body-map]")) bodyMap(root);
