/* Reads what is to be drawn from a table: the first column is where, each further one a series. No page in here. */

const LOW = "low";
const HIGH = "high";
const TEXT = "text";

/** Return the number of a cell; null where it has none, which leaves a gap. */
const numberOf = (cell) => {
  const written = cell?.dataset.value ?? "";
  return written === "" ? null : Number(written);
};

const wordsOf = (cell) => (cell?.textContent ?? "").trim().replace(/\s+/g, " ");

const cellsOf = (rows, column) => rows.map((row) => row.cells[column]);

/** Return the series of a table: `low` and `high` columns are the interval of the series to their left. */
const seriesOf = (headings, rows) => {
  const found = [];
  headings.forEach((heading, column) => {
    const role = heading.dataset.role ?? "series";
    if (column === 0 || role === TEXT) return;
    const cells = cellsOf(rows, column);
    const values = cells.map(numberOf);
    if (role === LOW || role === HIGH) {
      found.at(-1)[role] = values;
    } else {
      found.push({ name: wordsOf(heading), role, values, words: cells.map(wordsOf), style: heading.dataset.style });
    }
  });
  return found;
};

/** Return where the rows stand: their names, their places as written, and which of them rest on little. */
export const readTable = (table) => {
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  const first = cellsOf(rows, 0);
  return {
    names: first.map(wordsOf),
    short: first.map((cell) => cell.dataset.short ?? wordsOf(cell)), // for an axis
    places: first.map((cell) => cell.dataset.value ?? wordsOf(cell)),
    faint: rows.map((row) => "faint" in row.dataset),
    series: seriesOf([...(table.tHead?.rows[0]?.cells ?? [])], rows),
  };
};
