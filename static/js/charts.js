/* Draws the tables of figures marked with data-chart; see templates/_charts.html. Without it, the tables are shown. */
import { Ink, marks } from "./charts-ink.js";
import { readTable } from "./charts-table.js";

const DAY = 24 * 3600 * 1000; // milliseconds
const NARROW = 480; // pixels
const MANY = 30; // points that would run into each other
const BARS = ["bar", "stacked", "histogram"];
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const percent = (share) => `${Number((share * 100).toFixed(1))}\u00a0%`;
const WORDS = { time: (moment) => day.format(moment), percent };
const numeric = (written) => (written === undefined || written === "" ? null : Number(written));

/** Return how a place on the axis across counts: in rows, as a moment, or as a number. */
const placed = (kind, options, places) => {
  if (BARS.includes(kind) || options.x === "category") return null;
  return options.x === "time" ? places.map((place) => Date.parse(place)) : places.map(Number);
};

const points = (values, across) => (across === null ? values : values.map((y, row) => ({ x: across[row], y })));

const dataset = (kind, table, across, ink) => (series, number) => {
  const look = ink.series(series.style === undefined ? number : Number(series.style) - 1);
  const reference = series.role === "reference";
  const drawn = { label: series.name, data: points(series.values, across) };
  drawn.lentigo = { words: series.words, low: series.low, high: series.high, colour: reference ? ink.text : look.colour };
  drawn.borderColor = drawn.lentigo.colour;
  if (BARS.includes(kind) && !reference) {
    return { ...drawn, backgroundColor: look.fill, borderWidth: kind === "stacked" ? 0 : 1, order: 1 };
  }
  return {
    ...drawn,
    type: "line",
    order: 0,
    borderWidth: 2,
    borderDash: reference ? [4, 3] : look.dash,
    showLine: kind !== "scatter" || reference,
    stepped: kind === "histogram" && reference ? "middle" : false,
    stack: reference ? "reference" : undefined,
    pointStyle: reference ? "line" : look.mark,
    pointRadius: reference ? 0 : table.names.length > MANY ? 2.5 : 4.5,
    clip: false, // the points at 0 and at 100 % stay whole
    pointHitRadius: 10,
    pointBackgroundColor: table.faint.map((faint) => (faint ? ink.surface : look.colour)),
  };
};

/** Spread few dates evenly over an axis of moments; Chart.js has no such axis without a library of dates. */
const fewDates = (axis) => {
  const count = Math.min(axis.chart.width < NARROW ? 3 : 5, Math.max(1, Math.round((axis.max - axis.min) / DAY)) + 1);
  const step = (axis.max - axis.min) / Math.max(1, count - 1);
  axis.ticks = Array.from({ length: count }, (_, number) => ({ value: axis.min + number * step }));
};

/** Return half a week's room on each side of a single moment, which Chart.js would give years. */
const room = (options, across, side) => {
  if (options.x !== "time" || across === null || new Set(across).size !== 1) return undefined;
  return across[0] + side * 3.5 * DAY;
};

const axisAcross = (kind, options, across, ink) => ({
  type: across === null ? "category" : "linear",
  stacked: kind === "stacked",
  offset: across === null,
  bounds: options.x === "time" ? "data" : "ticks",
  grace: options.x === "time" ? "4%" : 0, // the first and the last point stay whole
  min: numeric(options.xMin) ?? room(options, across, -1),
  max: numeric(options.xMax) ?? room(options, across, 1),
  title: { display: Boolean(options.xTitle), text: options.xTitle, color: ink.text },
  grid: { display: across !== null, color: ink.line },
  border: { color: ink.line },
  afterBuildTicks: options.x === "time" && across !== null ? fewDates : undefined,
  ticks: {
    color: ink.text,
    maxRotation: 45,
    ...(across !== null && WORDS[options.x] ? { callback: WORDS[options.x] } : {}), // rows have names of their own
  },
});

const axisUp = (kind, options, ink) => ({
  stacked: kind === "stacked",
  beginAtZero: true,
  min: numeric(options.min) ?? undefined,
  max: numeric(options.max) ?? undefined,
  title: { display: Boolean(options.yTitle), text: options.yTitle, color: ink.text },
  grid: { color: ink.line },
  border: { display: false },
  ticks: { color: ink.text, ...(options.y === "percent" ? { callback: percent } : { precision: options.y === "count" ? 0 : undefined }) },
});

/** Return where a value of the axis across stands among the rows, whose places are the lower edges of equal bins. */
const amongBins = (value, places) => {
  const [first, second] = places.map(Number);
  return (value - first) / (second - first) - 0.5;
};

const configuration = (figure, table, ink) => {
  const options = figure.dataset;
  const kind = options.chart;
  const across = placed(kind, options, table.places);
  const at = numeric(options.markX);
  return {
    type: BARS.includes(kind) ? "bar" : "line",
    data: { labels: table.short, datasets: table.series.map(dataset(kind, table, across, ink)) },
    plugins: [marks],
    options: {
      animation: false, // calm for everybody, and for whoever asks for less motion
      maintainAspectRatio: false,
      font: { family: ink.font },
      spanGaps: false,
      ...(kind === "histogram" ? { barPercentage: 1, categoryPercentage: 1 } : { maxBarThickness: 48 }),
      interaction: { mode: kind === "scatter" ? "nearest" : "index", intersect: false },
      scales: { x: axisAcross(kind, options, across, ink), y: axisUp(kind, options, ink) },
      plugins: {
        legend: {
          display: table.series.length > 1,
          position: "bottom",
          onClick: null,
          labels: { color: ink.text, usePointStyle: !BARS.includes(kind), boxHeight: BARS.includes(kind) ? undefined : 7 },
        },
        tooltip: {
          callbacks: {
            title: (items) => table.names[items[0].dataIndex],
            label: ({ dataset: shown, dataIndex }) => `${shown.label}: ${shown.lentigo.words[dataIndex]}`,
          },
        },
        lentigo: {
          ink,
          diagonal: "diagonal" in options,
          at: at !== null && across === null ? amongBins(at, table.places) : at,
          across: numeric(options.markY),
          name: options.mark ?? "",
        },
      },
    },
  };
};

const draw = (figure) => {
  const table = readTable(figure.querySelector("table"));
  if (!table.names.length) return null;
  const place = document.createElement("div");
  const canvas = document.createElement("canvas");
  place.className = "plot-drawing";
  place.setAttribute("aria-hidden", "true"); // the table says it in words
  place.append(canvas);
  figure.querySelector("details").before(place);
  figure.querySelector("details").open = false;
  figure.dataset.drawn = "";
  return new window.Chart(canvas, configuration(figure, table, new Ink(figure)));
};

const drawn = new Map();
const redraw = () => {
  for (const [figure, chart] of drawn) {
    const anew = configuration(figure, readTable(figure.querySelector("table")), new Ink(figure));
    chart.data = anew.data;
    chart.options = anew.options;
    chart.update("none");
  }
};

/** Paper is light, whatever the screen is. */
const onPaper = (paper) => () => {
  for (const figure of drawn.keys()) {
    if (paper) figure.dataset.bsTheme = "light";
    else delete figure.dataset.bsTheme;
  }
  redraw();
};

for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const chart = draw(figure);
  if (chart) drawn.set(figure, chart);
}
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
window.addEventListener("beforeprint", onPaper(true));
window.addEventListener("afterprint", onPaper(false));
