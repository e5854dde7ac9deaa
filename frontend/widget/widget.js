// The script that wallets embed: asks Huifang what waits for the customer, shows it, keeps what is answered.
// huifang("identify", {customer, hash, until}), huifang("open"), huifang("close"), huifang("on", name, then).

import { card } from "./card.js";
import { client } from "./client.js";

const SECOND = 1000;
const EVERY = 60, EVERY_MAX = 300, PAUSE_MAX = 900, EVERY_MIN = 2, STAYS = 8;
const CLOSED = "huifang.closed";

const script = document.currentScript || document.querySelector("script[data-wallet]");
const base = new URL(".", script.src).href;
const given = script.dataset;
const waiting = (window.huifang && window.huifang.q) || [];
const listeners = {};
const drafts = {};
let ask = null, it = null, timer = 0, pause = 0, asked = 0, isAsking = false, isBusy = false;

/** Which message was put away here; the wallet's own storage, and no more than a number. */
const memory = {
  get: () => { try { return localStorage.getItem(CLOSED); } catch { return null; } },
  set: (id) => { try { localStorage.setItem(CLOSED, id); } catch { /* a page without storage */ } },
};

const shown = card(base, { send, close: () => close(true), never, back: () => draw(true), left: () => close(false), typed: (text) => { drafts[place()] = text; } });

const place = () => `${it.invitation}/${it.question.key}`;
const tell = (name, detail) => (listeners[name] || []).forEach((then) => { try { then(detail); } catch (fault) { setTimeout(() => { throw fault; }); } });
const every = () => Math.max(EVERY_MIN, Number(given.every) || EVERY);
const language = () => given.language || document.documentElement.lang || navigator.language || "";

function identify(who) {
  close(false);
  clearTimeout(timer);
  pause = asked = 0;
  it = null;
  const known = { wallet: given.wallet, customer: "", hash: "", ...who };
  ask = known.wallet && known.customer && known.hash ? client(base, known) : null;
  if (ask) later(0.2);
}

function later(seconds) {
  clearTimeout(timer);
  timer = setTimeout(poll, seconds * SECOND * (0.9 + 0.2 * Math.random()));
}

/** Look whether something is asked; less and less often where nothing is, hardly at all where it fails. */
async function poll(isWanted = false) {
  if (!ask || isAsking || (document.hidden && !isWanted)) return;
  const mine = ask;
  isAsking = true;
  asked = Date.now();
  try {
    const found = (await mine(`inbox?l=${encodeURIComponent(language())}`)).card;
    if (mine !== ask) return;
    pause = found ? every() : Math.min(Math.max(every(), pause * 1.5), Math.max(every(), EVERY_MAX));
    if (found && (isWanted || (!shown.isOpen && memory.get() !== String(found.message)))) appear(found, isWanted);
  } catch (refused) {
    if (mine !== ask) return;
    // A wrong hash, another origin or an end of the site: nothing to show, now or later.
    if (refused.status === 403) ask = null;
    pause = Math.min(PAUSE_MAX, Math.max(every(), pause) * 2);
  } finally {
    isAsking = false;
  }
  if (ask) later(pause);
}

function appear(found, isWanted) {
  it = found;
  draw(isWanted);
  if (!it.is_seen) ask("seen", { message: it.message }).catch(() => {});
  tell("shown", { message: it.message });
}

function draw(focus = false) {
  if (it.question) shown.ask(it, drafts[place()] || "", focus);
  else {
    shown.say(it, it.done.thanks, it.done.path, it.words.onward);
    const done = it;
    if (!done.done.path) setTimeout(() => it === done && shown.isOpen && close(false), STAYS * SECOND);
    tell("done", {});
  }
}

async function send(values, text) {
  if (isBusy) return;
  const { message } = it, question = it.question.key;
  isBusy = true;
  shown.busy(true);
  try {
    const said = await ask("answers", { invitation: it.invitation, question, values, text, language: it.language });
    it = { ...said.card, message, is_seen: true };
    if (!it.error) tell("answered", { question });
    if (shown.isOpen) draw();
  } catch (refused) {
    // Answered or closed elsewhere meanwhile: there is nothing left to ask here.
    if ([404, 409, 410].includes(refused.status)) close(false);
    else {
      it = { ...it, error: refused.status === 429 ? refused.message : it.words.failed };
      if (shown.isOpen) draw();
    }
  } finally {
    isBusy = false;
    shown.busy(false);
  }
}

async function never() {
  const words = it;
  try {
    const said = await ask("never");
    shown.say(words, words.words.never_done, said.preferences, words.words.choices);
    tell("never", {});
  } catch {
    it = { ...it, error: it.words.failed };
    draw(true);
  }
}

function close(isByHand) {
  if (!shown.isOpen) return;
  if (isByHand && it) memory.set(String(it.message));
  shown.close();
  tell("closed", {});
}

function huifang(act, ...more) {
  if (act === "identify") identify(more[0] || {});
  else if (act === "open") poll(true);
  else if (act === "close") close(true);
  else if (act === "on") (listeners[more[0]] = listeners[more[0]] || []).push(more[1]);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && ask) later(Math.max(0.2, pause - (Date.now() - asked) / SECOND));
});
shown.theme(given.theme);
window.huifang = huifang;
if (given.customer) identify({ customer: given.customer, hash: given.hash, until: given.until });
waiting.forEach((each) => huifang(...each));
