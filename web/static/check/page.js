// What all parts of the page /check use: its elements, and its words, which stand
// in the page in the reader's language.
export const $ = (id) => document.getElementById(id);

const words = new Map(Array.from($("words").content.querySelectorAll("[data-word]"), (e) => [e.dataset.word, e.textContent]));

// say returns the words for a key, with what they are about filled in.
export const say = (key, ...args) => (words.get(key) ?? "").replace(/\{(\d)\}/g, (_, n) => args[n] ?? "");

// toneOf is how an answer with such words looks.
export const toneOf = (key) => $("words").content.querySelector(`[data-word="${key}"]`)?.dataset.tone ?? "none";

const locale = document.documentElement.lang === "ja" ? "ja-JP" : "en-GB";
export const number = (n) => new Intl.NumberFormat(locale).format(n);
export const day = (d) => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${d}T00:00:00Z`));

// make returns an element with a text.
export function make(name, text = "", properties = {}) {
  const e = Object.assign(document.createElement(name), properties);
  e.textContent = text;
  return e;
}

// badge returns one of the badges that stand ready in the page, with another word
// in it.
export function badge(tone, word) {
  const e = document.importNode($("words").content.querySelector(`.badge.${tone}`), true);
  e.lastChild.textContent = ` ${word}`;
  return e;
}
