/* A small picture of the square that is analysed, for the list of what waits. */

const SIDE = 144; // pixels

/** Return a JPEG's bytes; undefined where the photograph can't be drawn here. */
export async function thumbnail(form) {
  try {
    const bitmap = await createImageBitmap(form.elements.image.files[0], { imageOrientation: "from-image" });
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    canvas.getContext("2d").drawImage(bitmap, ...square(bitmap, form), 0, 0, SIDE, SIDE);
    bitmap.close();
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.8); });
    return await blob.arrayBuffer();
  } catch {
    return undefined;
  }
}

/** Return left, top, width and height of the square in pixels: the centred one if none was set. */
function square({ width, height }, form) {
  const shorter = Math.min(width, height);
  const [left, top, side] = ["left", "top", "side"].map((name) => form.elements[`frame_${name}`].value);
  if (side === "") return [(width - shorter) / 2, (height - shorter) / 2, shorter, shorter];
  return [left * width, top * height, side * shorter, side * shorter];
}
