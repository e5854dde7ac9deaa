// Draws the card in a shadow root, element by element: nothing that is sent to it is ever read as HTML.

import { style } from "./style.js";

const GRIDS = { nps: "six", ces: "seven", stars: "five" };

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(properties)) if (name.includes("-") || name === "role") made.setAttribute(name, value);
  made.append(...children.filter((each) => each !== null && each !== undefined && each !== ""));
  return made;
}

/** Give *root* its sheet; browsers before constructed sheets get an element. */
function dress(root) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(make("style", { textContent: style }));
  }
}

function bars(value) {
  return make("span", { className: "bars", "aria-hidden": "true" }, ...[1, 2, 3, 4, 5].map((place) => make("i", { className: place <= value ? "on" : "" })));
}

/** A card that tells *does* what the customer does: send(values, text), close(), never(), typed(text). */
export function card(base, does) {
  const host = make("huifang-widget");
  const root = host.attachShadow({ mode: "open" });
  const said = make("div", { className: "said", role: "status" });
  let box = null;
  let before = null;
  dress(root);
  root.append(said);
  host.addEventListener("keydown", keys);

  function keys(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      does.close();
    }
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const every = box ? [...box.querySelectorAll(".choices button")] : [];
    const place = every.indexOf(root.activeElement);
    if (!step || place < 0) return;
    event.preventDefault();
    every[(place + step + every.length) % every.length].focus();
  }

  const isInside = () => document.activeElement === host;

  /** Put *parts* on the screen. Focus goes in only where it was in already, or where it is wanted. */
  function show(it, parts, { focus = false, label } = {}) {
    const wanted = focus || isInside();
    if (!isInside()) before = document.activeElement;
    if (!host.isConnected) document.body.append(host);
    const close = make("button", { type: "button", className: "close", textContent: "✕", onclick: does.close, "aria-label": it.words.close });
    const fresh = make(
      "section",
      { className: "card", role: "dialog", "aria-label": label || it.words.dialog, lang: it.language },
      make("header", {}, make("b", { textContent: it.wallet }), it.total > 1 && it.place ? make("span", { textContent: `${it.place}/${it.total}` }) : "", close),
      ...parts,
    );
    if (box) box.replaceWith(fresh);
    else root.append(fresh);
    box = fresh;
    const heading = fresh.querySelector("h2");
    if (wanted) (heading || close).focus();
    else said.textContent = `${it.words.dialog}: ${heading ? heading.textContent : ""}`;
  }

  const heading = (text) => make("h2", { textContent: text, tabIndex: -1 });
  const press = (text, onclick) => make("button", { type: "button", textContent: text, onclick });
  const way = (path, text, onclick) => make("a", { className: "go", href: base + path.replace(/^\//, ""), target: "_blank", rel: "noopener noreferrer", textContent: text, onclick });

  const takes = {
    taps(it) {
      const asked = it.question;
      const isGrid = asked.kind in GRIDS;
      const buttons = asked.choices.map((each) => {
        const label = isGrid ? (asked.kind === "stars" ? `${each.value}★` : each.value) : each.label || each.value;
        const button = make("button", { type: "button", value: each.value, onclick: () => does.send([each.value], "") }, asked.kind === "csat" ? bars(Number(each.value)) : "", label);
        if (isGrid && each.label) button.setAttribute("aria-label", `${each.value} ${each.label}`);
        return button;
      });
      const ends = asked.low || asked.high ? make("div", { className: "ends" }, make("span", { textContent: asked.low }), make("span", { textContent: asked.high })) : "";
      return [make("div", { className: `choices ${isGrid ? `grid ${GRIDS[asked.kind]}` : ""}`, role: "group", "aria-label": asked.title }, ...buttons), isGrid ? ends : ""];
    },
    many(it) {
      const boxes = it.question.choices.map((each) => make("label", {}, make("input", { type: "checkbox", value: each.value }), each.label));
      const chosen = () => [...box.querySelectorAll(":checked")].map((each) => each.value);
      return [make("div", { className: "choices", role: "group", "aria-label": it.question.title }, ...boxes), make("button", { type: "button", className: "go", textContent: it.words.send, onclick: () => chosen().length && does.send(chosen(), "") })];
    },
    words(it, draft) {
      const area = make("textarea", { maxLength: it.question.limit, rows: it.question.is_long ? 4 : 2, value: draft, "aria-label": it.question.title, oninput: () => does.typed(area.value) });
      return [area, make("button", { type: "button", className: "go", textContent: it.words.send, onclick: () => area.value.trim() && does.send([], area.value) })];
    },
    page: (it) => [way(it.path, it.words.open, does.left)],
  };

  return {
    get isOpen() {
      return host.isConnected;
    },
    theme: (name) => (name ? host.setAttribute("theme", name) : host.removeAttribute("theme")),
    busy: (is) => box && box.setAttribute("aria-busy", String(is)),
    ask(it, draft, focus) {
      const asked = it.question;
      const skip = asked.is_required || asked.takes === "page" ? "" : press(it.words.skip, () => does.send([], ""));
      const about = it.place === 1 ? make("p", { className: "about", textContent: it.about }) : "";
      const hint = asked.hint ? make("p", { className: "hint", textContent: asked.hint }) : "";
      const error = it.error ? make("p", { className: "error", role: "alert", textContent: it.error }) : "";
      const foot = make("footer", {}, press(it.words.never, () => this.sure(it)), skip);
      show(it, [about, heading(asked.title), hint, error, ...takes[asked.takes](it, draft), foot], { focus, label: asked.title });
    },
    sure(it) {
      const yes = make("button", { type: "button", className: "go", textContent: it.words.yes, onclick: does.never });
      show(it, [heading(it.words.sure), yes, make("footer", {}, press(it.words.no, does.back))], { focus: true });
    },
    say(it, text, path, label) {
      show(it, [heading(text), path ? way(path, label) : ""]);
    },
    close() {
      const wasInside = isInside();
      host.remove();
      if (box) box.remove();
      box = null;
      said.textContent = "";
      if (wasInside && before && before.isConnected && before.focus) before.focus();
    },
  };
}
