/* The form of a new test: offers the body map where the photograph is of a new lesion. */

const NEW = "new";

const map = document.querySelector("[data-new-lesion]");
const form = map.closest("form");
const { lesion, side } = form.elements;

function offer() {
  map.hidden = lesion.value !== NEW;
}

lesion.addEventListener("change", offer);
window.addEventListener("pageshow", offer); // back from the result: the form is filled in again
map.open = side.value !== ""; // a form that came back: its mark is shown
offer();
