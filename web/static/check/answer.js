// What a row is answered with, read from the cells that the registry puts behind
// it: which of the marks it has, and what is said of it. The same as check_mark.go
// does where scripts do not run; a test compares the two.
import { Rows } from "./csv.js";
import { some } from "./columns.js";
import { say, toneOf } from "./page.js";

const names = ["code", "status", "until", "outcome", "in", "accord", "statute", "model", "gtin", "barred", "ambiguous", "codes", "next", "fault"];

export const marks = ["measure", "not_valid", "not_covered", "lapses_30", "lapses_60", "lapses_90", "not_recognised", "layers_differ",
  "undetermined", "unknown", "ambiguous", "fault", "none"];

// marksOf lists the marks of an answer, given the day in question.
export function marksOf(a, today) {
  if (a.fault) return ["fault"];
  if (a.status === "unknown") return ["unknown"];
  const left = a.status === "valid" && a.until ? daysBetween(today, a.until) : Infinity;
  const found = {
    measure: a.barred === "yes",
    not_valid: a.status !== "valid" && a.status !== "grace",
    not_covered: a.model === "no" || a.gtin === "no",
    lapses_30: left <= 30,
    lapses_60: left <= 60,
    lapses_90: left <= 90,
    not_recognised: a.outcome === "not_recognised" || a.outcome === "unavailable",
    layers_differ: a.outcome === "layers_differ",
    undetermined: a.outcome === "undetermined" || a.status === "grace",
    ambiguous: a.ambiguous === "yes",
  };
  const list = marks.filter((m) => found[m]);
  return list.length ? list : ["none"];
}

const daysBetween = (from, to) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

// keyOf chooses what matters most to who has the product on the shelf.
function keyOf(a) {
  if (a.fault) return "mark.fault";
  if (a.barred === "yes") return "mark.measure";
  if (a.model === "no" || a.gtin === "no") return "mark.not_covered";
  if (a.status !== "valid") return `status.${a.status}`;
  return a.outcome === "home" ? "status.valid" : `outcome.${a.outcome}`;
}

// faultsOf are the sentences of a fault, without the names for programs before
// them.
const faultsOf = (fault) => fault.replace(/(^|; )[a-z_.]+: (?:[a-z0-9_]+: )?/g, (_, before) => (before ? " " : ""));

// notesOf are what is said beside the word.
function notesOf(a) {
  if (a.fault) return [faultsOf(a.fault)];
  const notes = [];
  if (a.ambiguous === "yes") notes.push(say("note.ambiguous", a.codes));
  if (a.outcome === "layers_differ") notes.push(say("note.differ", say(`outcome.${a.accord}`), say(`outcome.${a.statute}`)));
  return notes;
}

// rowsOf returns what reads the text of an answer as it comes, and calls found
// with every row. Told is what was told of the list, page what was asked.
export function rowsOf(told, page, found) {
  const rows = new Rows(told.delimiter);
  let head = told.header === "present", n = 0;
  const read = (text, last) => {
    for (const row of last ? [...rows.push(text), ...rows.end()] : rows.push(text)) {
      if (!some(row)) continue;
      if (head) {
        head = false;
        continue;
      }
      found(answer(row, ++n, told, page));
    }
  };
  read.breaks = () => rows.breaks; // in the row that has begun
  return read;
}

function answer(row, number, told, page) {
  const own = row.slice(0, -names.length);
  const a = Object.fromEntries(names.map((name, i) => [name, row[row.length - names.length + i] ?? ""]));
  const key = keyOf(a);
  return {
    number, key,
    what: whatOf(own, told.where),
    marks: marksOf(a, page.today),
    tone: toneOf(key),
    word: say(key),
    notes: notesOf(a),
    until: a.status === "valid" ? a.until : "",
    href: a.code ? addressOf(a, own, told.where, page) : "",
    fault: a.fault,
    empty: !some(own),
  };
}

// whatOf is what the shop's list says of the product: the columns asked about, and
// two more that have a word in them.
function whatOf(own, where) {
  const asked = Object.entries(where).map(([kind, i]) => [kind, own[i]]).filter(([, text]) => text?.trim());
  const at = new Set(Object.values(where));
  const others = own.filter((text, i) => !at.has(i) && /\p{L}/u.test(text)).slice(0, 2).map((text) => ["own", text]);
  return [...others, ...asked].map(([kind, text]) => [kind, text.trim().slice(0, 120)]);
}

// bare is a cell without the formula ="…" that keeps a number as it is.
const bare = (text) => /^\s*="(.*)"\s*$/.exec(text)?.[1] ?? text;

function addressOf(a, own, where, page) {
  const q = new URLSearchParams({ in: a.in });
  const at = bare(own[where.at] ?? "").trim() || page.at;
  if (at) q.set("at", at);
  if (a.model) q.set("model", bare(own[where.model]).trim());
  if (a.gtin) q.set("gtin", bare(own[where.gtin]).normalize("NFKC").replace(/[\s-]/g, ""));
  if (page.lang) q.set("lang", page.lang);
  return `/v/${a.code.replaceAll("-", "")}?${q}`;
}
