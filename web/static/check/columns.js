// What a list is taken for: its columns and first rows, to be confirmed or changed.
import { Rows } from "./csv.js";
import { $, make, number, say } from "./page.js";

const always = ["code", "number", "gtin", "model"]; // one of these must be there
const others = ["scheme", "ref", "in", "at"];
const delimiters = { comma: ",", semicolon: ";", tab: "\t" };
const charsets = { "utf-8": "UTF-8", "shift_jis": "Shift_JIS", "utf-16le": "UTF-16LE", "utf-16be": "UTF-16BE" };

export class Columns {
  #found = null;
  #reread;

  // reread is asked to look at the list again, told its charset and header.
  constructor(reread) {
    this.#reread = reread;
  }

  show(list, found) {
    this.#found = found;
    $("columns-fault").textContent = "";
    $("columns-said").textContent = say("columns.counting", list.name, charsets[found.charset]);
    const fields = [...always, ...others.filter((c) => found.columns[c])].map((c) =>
      field(`of-${c}`, say(`column.${c}`), [["-", say("which.absent")], ...this.#names()], String(found.columns[c] ?? "-")));
    const again = () => this.#reread({ charset: $("of-charset").value, header: $("of-header").value });
    fields.push(
      field("of-header", say("columns.header"), ["present", "absent"].map((h) => [h, say(`columns.header.${h}`)]), found.header, again),
      field("of-charset", say("columns.charset"), Object.entries(charsets), found.charset, again),
    );
    const here = document.activeElement?.id;
    $("columns-which").replaceChildren(...fields);
    if (here) $(here)?.focus();
    this.#first();
  }

  // #names are the columns of the list, as choices.
  #names() {
    return Array.from({ length: this.#found.width }, (_, i) => {
      const name = this.#found.headings[i]?.trim() || this.#found.rows[0]?.[i]?.trim();
      return [String(i + 1), name ? say("which.named", i + 1, name) : say("which.column", i + 1)];
    });
  }

  #first() {
    const most = 12; // columns that are shown
    const cells = (row, name) => row.slice(0, most).map((text) => make(name, text, name === "th" ? { scope: "col" } : {}));
    const lines = this.#found.rows.map((row) => {
      const tr = make("tr");
      tr.append(...cells(row, "td"));
      return tr;
    });
    const head = make("tr");
    head.append(...cells(Array.from({ length: this.#found.width }, (_, i) => this.#found.headings[i] ?? say("which.column", i + 1)), "th"));
    const table = document.querySelector("table.first");
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(...lines);
  }

  refuse(text) {
    $("columns-fault").textContent = text;
  }

  // told is what the reader confirmed, or null where nothing could be asked with it.
  told() {
    const where = (c) => $(`of-${c}`)?.value ?? "-";
    if (always.every((c) => where(c) === "-")) {
      this.refuse(say("columns.none"));
      $("of-code").focus();
      return null;
    }
    const all = [...always, ...others];
    return {
      columns: all.map((c) => `${c}=${where(c)}`).join(","),
      where: Object.fromEntries(all.filter((c) => where(c) !== "-").map((c) => [c, Number(where(c)) - 1])), // from 0
      charset: $("of-charset").value, header: $("of-header").value, separator: this.#found.separator, delimiter: delimiters[this.#found.separator],
    };
  }

  // total counts the rows of the list.
  async total(list) {
    const rows = new Rows(delimiters[this.#found.separator]);
    const decoder = new TextDecoder(this.#found.charset);
    let n = 0;
    for (const reader = list.stream().getReader(); ; ) {
      const { done, value } = await reader.read();
      n += rows.push(decoder.decode(value, { stream: !done })).filter(some).length;
      if (done) return n + rows.end().filter(some).length - (this.#found.header === "present" ? 1 : 0);
    }
  }
}

// some reports whether anything stands in a row.
export const some = (row) => row.some((field) => field.trim() !== "");

function field(id, label, choices, value, changed) {
  const p = make("p");
  const select = make("select", "", { id });
  select.append(...choices.map(([v, text]) => make("option", text, { value: v })));
  select.value = value;
  if (changed) select.addEventListener("change", changed);
  p.append(make("label", label, { htmlFor: id }), select);
  return p;
}
