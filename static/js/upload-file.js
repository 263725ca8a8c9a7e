/* What can be known of a file before it is sent; the server judges it again. */

const PNG = [0x89, 0x50, 0x4e, 0x47];
const JPEG = [0xff, 0xd8, 0xff];
const DICOM = [0x44, 0x49, 0x43, 0x4d]; // behind a preamble of 128 bytes
const MEGAPIXEL = 1e6;

/** Decode a file into a bitmap, upright; null for DICOM, which only the server reads.
 *  Throws an Error whose message is the sentence to show. */
export async function photograph(file, rules) {
  if (file.size > Number(rules.largestBytes)) throw new Error(rules.tooLarge);
  const head = new Uint8Array(await file.slice(0, 132).arrayBuffer());
  if (starts(head.subarray(128), DICOM)) return null;
  if (!starts(head, PNG) && !starts(head, JPEG)) throw new Error(isHeic(head) ? rules.heic : rules.unknown);
  const bitmap = await decoded(file, rules);
  const { width, height } = bitmap;
  if (width * height > Number(rules.largestMegapixels) * MEGAPIXEL) throw new Error(rules.tooManyPixels);
  if (Math.min(width, height) < Number(rules.shortestSide)) {
    throw new Error(rules.tooSmall.replace("{width}", width).replace("{height}", height));
  }
  return bitmap;
}

async function decoded(file, rules) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error(rules.damaged);
  }
}

const starts = (head, mark) => mark.every((byte, index) => head[index] === byte);
const isHeic = (head) => /^ftyp(hei|hev|mif1|msf1)/.test(String.fromCharCode(...head.slice(4, 12)));
