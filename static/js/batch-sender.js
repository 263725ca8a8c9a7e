/* Sends files to a batch, a few at a time, each again and again until it has arrived. No page in here. */

const AT_A_TIME = 3;
const ASKED_AT_ONCE = 500;
const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds before another attempt
const UNSENT = "The connection to the server is broken. Press Continue once it is back.";
const SIGNED_OUT = "You are signed out. Sign in again in another window, then press Continue.";

const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, 1000 * seconds); });
const isZip = (path) => path.toLowerCase().endsWith(".zip");

export class Sender {
  /** `tell` is called with { sent, total, refused } whenever that changes. */
  constructor(address, token, largest, tell) {
    Object.assign(this, { address, token, largest, tell });
    this.refused = 0;
  }

  /** Send a map of files by path; throws an Error whose message says what to do, once nothing more can be done here. */
  async send(files) {
    const left = await this.missing([...files]);
    this.total = files.size;
    this.sent = files.size - left.length;
    this.report();
    this.stop = undefined;
    await Promise.all(Array.from({ length: AT_A_TIME }, () => this.work(left)));
    if (this.stop) throw this.stop;
  }

  async work(left) {
    while (left.length && !this.stop) {
      const next = left.shift();
      try {
        const answer = await this.deliver(next);
        this.sent += 1;
        this.refused += answer.refused.length;
        this.report();
      } catch (error) {
        this.stop ??= error;
      }
    }
  }

  /** Ask which files the server doesn't have yet; those that systems make are left out, too. */
  async missing(files) {
    const found = [];
    for (let start = 0; start < files.length; start += ASKED_AT_ONCE) {
      const some = files.slice(start, start + ASKED_AT_ONCE);
      const body = JSON.stringify({ files: some.map(([path, file]) => [path, file.size]) });
      const answer = await this.ask("missing", { body, headers: { "Content-Type": "application/json" } });
      found.push(...answer.missing.map((index) => some[index]));
    }
    return found;
  }

  async deliver([path, file]) {
    const body = new FormData();
    body.append("csrf_token", this.token);
    body.append("path", path);
    const content = isZip(path) ? file : file.slice(0, this.largest + 1); // enough to be refused as too large
    body.append("files", content, "file");
    return this.ask("files", { body });
  }

  /** Post; what fails on the way is tried again, what the server refuses is not. */
  async ask(what, options) {
    for (const seconds of [...PAUSES, null]) {
      const answer = await this.post(what, options);
      if (answer) return answer;
      if (seconds !== null) await pause(seconds);
    }
    throw new Error(UNSENT);
  }

  /** Return the answer; undefined if asking again may help. */
  async post(what, { body, headers }) {
    let response;
    try {
      response = await fetch(`${this.address}/${what}`, {
        method: "POST",
        body,
        headers: { ...headers, "X-CSRFToken": this.token, "X-Requested-With": "fetch" },
      });
    } catch {
      return undefined;
    }
    if (response.redirected) throw new Error(SIGNED_OUT);
    if (response.status >= 500 || response.status === 429) return undefined;
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new Error(answer.error ?? "The server did not accept what was sent. Please reload the page and try again.");
  }

  report() {
    this.tell({ sent: this.sent, total: this.total, refused: this.refused });
  }
}
