/* The chosen photograph, and on it the square that is analysed: set by pointer, keyboard or sliders. */

import { Square } from "./upload-square.js";

const CANVAS = 1400; // pixels at most: a preview, not the photograph
const TALLEST = 34; // rem
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const GROW = { "+": 1, "=": 1, "-": -1, "_": -1 };

/** Let a form show a photograph and say where its square is; `changed` is told whenever that is another one. */
export function stageIn(form, changed) {
  const part = (name) => form.querySelector(`[data-${name}]`);
  const stage = part("stage");
  const frame = part("square");
  const sliders = { side: part("side"), left: part("left"), top: part("top") };
  let square = null;

  function draw(bitmap) {
    const canvas = stage.querySelector("canvas");
    const scale = Math.min(1, CANVAS / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    stage.style.maxWidth = `${(TALLEST * bitmap.width) / bitmap.height}rem`;
  }

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
    changed();
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

  return {
    /** Show a photograph, with the square in its middle. */
    show(bitmap) {
      draw(bitmap);
      square = new Square(bitmap.width, bitmap.height);
      render();
    },
    focus: () => frame.focus(),
    get square() {
      return square;
    },
  };
}
