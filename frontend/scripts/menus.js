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

const onKey = (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.hf-menu[open]");
  menu?.querySelector("summary").focus();
  closeMenus(null);
};

export const watchMenus = () => {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
};
