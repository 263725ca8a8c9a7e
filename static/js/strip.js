/* A lesion's photographs, one at a time on a narrow page: buttons and arrow keys beside the swipe, and sharp pictures. */

const SVG = "http://www.w3.org/2000/svg";
const LOOK = 100; // milliseconds between two looks at where the strip is
const RESTS = 2; // looks that find it where the one before did, from which on it rests
const TRIES = 4; // at leading it where a button led: a swipe glides on, and snaps into place

const strip = document.querySelector("[data-strip]");
const items = [...strip.children];
const steps = document.querySelector("[data-strip-steps]");
const place = steps.querySelector("[data-place]");
const buttons = { "-1": steps.querySelector("[data-earlier]"), 1: steps.querySelector("[data-later]") };
const oneAtATime = window.matchMedia("(max-width: 767.98px)");
let current = items.length - 1; // the newest
let aim = null; // where a button or a key leads
let leading; // the timer that sees to it that the strip comes to rest there

const left = (index) => items[index].offsetLeft - items[0].offsetLeft;
const isAt = (index) => Math.abs(strip.scrollLeft - left(index)) <= 1;

/** Go to a photograph, and again if a swipe that was not over yet takes the strip elsewhere. */
function go(to) {
  if (!items[to]) return;
  stay();
  aim = to;
  strip.scrollTo({ left: left(to) });
  let [last, rested, tries] = [null, 0, 1];
  leading = setInterval(() => {
    rested = strip.scrollLeft === last ? rested + 1 : 0;
    last = strip.scrollLeft;
    if (rested < RESTS) return;
    if (isAt(to) || tries === TRIES) return stay();
    tries++;
    rested = 0;
    strip.scrollTo({ left: left(to) });
  }, LOOK);
}

/** Leave the strip where it is, or to the finger that takes it elsewhere. */
function stay() {
  aim = null;
  clearInterval(leading);
}

function arrive(index) {
  current = index;
  place.textContent = `${index + 1} of ${items.length}, ${items[index].dataset.day}`;
  for (const [way, button] of Object.entries(buttons)) button.setAttribute("aria-disabled", String(!items[index + Number(way)]));
}

/** Lay the photograph over its thumbnail, which is too small for a whole page. */
function sharpen(item) {
  const { full, frame, width, height } = item.dataset;
  if (!oneAtATime.matches || item.querySelector("svg.strip-picture")) return;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "strip-picture");
  svg.setAttribute("viewBox", frame);
  svg.setAttribute("aria-hidden", "true");
  const image = document.createElementNS(SVG, "image");
  for (const [name, value] of Object.entries({ href: full, width, height })) image.setAttribute(name, value);
  svg.append(image);
  item.querySelector("img").after(svg);
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      sharpen(target);
      if (oneAtATime.matches) arrive(items.indexOf(target));
    }
  },
  { root: strip, threshold: 0.6 },
);

for (const moved of ["pointerdown", "wheel"]) strip.addEventListener(moved, stay, { passive: true });
strip.addEventListener("keydown", (event) => {
  if (event.target !== strip || !oneAtATime.matches || event.ctrlKey || event.metaKey || event.altKey) return;
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way) return;
  event.preventDefault();
  go((aim ?? current) + way);
});
for (const [way, button] of Object.entries(buttons)) button.addEventListener("click", () => go((aim ?? current) + Number(way)));

if (oneAtATime.matches) {
  strip.classList.add("is-placed"); // at once, without gliding through all of them
  strip.scrollTo({ left: left(current) });
  strip.classList.remove("is-placed");
}
arrive(current);
for (const item of items) seen.observe(item);
