/* Keeps the progress of a batch up to date, asking at most once a second and only while somebody looks. */

const EVERY = 1500; // milliseconds
const SLOWER = 8000; // after a failure

const shown = document.querySelector("[data-progress]");
const said = document.querySelector("[data-progress-said]");
const part = () => shown.querySelector("[data-progress-part]");

async function look() {
  let again = EVERY;
  if (!document.hidden) {
    try {
      const answer = await fetch(shown.dataset.address, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      show(await answer.text());
    } catch {
      again = SLOWER; // the numbers stay as they are; the work goes on without this page
    }
  }
  if (part().dataset.state === "working") setTimeout(look, again);
  else location.reload();
}

function show(html) {
  const before = Math.floor(part().dataset.percent / 10);
  shown.innerHTML = html;
  if (Math.floor(part().dataset.percent / 10) !== before) said.textContent = part().querySelector("[data-count]").textContent;
}

setTimeout(look, EVERY);
