/* The square that is analysed: its place in a picture, in pixels of that picture. No page in here. */

const SMALLEST = 64; // pixels a side
const between = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));

export class Square {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.centre();
  }

  get shorter() {
    return Math.min(this.width, this.height);
  }

  get smallest() {
    return Math.min(SMALLEST * Math.max(1, Math.max(this.width, this.height) / 2048), this.shorter);
  }

  /** The largest square in the middle: what the server takes when it is told nothing. */
  centre() {
    this.side = this.shorter;
    this.left = (this.width - this.side) / 2;
    this.top = (this.height - this.side) / 2;
    this.moved = false;
  }

  place(left, top) {
    this.left = between(left, 0, this.width - this.side);
    this.top = between(top, 0, this.height - this.side);
    this.moved = true;
  }

  /** Change the size around the middle of the square. */
  resize(side) {
    const size = between(side, this.smallest, this.shorter);
    const shift = (this.side - size) / 2;
    this.side = size;
    this.place(this.left + shift, this.top + shift);
  }

  /** Drag a corner (nw, ne, sw or se) to a point; the opposite corner stays. */
  stretch(corner, x, y) {
    const west = corner.endsWith("w");
    const north = corner.startsWith("n");
    const fixedX = west ? this.left + this.side : this.left;
    const fixedY = north ? this.top + this.side : this.top;
    const room = Math.min(west ? fixedX : this.width - fixedX, north ? fixedY : this.height - fixedY);
    const wanted = Math.max(west ? fixedX - x : x - fixedX, north ? fixedY - y : y - fixedY);
    this.side = between(wanted, this.smallest, room);
    this.place(west ? fixedX - this.side : fixedX, north ? fixedY - this.side : fixedY);
  }

  /** What the form sends: fractions, or nothing where the square was left alone. */
  get fractions() {
    const written = (value) => (this.moved ? value.toFixed(6) : "");
    return {
      frame_left: written(this.left / this.width),
      frame_top: written(this.top / this.height),
      frame_side: written(this.side / this.shorter),
    };
  }
}
