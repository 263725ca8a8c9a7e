/* Preferences of this device: installing, where the browser offers it. */

const card = document.querySelector("[data-device]");
const button = card.querySelector("[data-install]");
const about = card.querySelector("[data-device-install]");
let offered;

function offer(event) {
  event.preventDefault(); // the button asks instead of the browser's own bar
  offered = event;
  button.hidden = about.hidden = false;
}

card.hidden = false;
window.addEventListener("beforeinstallprompt", offer);
window.addEventListener("appinstalled", () => { button.hidden = about.hidden = true; });
button.addEventListener("click", async () => {
  await offered.prompt();
  button.hidden = about.hidden = true; // a prompt can be used once
});
