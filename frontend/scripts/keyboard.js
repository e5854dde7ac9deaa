// Keys: "/" search, "g" and a letter to go, "?" help, digits for what is marked with data-digit, Esc to leave.

const WAIT_MS = 1200;
let goingUntil = 0;

const isTyping = (target) =>
  target.isContentEditable || (target.matches?.("input, textarea, select") && !target.matches("[type=checkbox], [type=radio], [type=submit], [type=button]"));

const press = (selector) => {
  const found = [...document.querySelectorAll(selector)].find((each) => each.offsetParent !== null);
  found?.click();
  return Boolean(found);
};

const go = (letter) => /^[a-z]$/.test(letter) && press(`[data-go="${letter}"]`);

const acts = {
  "/": () => {
    const field = document.querySelector("[data-search]");
    field?.focus();
    field?.select();
    return Boolean(field);
  },
  "?": () => {
    const help = document.getElementById("help");
    if (help?.open) help.close();
    else help?.showModal();
    return Boolean(help);
  },
  g: ({ timeStamp }) => {
    goingUntil = timeStamp + WAIT_MS;
    return true;
  },
};

const handle = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && isTyping(event.target) && !event.target.closest("dialog")) {
    event.target.blur();
    return;
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open]") && press("[data-leaves]")) return;
  if (isTyping(event.target) || document.documentElement.dataset.keys === "off") return;
  if (document.querySelector("dialog[open]") && event.key !== "?") return;
  const going = event.timeStamp < goingUntil; // when it was pressed, however busy the page has been since
  goingUntil = 0;
  const did = going
    ? go(event.key)
    : /^[0-9]$/.test(event.key)
      ? press(`[data-digit="${event.key}"]`)
      : acts[event.key]?.(event);
  if (did) event.preventDefault();
};

export const watchKeys = () => document.addEventListener("keydown", handle);
