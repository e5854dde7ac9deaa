// Small help with forms: send on change, once only, warn before leaving with unsaved words, copy to the clipboard.

const changed = new WeakSet();
// Forms that save themselves (hx-sync), while they do; and what a person sent meanwhile, which waits for that.
const saving = new Set();
let held;

const onChange = (event) => {
  const form = event.target.form;
  if (form?.matches("[data-sends]")) form.requestSubmit();
  if (form?.matches("[data-keeps]")) changed.add(form);
};

/** Sent at once, it would overtake the save under way, and carry an older stamp than that leaves behind. */
const holdBack = (event) => {
  event.preventDefault();
  held = { form: event.target, button: event.submitter };
  held.button?.classList.add("is-busy");
};

const goOn = () => {
  if (saving.size || !held) return;
  const { form, button } = held;
  held = undefined;
  button?.classList.remove("is-busy");
  // The save may have put a newer copy of the form into the page.
  const there = form.isConnected ? form : [...document.forms].find((each) => each.action === form.action);
  there?.requestSubmit(button?.isConnected ? button : undefined);
};

const onSaving = (event) => event.target.matches?.("form[hx-sync]") && saving.add(event.target);

const onSaved = (event) => {
  if (saving.delete(event.target)) setTimeout(goOn); // what is queued behind it starts first
};

const onSubmit = (event) => {
  const form = event.target;
  if (saving.size && form.method === "post") {
    holdBack(event);
    return;
  }
  changed.delete(form);
  if (form.method !== "post" || form.matches("[hx-post], [data-repeats]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) button.classList.add("is-busy");
};

/** Back from the cache of the browser: forms may be sent again. */
const onShow = () => {
  saving.clear();
  held = undefined;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".is-busy")) button.classList.remove("is-busy");
  }
};

const onLeave = (event) => {
  if ([...document.querySelectorAll("form[data-keeps]")].some((form) => changed.has(form))) event.preventDefault();
};

const onCopy = async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const place = document.getElementById(button.dataset.copies);
  const text = place.value ?? place.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.copied ?? button.textContent;
  } catch {
    getSelection().selectAllChildren(place);
  }
};

/** A clause that was opened for editing is where one goes on typing; one that was kept, where one goes on. */
const enterClause = () => {
  const fields = document.querySelectorAll(".hf-clause-form :is(input:not([type=hidden]), select, textarea)");
  const chosen = [...fields].find((field) => field.matches("[aria-invalid]")) ?? fields[0];
  if (chosen) chosen.focus();
  else if (/^#clause-\w+$/.test(location.hash)) addEventListener("load", () => setTimeout(returnToClause));
};

/** Not before the browser has gone to the address's fragment, which takes the focus away. */
const returnToClause = () => {
  if (document.activeElement === document.body) document.querySelector(`${location.hash} a.hf-slot`)?.focus();
};

export const watchForms = () => {
  enterClause();
  document.addEventListener("change", onChange);
  document.addEventListener("input", (event) => event.target.form?.matches("[data-keeps]") && changed.add(event.target.form));
  document.addEventListener("submit", onSubmit);
  document.addEventListener("htmx:beforeSend", onSaving);
  document.addEventListener("htmx:afterRequest", onSaved);
  document.addEventListener("click", onCopy);
  addEventListener("pageshow", onShow);
  addEventListener("beforeunload", onLeave);
};
