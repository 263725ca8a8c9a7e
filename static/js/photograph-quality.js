/* Is a square sharp and well lit? What models/quality.py measures, measured before sending. No page in here. */

const PX = 224; // the measures are taken at this size
const LONGEST = 2048; // pixels of a photograph; the server reduces larger ones to it first
const SUPPORT = 2; // of the bicubic filter, in pixels
const GREY = [0.299, 0.587, 0.114];

const canvas = document.createElement("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });

/** The server's limits, as the form gives them. */
export function limitsOf({ brightness, burnt, burntLevel, sharpness }) {
  return { brightness: Number(brightness), burnt: Number(burnt), burntLevel: Number(burntLevel), sharpness: Number(sharpness) };
}

/**
 * Measure a square of a bitmap or video frame: `pixels` gives its left, top and side, and width and height of the whole.
 * A smaller `longest` is faster, and comes out a little different.
 */
export function measured(source, pixels, limits, longest = LONGEST) {
  const square = shrunk(read(source, pixels, longest));
  const grey = new Float32Array(PX * PX);
  let burnt = 0;
  let sum = 0;
  for (let i = 0; i < grey.length; i++) {
    const [red, green, blue] = [square[3 * i], square[3 * i + 1], square[3 * i + 2]];
    grey[i] = GREY[0] * red + GREY[1] * green + GREY[2] * blue;
    sum += grey[i];
    if (Math.min(red, green, blue) >= limits.burntLevel) burnt++;
  }
  return { sharpness: laplacianVariance(grey), brightness: sum / grey.length, burnt: burnt / grey.length, grey };
}

/** The gravest fault of what was measured, by the server's limits: "dark", "overexposed" or "blurred"; else "". */
export function fault({ sharpness, brightness, burnt }, limits) {
  if (brightness < limits.brightness) return "dark";
  if (burnt > limits.burnt) return "overexposed";
  return sharpness < limits.sharpness ? "blurred" : "";
}

/** How far two frames differ, in grey levels: the mean of blocks, so that noise doesn't count. */
export function moved(before, after) {
  const BLOCK = 16;
  let sum = 0;
  for (let top = 0; top < PX; top += BLOCK) {
    for (let left = 0; left < PX; left += BLOCK) {
      let difference = 0;
      for (let y = top; y < top + BLOCK; y++) {
        for (let x = left; x < left + BLOCK; x++) difference += after[y * PX + x] - before[y * PX + x];
      }
      sum += Math.abs(difference);
    }
  }
  return sum / (PX * PX);
}

/** The square's pixels, as large as the server keeps them. */
function read(source, { left, top, side, width, height }, longest) {
  const kept = Math.max(1, Math.round(side * Math.min(1, longest / Math.max(width, height))));
  canvas.width = kept;
  canvas.height = kept;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, left, top, side, side, 0, 0, kept, kept);
  return { rgba: context.getImageData(0, 0, kept, kept).data, side: kept };
}

/** Reduce (or enlarge) a square to 224 pixels a side as Pillow's bicubic filter does: across first, then down. */
function shrunk({ rgba, side }) {
  const taps = filter(side);
  const across = new Uint8ClampedArray(side * PX * 3); // it rounds, as Pillow does between the two
  for (let y = 0, to = 0; y < side; y++) {
    for (const { start, weights } of taps) {
      let [red, green, blue] = [0, 0, 0];
      for (let i = 0, from = 4 * (y * side + start); i < weights.length; i++, from += 4) {
        red += weights[i] * rgba[from];
        green += weights[i] * rgba[from + 1];
        blue += weights[i] * rgba[from + 2];
      }
      across[to++] = red;
      across[to++] = green;
      across[to++] = blue;
    }
  }
  const down = new Uint8ClampedArray(PX * PX * 3);
  const row = PX * 3;
  for (let y = 0; y < PX; y++) {
    const { start, weights } = taps[y];
    for (let x = 0; x < row; x++) {
      let level = 0;
      for (let i = 0; i < weights.length; i++) level += weights[i] * across[(start + i) * row + x];
      down[y * row + x] = level;
    }
  }
  return down;
}

/** For each of 224 pixels: the first that it is made of, and their weights. */
function filter(side) {
  const scale = side / PX;
  const widened = Math.max(1, scale);
  return Array.from({ length: PX }, (_, pixel) => {
    const middle = (pixel + 0.5) * scale;
    const start = Math.max(0, Math.floor(middle - SUPPORT * widened + 0.5));
    const end = Math.min(side, Math.floor(middle + SUPPORT * widened + 0.5));
    const raw = Array.from({ length: end - start }, (__, i) => bicubic((start + i - middle + 0.5) / widened));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { start, weights: Float64Array.from(raw, (weight) => weight / sum) };
  });
}

/** Keys's cubic convolution with a = -0.5. */
function bicubic(place) {
  const x = Math.abs(place);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000), grey levels squared. */
function laplacianVariance(grey) {
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 1; y < PX - 1; y++) {
    for (let i = y * PX + 1; i < (y + 1) * PX - 1; i++) {
      const value = 4 * grey[i] - grey[i - PX] - grey[i + PX] - grey[i - 1] - grey[i + 1];
      sum += value;
      squares += value * value;
      count++;
    }
  }
  return squares / count - (sum / count) ** 2;
}
