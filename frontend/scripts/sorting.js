// Lists that are put in order by hand: <ol data-sortable> with a [data-handle] in each item.
// After a drop the list sends a "sorted" event; a form round it with hx-trigger="sorted" posts the new order,
// because the hidden fields in the items lie in the page in that order. Alt and an arrow moves with the keyboard.

import Sortable from "sortablejs";

const announce = (list) => list.dispatchEvent(new CustomEvent("sorted", { bubbles: true }));

const onKey = (list) => (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const item = [...list.children].find((each) => each.contains(event.target));
  const beside = event.key === "ArrowUp" ? item?.previousElementSibling : item?.nextElementSibling;
  if (!beside) return;
  event.preventDefault();
  if (event.key === "ArrowUp") beside.before(item);
  else beside.after(item);
  event.target.focus();
  announce(list);
};

export const sort = (lists) => {
  for (const list of lists) {
    list.dataset.sorting = "yes";
    Sortable.create(list, {
      handle: list.querySelector("[data-handle]") ? "[data-handle]" : undefined,
      ghostClass: "is-ghost",
      onEnd: ({ oldIndex, newIndex }) => oldIndex !== newIndex && announce(list),
    });
    list.addEventListener("keydown", onKey(list));
  }
};
