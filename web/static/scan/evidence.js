// What signed codes are checked against: the trust file, which is pinned, and
// status lists. They are held in memory while the page is open, and stored only
// once the reader has asked for that, together with the page itself.
import { openList, parseTrust } from "./signed.js";

const store = "tegata-scan";
const trustAddress = "/api/v1/trust";
const listAddress = (n) => `/status/${n}`;
const listsMost = 64;

// patience is how long a registry that says nothing is waited for.
export const patience = 8000;

export const ask = (address) => fetch(address, { signal: AbortSignal.timeout(patience), cache: "no-cache" });

const stored = async (address) => (await caches.match(address, { cacheName: store, ignoreVary: true }))?.text();

// Evidence holds both. Of every list the newest that was read counts.
export class Evidence {
  #files; // addresses of the page and of what it is made of
  #worker;
  #trust = null; // {text, parsed}; the first there is, for as long as there is one
  #lists = new Map();
  changed = false; // the registry now states another trust file than the one held

  constructor(files, worker) {
    this.#files = files;
    this.#worker = worker;
  }

  // possible reports whether this browser can keep anything.
  possible = () => "caches" in globalThis && "serviceWorker" in navigator;

  kept = async () => this.possible() && (await caches.has(store).catch(() => false)); // refused in some private windows

  // trust returns the trust file: what is pinned, else, where the network may be
  // asked, what the registry states. It is null where there is none.
  async trust(network) {
    if (!this.#trust && (await this.kept())) {
      const text = await stored(trustAddress);
      if (text) this.#trust = { text, parsed: await parseTrust(text) };
    }
    if (!this.#trust && network) this.#trust = await this.#fetchTrust();
    return this.#trust?.parsed ?? null;
  }

  async #fetchTrust() {
    const answer = await ask(trustAddress);
    if (!answer.ok) throw new Error(`trust file: status ${answer.status}`);
    const text = await answer.text();
    return { text, parsed: await parseTrust(text) };
  }

  // list returns status list n, or null where none is here. The network, where
  // it may be asked, is asked once what is here is older than the list's own ttl.
  async list(n, network) {
    const trust = await this.trust(network);
    if (!trust) return null;
    if (!this.#lists.has(n) && (await this.kept())) {
      const text = await stored(listAddress(n));
      if (text) await this.#take(n, text, trust).catch(() => {});
    }
    const have = this.#lists.get(n);
    if (network && !(have && Date.now() >= have.issued && Date.now() < have.issued + have.ttl)) await this.#fetchList(n, trust).catch(() => {});
    return this.#lists.get(n) ?? null;
  }

  async #take(n, text, trust) {
    const list = await openList(text, trust);
    if (list.number !== n) throw new Error(`list ${list.number} where ${n} should be`);
    const have = this.#lists.get(n);
    if (have && have.issued >= list.issued) return;
    this.#lists.set(n, list);
    if (await this.kept()) await (await caches.open(store)).put(listAddress(n), new Response(text));
  }

  // fetchList returns false where the registry has no such list.
  async #fetchList(n, trust) {
    const answer = await ask(listAddress(n));
    if (answer.status === 404) return false;
    if (!answer.ok) throw new Error(`status list ${n}: status ${answer.status}`);
    await this.#take(n, await answer.text(), trust);
    return true;
  }

  // oldest is the list that was issued first of those here, or null.
  async oldest() {
    for (let n = 0; n < listsMost && (await this.list(n, false)); n++);
    return [...this.#lists.values()].sort((a, b) => a.issued - b.issued)[0] ?? null;
  }

  // keep stores the trust file, every status list, and the page with its files,
  // all or nothing.
  async keep() {
    const trust = await this.trust(true);
    try {
      const cache = await caches.open(store);
      await cache.put(trustAddress, new Response(this.#trust.text));
      this.#lists.clear(); // so that each is stored
      await this.#refreshLists(trust);
      await cache.addAll(this.#files);
      await navigator.serviceWorker.register(this.#worker, { scope: "/scan" });
      await navigator.serviceWorker.ready;
    } catch (e) {
      await this.forget();
      throw e;
    }
  }

  async #refreshLists(trust) {
    for (let n = 0; n < listsMost && (await this.#fetchList(n, trust)); n++);
  }

  // refresh brings what was kept up to date. The trust file stays as it is: where
  // the registry states another, changed is set, and nothing else is taken.
  async refresh() {
    const trust = await this.trust(false);
    if (!trust || !(await this.kept())) return;
    this.changed = (await this.#fetchTrust()).parsed.same !== trust.same;
    if (this.changed) return;
    await this.#refreshLists(trust);
    const cache = await caches.open(store);
    await cache.addAll(this.#files);
    await navigator.serviceWorker.register(this.#worker, { scope: "/scan" });
    const wanted = new Set(this.#files.map((f) => new URL(f, location.href).href));
    for (const { url } of await cache.keys())
      if (new URL(url).pathname.startsWith("/static/") && !wanted.has(url)) await cache.delete(url);
  }

  // forget removes all that was stored, and what is held here.
  async forget() {
    this.#trust = null;
    this.#lists.clear();
    this.changed = false;
    if (!this.possible()) return;
    await caches.delete(store);
    const worker = await navigator.serviceWorker.getRegistration("/scan");
    await worker?.unregister();
  }
}
