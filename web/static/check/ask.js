// Asking the registry: what a list is, and the answers to it.

const patience = 60_000; // milliseconds without a byte until a connection counts as lost

// A Refusal is a problem (RFC 9457) that came in place of an answer.
export class Refusal extends Error {
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

// mediaOf is the media type of a list, with what is known of it.
const mediaOf = ({ charset, header }) => ["text/csv", charset && `charset=${charset}`, header && `header=${header}`].filter(Boolean).join("; ");

// sent posts a list and returns the answer. What comes in its place is a Refusal;
// where nothing comes, the error is that of fetch.
async function sent(address, list, told, lang, signal) {
  const answer = await fetch(address, {
    method: "POST", body: list, signal, headers: { "Content-Type": mediaOf(told), "Accept-Language": lang },
    cache: "no-store", credentials: "omit",
  });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => null);
  if (!problem?.title) throw new TypeError(`status ${answer.status}`); // of a proxy, not of the registry
  throw new Refusal(problem);
}

// look returns what the registry takes a list for, or where there is more of it
// its beginning: charset, delimiter, header, columns, first rows.
export async function look(list, told, more, lang) {
  return (await sent(`/api/v1/columns${more ? "?more=1" : ""}`, list, told, lang, AbortSignal.timeout(patience))).json();
}

// An Asking is one list on its way through the registry.
export class Asking {
  #control = new AbortController();
  #chunks = []; // of the answer, as it came
  cancelled = false;
  whole = false; // all of the answer came
  media = "text/csv";

  cancel() {
    this.cancelled = true;
    this.#control.abort();
  }

  // run asks, and calls come with the text of every part of the answer. It returns
  // once no more comes, for whatever reason.
  async run(list, params, told, lang, come) {
    let timer;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#control.abort(), patience);
    };
    wait();
    try {
      const answer = await sent(`/api/v1/verify?${new URLSearchParams(params)}`, list, told, lang, this.#control.signal);
      this.media = answer.headers.get("Content-Type") ?? this.media;
      const decoder = new TextDecoder(told.charset);
      for (const reader = answer.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        wait();
        if (done) break;
        this.#chunks.push(value);
        come(decoder.decode(value, { stream: true }), false);
      }
      come(decoder.decode(), true);
      this.whole = true;
    } catch (e) {
      if (e instanceof Refusal) throw e;
      if (this.#chunks.length === 0 && !this.cancelled) throw e;
    } finally {
      clearTimeout(timer);
    }
  }

  // answer is what came, byte for byte; of a part of an answer the rows that came
  // whole. Breaks is how many line feeds stand in the last one, wide whether each is
  // of two bytes.
  async answer(breaks = 0, wide = false) {
    const all = new Blob(this.#chunks, { type: this.media });
    if (this.whole) return all;
    const bytes = new Uint8Array(await all.arrayBuffer());
    const size = wide ? 2 : 1;
    let end = bytes.length - (bytes.length % size);
    for (let left = breaks; end > 0; end -= size) {
      const feed = bytes.subarray(end - size, end).every((b, i, unit) => b === 10 || (wide && b === 0 && unit[1 - i] === 10));
      if (feed && left-- === 0) break;
    }
    return all.slice(0, end, this.media);
  }

  // report fetches the signed report about the whole answer, by its digest, or
  // returns null where the registry has none.
  async report() {
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await (await this.answer()).arrayBuffer()));
    const digest = Array.from(sum, (b) => b.toString(16).padStart(2, "0")).join("");
    const answer = await fetch(`/api/v1/reports/${digest}.jwt`, { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(patience) });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new TypeError(`status ${answer.status}`);
    return answer.blob();
  }
}
