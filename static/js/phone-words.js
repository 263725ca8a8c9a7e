/* Counts and times of what waits on this device, in words. */

const DAY = 86_400_000; // ms
const LONG = 7 * DAY; // after which an entry is pointed out
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const when = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** Say when something is tried again, if that is not now. */
export const again = (time) => (time > Date.now() ? `It is tried again at ${clock.format(time)}.` : "");

/** "1 photograph waits", "3 photographs wait". */
export const counted = (count) => `${count} ${count === 1 ? "photograph waits" : "photographs wait"}`;

/** Say since when something waits, and whether that is long. */
export function since(at) {
  const days = Math.floor((Date.now() - at) / DAY);
  const long = Date.now() - at > LONG;
  return { text: `Since ${when.format(at)}${long ? `: for ${days} days. Please send or remove it.` : ""}`, long };
}
