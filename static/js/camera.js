/* The dialogue of the camera: a hint while aiming, the photograph to look at, and then the form's. */

import { Device, whyNot } from "./camera-device.js";
import { fault, measured, moved } from "./photograph-quality.js";

const EVERY = 300; // milliseconds between two looks at the picture
const ENOUGH = 672; // pixels of a frame that is looked at while aiming
const RESTLESS = 4; // grey levels: two looks that differ by more were not held still
const SHOWN = 1024; // pixels of the photograph that is shown

/** Let `dialog` take photographs; `use` gets each that is to be used, `instead` is asked for another way. */
export function cameraIn(dialog, { limits, sentences, most, use, instead }) {
  const part = (name) => dialog.querySelector(`[data-${name}]`);
  const say = dialog.dataset;
  const video = part("video");
  const shot = part("shot");
  const hint = part("hint");
  const device = new Device();
  let state = "closed";
  let starts = 0;
  let timer = 0;
  let before = null; // what was seen at the last look
  let candidate = "";
  let photograph = null;

  function become(next) {
    state = next;
    for (const group of dialog.querySelectorAll("[data-while]")) group.hidden = group.dataset.while !== shown(next);
    video.hidden = next === "taken";
    shot.hidden = next !== "taken";
    part("finder").classList.toggle("is-empty", next === "failed");
    part("guide").hidden = next === "failed";
    for (const name of ["shutter", "switch", "torch"]) part(name).disabled = next !== "aiming";
  }

  const shown = (next) => (next === "taken" || next === "failed" ? next : "aiming");

  function tell(sentence, kind = "") {
    if (hint.textContent !== sentence) hint.textContent = sentence;
    hint.dataset.kind = kind;
  }

  // ---- the camera

  async function start(deviceId = null) {
    const turn = ++starts; // of two starts, the later one counts
    const over = () => turn !== starts || state !== "starting";
    clearTimeout(timer);
    become("starting");
    tell(say.starting);
    try {
      const stream = await device.open(deviceId);
      if (!stream) return; // it was closed meanwhile
      for (const track of stream.getTracks()) track.addEventListener("ended", () => fail("occupied"));
      video.srcObject = stream;
      await video.play();
      const other = await device.next();
      if (over()) return;
      part("switch").hidden = other === null;
      part("torch").hidden = !device.hasLight;
      part("torch").setAttribute("aria-pressed", "false");
      become("aiming");
      part("shutter").focus();
      look();
    } catch (error) {
      if (!over()) fail(whyNot(error));
    }
  }

  function rest() {
    clearTimeout(timer);
    device.release();
    video.srcObject = null;
    before = null;
  }

  function fail(why) {
    rest();
    become("failed");
    tell(say[why], "fault");
    dialog.querySelector('[data-while="failed"] button').focus();
  }

  // ---- aiming

  function look() {
    if (state !== "aiming") return;
    const seen = measured(video, middle(video.videoWidth, video.videoHeight), limits, ENOUGH);
    const restless = before !== null && moved(before, seen.grey) > RESTLESS;
    const found = fault(seen, limits);
    const next = found === "blurred" && restless ? "moving" : found || "sharp";
    if (next === candidate) tell(say[next], next === "sharp" ? "good" : "fault"); // said twice: it doesn't flicker
    candidate = next;
    before = seen.grey;
    timer = setTimeout(look, EVERY);
  }

  // ---- the photograph

  async function take() {
    clearTimeout(timer);
    become("taking");
    tell(say.taking);
    try {
      const taken = await device.photograph(video, most);
      const bitmap = await createImageBitmap(taken, { imageOrientation: "from-image" });
      if (state !== "taking") return;
      photograph = taken;
      show(bitmap);
      rest();
      become("taken");
      part("use").focus();
      bitmap.close();
    } catch {
      if (state !== "taking") return;
      become("aiming");
      tell(say.untaken, "fault");
      timer = setTimeout(look, 10 * EVERY);
    }
  }

  function show(bitmap) {
    const square = middle(bitmap.width, bitmap.height);
    shot.width = shot.height = Math.min(SHOWN, square.side);
    shot.getContext("2d").drawImage(bitmap, square.left, square.top, square.side, square.side, 0, 0, shot.width, shot.height);
    const found = fault(measured(bitmap, square, limits), limits);
    tell(found ? sentences[found] : say.sharp, found ? "fault" : "good");
  }

  function hand() {
    const kind = photograph.type === "image/png" ? "png" : "jpg";
    use(new File([photograph], `photograph.${kind}`, { type: photograph.type || "image/jpeg" }));
    dialog.close();
  }

  // ---- wiring

  dialog.addEventListener("close", () => {
    become("closed");
    rest();
    photograph = null;
  });
  part("close").addEventListener("click", () => dialog.close());
  part("shutter").addEventListener("click", take);
  part("use").addEventListener("click", hand);
  part("instead").addEventListener("click", () => {
    dialog.close();
    instead();
  });
  for (const button of dialog.querySelectorAll("[data-again]")) button.addEventListener("click", () => start());
  part("switch").addEventListener("click", async () => start(await device.next()));
  part("torch").addEventListener("click", async () => {
    const on = part("torch").getAttribute("aria-pressed") !== "true";
    const lit = await device.light(on);
    part("torch").setAttribute("aria-pressed", String(on && lit));
    part("torch").hidden = !lit;
  });
  window.addEventListener("pagehide", () => dialog.close());
  document.addEventListener("visibilitychange", () => {
    if (!dialog.open || state === "taken" || state === "failed") return;
    if (document.hidden) rest();
    else start();
  });

  return () => {
    dialog.showModal();
    start();
  };
}

/** The square in the middle: what is analysed if nothing else is chosen. */
function middle(width, height) {
  const side = Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, side, width, height };
}
