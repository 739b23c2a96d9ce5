// Rows takes CSV (RFC 4180) apart as it comes. It reads what the registry sends,
// which has been taken apart and put together once before: a quotation mark
// opens a field only at its beginning, and is doubled inside.
const plain = 0, begin = 1, quoted = 2, quote = 3; // where in a field

export class Rows {
  #delimiter;
  #field = "";
  #row = [];
  #state = begin;
  breaks = 0; // line feeds inside the row that has begun
  #cr = false; // the last was a carriage return, which may begin a line's end

  constructor(delimiter) {
    this.#delimiter = delimiter;
  }

  // push returns the rows that end in the text, each a list of fields.
  push(text) {
    const rows = [];
    let from = 0; // of what is not yet in #field
    const take = (to) => {
      this.#field += text.slice(from, to);
      from = to + 1;
    };
    const cell = () => {
      this.#row.push(this.#field);
      this.#field = "";
      this.#state = begin;
    };
    const line = () => {
      cell();
      if (this.#row.length > 1 || this.#row[0] !== "") rows.push(this.#row);
      this.#row = [];
      this.breaks = 0;
    };
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      const cr = this.#cr;
      this.#cr = false;
      if (this.#state === quoted) {
        if (c === "\n") this.breaks++;
        if (c !== '"') continue;
        take(i);
        this.#state = quote;
      } else if (c === '"' && this.#state === begin) {
        take(i);
        this.#state = quoted;
      } else if (c === '"' && this.#state === quote) {
        from = i; // the second of two is the one that is meant
        this.#state = quoted;
      } else if (c === this.#delimiter) {
        take(i);
        cell();
      } else if (c === "\n" && cr) {
        from = i + 1;
      } else if (c === "\n" || c === "\r") {
        take(i);
        line();
        this.#cr = c === "\r";
      } else {
        this.#state = plain;
      }
    }
    take(text.length);
    return rows;
  }

  // end returns the last row, where no line's end came after it.
  end() {
    return this.#field !== "" || this.#row.length > 0 ? this.push("\n") : [];
  }
}
