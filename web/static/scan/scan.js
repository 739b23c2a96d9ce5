// The page /scan. It reads codes by camera, from a picture or as they are typed,
// asks the registry about each, and where the registry cannot be reached checks
// what is signed. All its words stand in the page, in the reader's language.
import { Camera } from "./camera.js";
import { parseCode, printed, read } from "./code.js";
import { Evidence, ask } from "./evidence.js";
import { check, listOf, openToken, Refused } from "./signed.js";

const $ = (id) => document.getElementById(id);
const root = $("scan");
const lang = document.documentElement.lang;
const words = new Map(Array.from($("words").content.querySelectorAll("[data-word]"), (e) => [e.dataset.word, e.textContent]));
const fill = (text, args) => text.replace(/\{(\d)\}/g, (_, n) => args[n] ?? "");
const say = (key, ...args) => fill(words.get(key), args);

const locale = lang === "ja" ? "ja-JP" : "en-GB";
const day = (d) => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${d}T00:00:00Z`));
const instant = (ms) =>
  new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", day: "numeric", hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" }).format(ms);

// make returns an element with a text.
function make(name, text = "", properties = {}) {
  const e = Object.assign(document.createElement(name), properties);
  e.textContent = text;
  return e;
}

// card returns one of the answers that stand ready in the page: the mark, the
// word and the sentence, with what it is about filled in.
function card(name, ...args) {
  const e = document.importNode($("words").content.querySelector(`[data-card="${name}"]`), true);
  e.removeAttribute("data-card");
  const sentence = e.querySelector("h3");
  sentence.textContent = fill(sentence.textContent, args);
  return e;
}

const pairs = (list) => {
  const dl = make("dl");
  for (const [name, value] of list) {
    if (!value) continue;
    const div = make("div");
    div.append(make("dt", name), make("dd", value));
    dl.append(div);
  }
  return dl;
};

const pageOf = (code, gtin = "") => {
  const q = new URLSearchParams();
  if (gtin) q.set("gtin", gtin);
  if (root.dataset.lang) q.set("lang", root.dataset.lang);
  return `/v/${code}${q.size ? `?${q}` : ""}`;
};

// What a look-up that did not come to an answer ends with.
class Unreachable extends Error {}

const evidence = new Evidence(root.dataset.keep.split(" "), root.dataset.worker);

// Asking the registry

async function fetched(address) {
  try {
    const answer = await ask(address);
    if (answer.status < 500) return answer;
  } catch {
    // No network, or none that answers.
  }
  throw new Unreachable();
}

// verdict returns the registry's answer about a code: the same words that its
// page says first, so that the two can never differ.
async function verdict(code, gtin) {
  const address = pageOf(code, gtin);
  const q = new URL(address, location.href);
  q.searchParams.set("lang", lang);
  const text = await fetched(q.href).then((a) => a.text()).catch(() => { throw new Unreachable(); });
  const found = new DOMParser().parseFromString(text, "text/html").querySelector("section.answer");
  if (!found) throw new Unreachable();
  const e = document.importNode(found, true);
  const heading = e.querySelector("h1");
  const sentence = make("h3");
  sentence.append(...heading.childNodes);
  heading.replaceWith(sentence);
  e.removeAttribute("aria-labelledby");
  for (const inner of e.querySelectorAll("[id]")) inner.removeAttribute("id");
  e.append(wholeLink(address));
  return e;
}

async function lookCode(what) {
  const before = [];
  if (what.host && what.host !== root.dataset.host.toLowerCase() && what.host !== location.host) before.push(card("elsewhere", what.host));
  let answer = null;
  try {
    answer = await verdict(what.code, "");
  } catch (e) {
    if (!(e instanceof Unreachable)) throw e;
  }
  if (what.token) before.push(await signed(what, answer !== null));
  else if (!answer) before.push(card("unreachable", printed(what.code)));
  if (!answer) return before;
  if (!before.some((e) => e.matches(".bad"))) return [...before, answer];
  before.at(-1).append(wholeLink(pageOf(what.code))); // never a good answer beside a bad signature
  return before;
}

function wholeLink(href) {
  const p = make("p");
  p.append(make("a", say("whole"), { href }));
  return p;
}

// signed checks a signature: to be said beside the registry's answer, where there
// is one, else to be the answer.
async function signed(what, online) {
  let trust = null;
  try {
    trust = await evidence.trust(online);
    if (!trust) return card("no_trust");
    const token = await openToken(what.token, trust);
    if (token.code !== what.code) return card("other_code", printed(what.code), printed(token.code));
    if (online) {
      evidence.list(listOf(token), true).catch(() => {}); // to be here when the network is not
      return make("p", say("signature", trust.origin), { className: "covered" });
    }
    return reading(token, trust, await evidence.list(listOf(token), false));
  } catch (e) {
    return e instanceof Refused && trust ? card(e.what, trust.origin) : card("cannot_check");
  }
}

function reading(token, trust, list) {
  const r = check(token, list, Date.now());
  const asOf = r.asOf ? instant(r.asOf) : "";
  const e = card(r.outcome, asOf, r.until ? day(r.until) : "");
  e.append(
    make("p", printed(token.code), { className: "code" }),
    pairs([
      [say("by"), say("by_party", r.by, trust.origin)],
      [say("number"), token.number],
      [say("until"), r.until ? day(r.until) : say("until_none")],
      [say("as_of"), r.listed ? say("as_of_said", asOf, say(`listed.${r.listed}`)) : say("as_of_none")],
    ]),
    make("p", say("limits"), { className: "small" }),
    wholeLink(pageOf(token.code)),
  );
  return e;
}

async function lookGTIN({ gtin }) {
  let found;
  try {
    const answer = await fetched(`/api/v1/verify?gtin=${gtin}`);
    found = (await answer.json()).matches;
    if (!Array.isArray(found)) throw new Unreachable();
    if (found.length === 1) return [await verdict(found[0].code, gtin)];
  } catch {
    return [card("unreachable_gtin", gtin)];
  }
  if (!found.length) return [card("gtin_none", gtin)];
  const e = card("gtin_several", gtin, String(found.length));
  const list = make("ul");
  for (const { code, product } of found) {
    const item = make("li");
    item.append(make("a", `${product?.name?.[lang] ?? product?.name?.en ?? ""} ${printed(code)}`.trim(), { href: pageOf(code, gtin) }));
    list.append(item);
  }
  e.append(list);
  return [e];
}

// What was found, one after another

const seen = []; // newest first: {key, title, word, sentence, href}
let turn = Promise.resolve();

// look answers for a text, and puts it on the list. Only the last is shown.
function look(text, format = "") {
  turn = turn.then(() => lookNow(text, format)).catch((e) => {
    console.error(e);
    $("answer").replaceChildren(card("cannot_check"));
  });
  return turn;
}

async function lookNow(text, format) {
  const what = read(text, format);
  const title = what.kind === "code" ? printed(what.code) : what.kind === "gtin" ? what.gtin : what.text.slice(0, 80);
  $("answer").setAttribute("aria-busy", "true");
  $("asking").textContent = say("asking", title);
  let cards;
  try {
    if (what.kind === "code") cards = await lookCode(what);
    else if (what.kind === "gtin") cards = await lookGTIN(what);
    else cards = [card("other", title)];
  } finally {
    $("asking").textContent = "";
    $("answer").removeAttribute("aria-busy");
  }
  $("answer").replaceChildren(...cards);
  $("answer").scrollIntoView({ block: "nearest" });
  const main = cards.find((c) => c.matches(".bad")) ?? cards.at(-1);
  const key = `${what.kind} ${title}`;
  const before = seen.findIndex((s) => s.key === key);
  if (before >= 0) seen.splice(before, 1);
  seen.unshift({
    key, title,
    badge: main.querySelector(".badge")?.cloneNode(true),
    sentence: main.querySelector("h3")?.textContent ?? "",
    href: main.querySelector("a[href^='/v/']")?.getAttribute("href"),
  });
  list();
}

function list() {
  $("seen").replaceChildren(...seen.map(({ title, badge, sentence, href }) => {
    const item = make("li");
    const head = make("p", "", { className: "code" });
    head.append(href ? make("a", title, { href }) : title);
    const word = make("p");
    if (badge) word.append(badge.cloneNode(true));
    item.append(head, word, make("p", sentence, { className: "small" }));
    return item;
  }));
  $("seen-none").hidden = seen.length > 0;
  $("clear").hidden = seen.length === 0;
  $("check").hidden = stock().length === 0;
}

// stock is what was scanned as a list for the page /check, of codes and trade item
// numbers.
const stock = () => seen.filter(({ key }) => /^(code|gtin) /.test(key)).map(({ key, title }) => (key.startsWith("code ") ? `${title},` : `,${title}`));

// The list is handed over behind the #, which no server is sent; the page /check
// takes it away from there.
$("check").addEventListener("click", () => {
  const lang = root.dataset.lang ? `?${new URLSearchParams({ lang: root.dataset.lang })}` : "";
  location.assign(`/check${lang}#${encodeURIComponent(["code,gtin", ...stock().reverse()].join("\n"))}`);
});

