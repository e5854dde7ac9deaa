// Dialogs and menus. A menu is a <details class="hf-menu">: it opens without a script, and closes better with one.

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.hf-menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
};

const onClick = (event) => {
  closeMenus(event.target);
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest("[data-closes]") || event.target.matches("dialog[open]")) {
    event.target.closest("dialog")?.close();
  }
  event.target.closest("[data-dismiss]")?.parentElement.remove();
};

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const STOPS = ".hf-menu-sheet :is(summary, a[href], button, input:not([type=hidden]), select, textarea)";

const outermost = (menu) => {
  const around = menu?.parentElement.closest("details.hf-menu");
  return around ? outermost(around) : menu;
};

/** Arrows open a menu and walk in it. Fields keep them: there they move the cursor or choose. */
const walk = (event) => {
  const menu = outermost(event.target.closest?.("details.hf-menu"));
  const step = STEPS[event.key];
  if (!menu || !step || !event.target.matches("summary, a, button")) return;
  event.preventDefault();
  menu.open = true;
  const stops = [...menu.querySelectorAll(STOPS)].filter((each) => each.offsetParent !== null);
  const here = stops.indexOf(event.target);
  const next = here < 0 && step < 0 ? -1 : here + step;
  stops.at(next % stops.length)?.focus();
};

const onKey = (event) => {
  walk(event);
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.hf-menu[open]");
  menu?.querySelector("summary").focus();
  closeMenus(null);
};

export const watchMenus = () => {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
};
