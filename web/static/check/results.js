// The answers to a list: how many need a look and why, a page of them at a time,
// and files to keep.
import { marks } from "./answer.js";
import { $, badge, day, make, number, say } from "./page.js";

const pageRows = 50;
const printMost = 2000; // rows that are put on paper

export class Results {
  #by = new Map(); // mark → answers
  #mark = "all";
  #first = 0; // of the page, from 0
  #addresses = [];

  constructor() {
    for (const b of $("marks").querySelectorAll("button"))
      b.addEventListener("click", () => this.filter(b.dataset.mark));
    $("before").addEventListener("click", () => this.#turn(-pageRows));
    $("after").addEventListener("click", () => this.#turn(pageRows));
    addEventListener("beforeprint", () => $("results").hidden || this.#draw(0, printMost));
    addEventListener("afterprint", () => $("results").hidden || this.#draw(this.#first, pageRows));
  }

  clear() {
    this.#by = new Map([...marks, "all"].map((m) => [m, []]));
    for (const a of this.#addresses.splice(0)) URL.revokeObjectURL(a);
    for (const id of ["save", "report"]) for (const name of ["download", "href"]) $(id).removeAttribute(name);
  }

  add(answer) {
    for (const m of ["all", ...answer.marks]) this.#by.get(m).push(answer);
  }

  count = (mark = "all") => this.#by.get(mark).length;
  last = () => this.#by.get("all").at(-1);

  // takeLast takes the last answer away again.
  takeLast() {
    const answer = this.last();
    for (const m of ["all", ...answer.marks]) this.#by.get(m).pop();
    return answer;
  }

  // offer lets the reader save a file.
  offer(id, blob, name) {
    const address = URL.createObjectURL(blob);
    this.#addresses.push(address);
    Object.assign($(id), { href: address, download: name, hidden: false });
  }

  // show fills in the counts and shows what needs a look, or all.
  show() {
    for (const b of $("marks").querySelectorAll("button")) {
      const n = this.count(b.dataset.mark);
      b.querySelector("b").textContent = number(n);
      b.disabled = n === 0 && b.dataset.mark !== "all";
    }
    this.filter("all");
  }

  filter(mark) {
    this.#mark = mark;
    for (const b of $("marks").querySelectorAll("button")) b.setAttribute("aria-pressed", String(b.dataset.mark === mark));
    this.#first = 0;
    this.#draw(0, pageRows);
  }

  #turn(by) {
    this.#first += by;
    this.#draw(this.#first, pageRows);
    $("table").scrollIntoView({ block: "start" });
    if (document.activeElement.disabled) $(by > 0 ? "before" : "after").focus();
  }

  #draw(first, most) {
    const rows = this.#by.get(this.#mark);
    const part = rows.slice(first, first + most);
    $("table").tBodies[0].replaceChildren(...part.map(row));
    $("table").hidden = part.length === 0;
    $("shown").textContent = part.length ? say("shown", number(first + 1), number(first + part.length), number(rows.length)) : say("shown.none");
    $("paging").hidden = rows.length <= most;
    $("before").disabled = first === 0;
    $("after").disabled = first + most >= rows.length;
    $("page").textContent = say("page", number(first / most + 1), number(Math.ceil(rows.length / most)));
  }
}

// row is one answer as a row of the table.
function row(a) {
  const tr = make("tr");
  const what = make("td");
  for (const [kind, text] of a.what) what.append(make("span", text, { className: kind }));
  const said = make("td");
  const word = make("p");
  word.append(badge(a.tone, a.word));
  said.append(word);
  for (const note of a.notes) said.append(make("p", note));
  if (a.until) said.append(make("p", say("until", day(a.until)), { className: "small" }));
  if (a.href) {
    const p = make("p");
    p.append(make("a", say("whole"), { href: a.href }));
    p.firstChild.append(make("span", ` ${say("whole.row", number(a.number))}`, { className: "unseen" }));
    said.append(p);
  }
  tr.append(make("th", number(a.number), { scope: "row" }), what, said);
  return tr;
}
