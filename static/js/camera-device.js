/* The camera of a device: opened, changed, lit, asked for a photograph, released. No page in here. */

const SIZE = { width: { ideal: 4096 }, height: { ideal: 3072 } }; // the largest there is, as near to 4:3 as can be
const MEGAPIXEL = 1e6;
const PATIENCE = 6000; // milliseconds for a photograph: some cameras never give the one they promise
const JPEG = ["image/jpeg", 0.95];
const WHY = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
}; // by the name of the browser's error; all others: "occupied"

/** Tell whether there is a camera that a page may ask for; over plain HTTP there is none, but on this machine. */
export async function hasCamera() {
  if (!navigator.mediaDevices?.getUserMedia) return false;
  return (await cameras()).length > 0;
}

export const whyNot = (error) => WHY[error.name] ?? "occupied";

export class Device {
  #stream = null;
  #turn = 0;

  /** Open the rear camera, or the one that is named, and hand its stream on; null if it was released meanwhile. */
  async open(deviceId = null) {
    this.release();
    const turn = this.#turn;
    const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, ...SIZE } });
    if (turn === this.#turn) return (this.#stream = stream);
    stop(stream);
    return null;
  }

  release() {
    this.#turn++;
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
  }

  /** The camera after this one; null where there is no other. */
  async next() {
    const ids = (await cameras()).map(({ deviceId }) => deviceId);
    if (ids.length < 2) return null;
    return ids[(ids.indexOf(this.#track?.getSettings().deviceId) + 1) % ids.length];
  }

  get hasLight() {
    return this.#track?.getCapabilities?.().torch === true;
  }

  /** Switch the light on or off, and tell whether the camera did. */
  async light(on) {
    try {
      await this.#track.applyConstraints({ advanced: [{ torch: on }] });
      return true;
    } catch {
      return false; // it said that it has one
    }
  }

  /** Take a photograph: the camera's own where it gives one that may be sent, else what the video shows. */
  async photograph(video, { megapixels, bytes }) {
    if (!("ImageCapture" in window)) return frame(video);
    try {
      const capture = new ImageCapture(this.#track);
      const taken = await inTime(capture.takePhoto(await largest(capture, megapixels * MEGAPIXEL)));
      return taken.size <= bytes ? taken : frame(video);
    } catch {
      return frame(video);
    }
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }
}

async function cameras() {
  return (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function inTime(promise) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("late")), PATIENCE);
  });
  return Promise.race([promise, late]);
}

async function largest(capture, most) {
  const { imageWidth, imageHeight } = await capture.getPhotoCapabilities();
  const [width, height] = [imageWidth?.max ?? 0, imageHeight?.max ?? 0];
  return width > 0 && height > 0 && width * height <= most ? { imageWidth: width, imageHeight: height } : {};
}

function frame(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no frame"))), ...JPEG);
  });
}