// The camera

const camera = new Camera($("video"), root.dataset.reader, found, told);
const last = new Map(); // text → when the camera saw it last

// found takes what the camera sees. What stays in view is one find.
function found(text, format) {
  const now = performance.now();
  const again = now - (last.get(text) ?? -Infinity) < 3000;
  last.set(text, now);
  if (!again) look(text, format);
}

function told(state) {
  const on = state === "on";
  $("camera-said").textContent = say(`camera.${state}`);
  $("video").hidden = !on;
  $("start").hidden = on || state === "asking";
  $("stop").hidden = !(on || state === "asking");
  $("torch").hidden = !(on && camera.hasTorch());
  $("torch").setAttribute("aria-pressed", "false");
}

$("start").addEventListener("click", async () => {
  const why = Camera.missing();
  if (why) return told(why);
  await camera.start();
  if (camera.running()) $("stop").focus();
});
$("stop").addEventListener("click", () => {
  camera.stop();
  $("start").focus();
});
$("torch").addEventListener("click", async () => {
  const on = $("torch").getAttribute("aria-pressed") !== "true";
  try {
    await camera.torch(on);
    $("torch").setAttribute("aria-pressed", String(on));
  } catch {
    $("torch").hidden = true;
  }
});
document.addEventListener("visibilitychange", () => document.hidden && camera.running() && camera.stop());

