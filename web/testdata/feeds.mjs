// Reads feeds as their readers would: Atom with npm's saxes, which takes only XML
// that is well-formed, and then both formats with npm's feedsmith. Arguments: the
// folder of modules. In: [{kind, text}]; out: what each says.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const require = createRequire(resolve(process.argv[2], "x.js"));
const { SaxesParser } = require("saxes");
const { parseAtomFeed, parseJsonFeed } = await import(pathToFileURL(require.resolve("feedsmith")));

function wellFormed(xml) {
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (e) => {
    throw e;
  });
  parser.write(xml).close();
}

// Texts of Atom come with their type.
const plain = (t) => (typeof t === "object" ? t.value : t) ?? "";

const link = (links, rel) => links.find((l) => l.rel === rel)?.href;

const out = JSON.parse(await text(process.stdin)).map(({ kind, text }) => {
  if (kind === "json") {
    const f = parseJsonFeed(text);
    return {
      title: f.title, self: f.feed_url, home: f.home_page_url, next: f.next_url ?? "", lang: f.language,
      entries: f.items.map((i) => [i.id, i.url, i.title, i.content_text, new Date(i.date_published).toISOString(), i.authors[0].name, i.tags[0]]),
    };
  }
  wellFormed(text);
  const f = parseAtomFeed(text);
  return {
    title: plain(f.title), self: link(f.links, "self"), home: link(f.links, "alternate"), next: link(f.links, "next") ?? "",
    lang: text.match(/xml:lang="([^"]*)"/)[1],
    entries: (f.entries ?? []).map((e) => [e.id, link(e.links, "alternate"), plain(e.title), plain(e.content), new Date(e.updated).toISOString(), e.authors[0].name, e.categories[0].term]),
  };
});
process.stdout.write(JSON.stringify(out));
