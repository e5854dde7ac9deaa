// Small help with forms: send on change, once only, warn before leaving with unsaved words, copy to the clipboard.

const changed = new WeakSet();

const onChange = (event) => {
  const form = event.target.form;
  if (form?.matches("[data-sends]")) form.requestSubmit();
  if (form?.matches("[data-keeps]")) changed.add(form);
};

const onSubmit = (event) => {
  const form = event.target;
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

/** A clause that was opened for editing is where one goes on typing. */
const enterClause = () => {
  const fields = document.querySelectorAll(".hf-clause-form :is(input:not([type=hidden]), select, textarea)");
  const chosen = [...fields].find((field) => field.matches("[aria-invalid]")) ?? fields[0];
  chosen?.focus();
};

export const watchForms = () => {
  enterClause();
  document.addEventListener("change", onChange);
  document.addEventListener("input", (event) => event.target.form?.matches("[data-keeps]") && changed.add(event.target.form));
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onCopy);
  addEventListener("pageshow", onShow);
  addEventListener("beforeunload", onLeave);
};
