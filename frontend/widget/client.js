// Speaks to Huifang for one customer: trades the wallet's hash for a pass, and asks politely. Keeps no cookie.

const SECONDS = 1000;
const TIME_OUT = 12 * SECONDS;

/** What the server refused; *status* 0 where it was not reached. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail || "");
    this.status = status;
  }
}

export function client(base, who) {
  let pass = "";

  async function post(path, body, token) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIME_OUT);
    try {
      const reply = await fetch(`${base}widget/${encodeURIComponent(who.wallet)}/${path}`, {
        method: "POST",
        mode: "cors",
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
        headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
        body: JSON.stringify(body),
        signal: stop.signal,
      });
      const said = await reply.json();
      if (!reply.ok) throw new Refused(reply.status, said.detail);
      return said;
    } catch (error) {
      throw error instanceof Refused ? error : new Refused(0);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ask with a pass; one that is over is renewed once. */
  return async function ask(path, body = {}) {
    for (let tries = 0; ; tries += 1) {
      if (!pass) {
        const claim = { customer: who.customer, hash: who.hash };
        pass = (await post("pass", who.until ? { ...claim, until: who.until } : claim)).pass;
      }
      try {
        return await post(path, body, pass);
      } catch (refused) {
        if (refused.status !== 401 || tries > 1) throw refused;
        pass = "";
      }
    }
  };
}
