// Reads linksets as others do:
//   node linkset.mjs URL PATH…
// checks the linkset of each path against the rules that GS1-Conformant Resolver
// 1.2.0 sets for one, and reads its address with npm's digital-link.js. It prints
// how many links each has, or what is wrong.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const Ajv = require("ajv");
const { DigitalLink } = require("digital-link.js");

// The rules: every context has an anchor, and beside it and a description only
// relations, a registered name or an address; every link has a target and a
// title, and of all else only languages, one media type and contexts.
const address = { type: "string", pattern: "^https?://[a-zA-Z0-9./]+" };
const link = {
  type: "object",
  required: ["href", "title"],
  additionalProperties: false,
  properties: {
    href: address,
    title: { type: "string", minLength: 1 },
    hreflang: { type: "array", items: { type: "string", pattern: "^\\w{2}(-\\w{2})?$" } },
    type: { type: "string", pattern: "^\\w+/[-+.\\w]+$" },
    context: { type: "array" },
  },
};
const context = {
  type: "object",
  required: ["anchor", "https://ref.gs1.org/voc/defaultLink"],
  additionalProperties: false,
  properties: {
    anchor: address,
    description: { type: "string" },
    // One link is the default, and has nothing that could make it another's.
    "https://ref.gs1.org/voc/defaultLink": {
      type: "array", minItems: 1, maxItems: 1,
      items: { type: "object", required: ["href", "title"], additionalProperties: false, properties: { href: address, title: { type: "string" } } },
    },
  },
  patternProperties: { "^(?!(anchor|description)$)([a-z-]+$|https?://[a-zA-Z0-9./]+$)": { type: "array", minItems: 1, items: link } },
};
const valid = new Ajv({ allErrors: true, strict: false }).compile({
  type: "object",
  required: ["linkset"],
  additionalProperties: false,
  properties: { linkset: { type: "array", minItems: 1, items: context } },
});

function check(text, header) {
  const wrong = [];
  const set = JSON.parse(text);
  if (!valid(set)) wrong.push(...valid.errors.map((e) => `${e.instancePath} ${e.message}`));
  const read = set.linkset.flatMap(({ anchor, ...rels }) => {
    if (!DigitalLink(anchor).isValid()) wrong.push(`${anchor} is no Digital Link`);
    if (!header.startsWith(`<${anchor}?linkType=linkset>; rel="linkset"; type="application/linkset+json"`)) wrong.push(`${anchor}: the header says ${header}`);
    return Object.entries(rels).flatMap(([rel, targets]) => targets.map((l) => ({ rel, ...l })));
  });
  // What answers by default is described in some other way too.
  const [first] = read.filter((l) => l.rel.endsWith("/defaultLink"));
  if (!read.some((l) => l.rel !== first.rel && l.href.split("?")[0] === first.href)) wrong.push(`${first.href}: of no other type`);
  return { wrong, read };
}

const [base, ...paths] = process.argv.slice(2);
for (const path of paths) {
  const answer = await fetch(base + path, { headers: { Accept: "application/linkset+json" } });
  const text = await answer.text();
  const { wrong, read } = check(text, answer.headers.get("link"));
  if (wrong.length > 0) {
    console.log(path, wrong.join("; "));
    continue;
  }
  // Nothing of it can be left out or added unnoticed.
  const spoilt = [
    (s) => delete s.linkset[0].anchor,
    (s) => delete s.linkset[0]["https://ref.gs1.org/voc/certificationInfo"][0].title,
    (s) => (s.linkset[0]["https://ref.gs1.org/voc/certificationInfo"][0]["title*"] = []),
    (s) => (s.linkset[0]["https://ref.gs1.org/voc/certificationInfo"][0].hreflang = "en"),
    (s) => (s.linkset[0]["https://ref.gs1.org/voc/defaultLink"][0].type = "text/html"),
    (s) => (s.next = ""),
  ];
  const taken = spoilt.filter((spoil) => {
    const s = JSON.parse(text);
    spoil(s);
    return valid(s);
  });
  // Each link type leads to a link of the set.
  for (const rel of ["gs1:certificationInfo", "gs1:defaultLink"]) {
    const to = await fetch(`${base}${path}?linkType=${encodeURIComponent(rel)}`, { redirect: "manual" });
    const target = new URL(to.headers.get("location"), "https://labels.example").href;
    if (to.status !== 307 || !read.some((l) => l.href === target)) console.log(path, rel, to.status, target);
  }
  console.log(path, answer.headers.get("content-type"), read.length, taken.length);
}
