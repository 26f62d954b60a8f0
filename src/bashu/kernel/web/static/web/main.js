// What every page runs: small modules, each of which does nothing where its markup is missing.
import { drawCharts } from "./charts.js";
import { confirmActs, copyButtons, focusFaults } from "./acts.js";
import { themeSwitch } from "./theme.js";

// htmx asks with the anti-forgery token, and shows answers that refuse (the page says what is wrong).
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([403, 404, 409, 422].includes(event.detail.xhr.status)) event.detail.shouldSwap = true;
});
document.addEventListener("htmx:load", (event) => drawCharts(event.detail.elt));

themeSwitch();
confirmActs();
copyButtons();
focusFaults();
drawCharts(document);

// On a phone the rows of places are wider than the page: show the one we are in.
for (const here of document.querySelectorAll(".main-nav [aria-current]")) {
  const row = here.closest("ul");
  row.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - row.clientWidth / 2;
}
