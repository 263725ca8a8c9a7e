/* On a touch screen: a swipe over the pictures of a test follows the link to the photograph before or after it. */

const FAR = 60; // pixels that are a swipe
const SLANT = 0.5; // how much of that it may go up or down

for (const pictures of document.querySelectorAll("[data-swipe]")) {
  const link = (rel) => pictures.querySelector(`a[rel="${rel}"]`);
  let start = null;
  let fingers = 0;

  pictures.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers++;
    const alone = fingers === 1 && event.target.closest(".photograph") && !zoomed();
    start = alone ? { x: event.clientX, y: event.clientY } : null; // two fingers zoom the page
  });
  window.addEventListener("pointerup", (event) => {
    if (event.pointerType !== "touch") return;
    fingers = Math.max(0, fingers - 1);
    if (!start) return;
    const [across, down] = [event.clientX - start.x, event.clientY - start.y];
    start = null;
    if (Math.abs(across) >= FAR && Math.abs(down) <= SLANT * Math.abs(across)) link(across > 0 ? "prev" : "next")?.click();
  });
  window.addEventListener("pointercancel", () => {
    fingers = 0; // the browser scrolls or zooms
    start = null;
  });
}

/** Tell whether the page is zoomed in: then a finger moves what is seen of it. */
function zoomed() {
  return (window.visualViewport?.scale ?? 1) > 1.01;
}
