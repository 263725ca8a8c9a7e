/* How charts look: colours of the theme, and for whoever can't tell those apart, hatches, dashes and marks. */

const TILE = 8; // pixels a side of a hatch
const HATCHES = [
  [],
  [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]],
  [[4, 0, 4, 8]],
  [[0, 0, 8, 8], [-2, 6, 2, 10], [6, -2, 10, 2]],
  [[0, 4, 8, 4]],
  [[0, 8, 8, 0], [0, 0, 8, 8]],
  [[4, 0, 4, 8], [0, 4, 8, 4]],
];
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2], [12, 4]];
const MARKS = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "cross"];
const LETTERS = 12; // pixels
const NEAR = 5; // pixels between a line and its name
const CAP = 4; // half the width of the end of an interval, in pixels

/** The colours of the theme that an element is in. */
export class Ink {
  constructor(element) {
    this.computed = getComputedStyle(element);
    this.text = this.colour("ink-soft");
    this.strong = this.colour("ink");
    this.line = this.colour("line");
    this.surface = this.colour("surface");
    this.font = this.computed.fontFamily;
  }

  colour(name) {
    return this.computed.getPropertyValue(`--${name}`).trim();
  }

  /** Return the look of a series, counted from 0; the same number looks the same in every chart. */
  series(number) {
    const own = number % HATCHES.length;
    const colour = this.colour(`series-${own + 1}`);
    return { colour, fill: this.hatch(colour, HATCHES[own]), dash: DASHES[own], mark: MARKS[own] };
  }

  hatch(colour, strokes) {
    if (!strokes.length) return colour;
    const tile = document.createElement("canvas");
    tile.width = tile.height = TILE;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, TILE, TILE);
    pen.strokeStyle = this.surface;
    pen.lineWidth = 1.4;
    pen.beginPath();
    for (const [left, top, right, bottom] of strokes) {
      pen.moveTo(left, top);
      pen.lineTo(right, bottom);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }
}

const stroke = (pen, colour, dash, points) => {
  pen.save();
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.setLineDash(dash);
  pen.beginPath();
  for (const [left, top, right, bottom] of points) {
    pen.moveTo(left, top);
    pen.lineTo(right, bottom);
  }
  pen.stroke();
  pen.restore();
};

/** Write a word from its upper left or upper right corner, on a ground of its own. */
const write = (pen, ink, words, x, y, rightwards) => {
  pen.save();
  pen.font = `${LETTERS}px ${ink.font}`;
  const width = pen.measureText(words).width;
  const left = rightwards ? x : x - width;
  pen.globalAlpha = 0.85;
  pen.fillStyle = ink.surface;
  pen.fillRect(left - 2, y - 2, width + 4, LETTERS + 4);
  pen.globalAlpha = 1;
  pen.fillStyle = ink.strong;
  pen.textBaseline = "top";
  pen.fillText(words, left, y);
  pen.restore();
};

/** Draw the intervals of a series as upright bars with ends. */
const drawIntervals = (chart, dataset, index) => {
  const { low, high, colour } = dataset.lentigo;
  if (!low || !high) return;
  chart.getDatasetMeta(index).data.forEach(({ x }, row) => {
    if (low[row] === null || high[row] === null || !Number.isFinite(x)) return;
    const [top, bottom] = [high[row], low[row]].map((value) => chart.scales.y.getPixelForValue(value));
    stroke(chart.ctx, colour, [], [[x, top, x, bottom], [x - CAP, top, x + CAP, top], [x - CAP, bottom, x + CAP, bottom]]);
  });
};

/** Draws what Chart.js has no words for: intervals, a line that marks a value, and the diagonal of agreement. */
export const marks = {
  id: "lentigo",
  beforeDatasetsDraw(chart, _event, { ink, diagonal }) {
    const { left, right, top, bottom } = chart.chartArea;
    if (diagonal) stroke(chart.ctx, ink.text, [4, 4], [[left, bottom, right, top]]);
    chart.data.datasets.forEach((dataset, index) => drawIntervals(chart, dataset, index));
  },
  afterDatasetsDraw(chart, _event, { ink, at, across, name }) {
    const { left, right, top, bottom } = chart.chartArea;
    if (at !== null) {
      const x = chart.scales.x.getPixelForValue(at);
      stroke(chart.ctx, ink.strong, [6, 3], [[x, top, x, bottom]]);
      write(chart.ctx, ink, name, x < (left + right) / 2 ? x + NEAR : x - NEAR, top + NEAR, x < (left + right) / 2);
    }
    if (across !== null) {
      const y = chart.scales.y.getPixelForValue(across);
      stroke(chart.ctx, ink.strong, [6, 3], [[left, y, right, y]]);
      write(chart.ctx, ink, name, right - NEAR, y - NEAR - LETTERS, false);
    }
  },
};