// A picture

$("picture").addEventListener("change", async () => {
  const [file] = $("picture").files;
  if (!file) return;
  $("picture-said").textContent = say("picture.looking");
  let texts;
  try {
    texts = await camera.picture(file);
  } catch {
    $("picture-said").textContent = say("picture.unreadable");
    return;
  } finally {
    $("picture").value = ""; // so that the same file can be chosen again
  }
  $("picture-said").textContent = texts.length ? "" : say("picture.none");
  for (const t of texts) await look(t.text, t.format);
});

// Typing

$("q").addEventListener("input", () => {
  const text = $("q").value.trim();
  const said = $("q-said");
  const what = read(text);
  said.className = "";
  if (!text) said.textContent = "";
  else if (what.kind === "code") said.textContent = say("typed.fits", printed(what.code));
  else if (what.kind === "gtin") said.textContent = say("typed.gtin");
  else {
    const { fault, detail } = parseCode(text);
    const short = fault === "code_length" && Number(detail) < 12;
    said.textContent = short ? say("typed.count", detail) : say(fault, detail);
    said.className = short ? "" : "notice";
  }
});
$("typed").addEventListener("submit", (e) => {
  const text = $("q").value;
  if (read(text).kind === "other") return; // a number or a model: the first page looks those up
  e.preventDefault();
  look(text).then(() => $("q").select());
});

// Keeping

async function kept(key) {
  const has = await evidence.kept();
  const trust = has ? await evidence.trust(false).catch(() => null) : null;
  const oldest = has ? await evidence.oldest() : null;
  $("keep").hidden = has;
  $("forget").hidden = !has;
  const parts = key ? [say(key)] : [];
  if (has) parts.push(oldest ? say(oldest.expires > Date.now() ? "keep.is" : "keep.old", instant(oldest.issued), instant(oldest.expires)) : say("keep.no_list"));
  $("keep-said").textContent = parts.join(" ");
  $("changed").hidden = !evidence.changed;
  $("fingerprint").hidden = !trust;
  $("fingerprint").querySelector("code").textContent = trust?.fingerprint ?? "";
}

$("keep").addEventListener("click", async () => {
  $("keep").disabled = true;
  $("keep-said").textContent = say("keep.busy");
  let key = "";
  try {
    await evidence.keep();
  } catch {
    key = "keep.failed";
  }
  $("keep").disabled = false;
  await kept(key);
  if (!key) $("forget").focus();
});
$("forget").addEventListener("click", async () => {
  await evidence.forget();
  await kept("keep.forgotten");
  $("keep").focus();
});
$("clear").addEventListener("click", () => {
  seen.length = 0;
  last.clear();
  list();
  $("answer").replaceChildren(make("p", say("answer.none")));
  $("q").focus();
});

root.hidden = $("more").hidden = false;
told(Camera.missing() || "off");
list();
if (!evidence.possible()) {
  $("keep").disabled = true;
  $("keep-said").textContent = say("keep.impossible");
} else {
  await kept("");
  if (await evidence.kept()) await evidence.refresh().then(() => kept(""), () => {});
}
