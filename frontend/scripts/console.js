// The console's script. Every page works without it; this makes it quick. No eval, no inline style.

import htmx from "htmx.org";
import { watchKeys } from "./keyboard.js";
import { watchMenus } from "./menus.js";
import { watchForms } from "./forms.js";

Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollBehavior: "auto",
  timeout: 20000,
});

/** Load what only some pages need, once something on the page asks for it. */
const enhance = async (root) => {
  const figures = root.querySelectorAll("figure[data-chart]:not([data-drawn])");
  if (figures.length > 0) (await import("./charts.js")).draw(figures);
  const lists = root.querySelectorAll("[data-sortable]:not([data-sorting])");
  if (lists.length > 0) (await import("./sorting.js")).sort(lists);
};

const say = (text) => {
  const place = document.getElementById("messages");
  const line = document.createElement("p");
  line.className = "hf-message is-error";
  line.setAttribute("role", "alert");
  line.textContent = text;
  place?.replaceChildren(line);
};

// A refused fragment says so at the top of the page, and leaves the page as it was.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status >= 400 && detail.xhr.getResponseHeader("HX-Retarget")) detail.shouldSwap = true;
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (!detail.xhr.getResponseHeader("HX-Retarget")) say(document.body.dataset.failed);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => say(document.body.dataset.offline));
}
document.addEventListener("htmx:afterSettle", ({ target }) => enhance(target.parentElement ?? target));

// What is empty stays out of the address of a list.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData.entries()]) if (value === "") detail.formData.delete(name);
});

watchKeys();
watchMenus();
watchForms();
enhance(document);
