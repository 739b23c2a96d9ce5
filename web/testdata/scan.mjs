// Answers the cases on standard input with the scripts of /scan, and says which
// answers are not those of the program, a line each; at the end, how many cases
// there were.
import { readFileSync } from "node:fs";
import { expandUPCE, parseCode, parseGTIN, read } from "../static/scan/code.js";
import { check, openList, openToken, parseTrust, Refused } from "../static/scan/signed.js";

const cases = JSON.parse(readFileSync(0, "utf8"));
const trust = await parseTrust(cases.trust);
if (trust.fingerprint !== cases.fingerprint) console.log(`fingerprint: got ${trust.fingerprint}, want ${cases.fingerprint}`);

// refused runs f, whose refusal is an answer; any other error is a fault.
async function refused(f) {
  try {
    return await f();
  } catch (e) {
    if (e instanceof Refused) return null;
    throw e;
  }
}

const lists = new Map([["", null]]);
for (const c of cases.checks) {
  if (!lists.has(c.list)) lists.set(c.list, await openList(c.list, trust));
  const token = await refused(() => openToken(c.token, trust));
  const got = token && check(token, lists.get(c.list), c.now);
  const want = c.want && {
    outcome: c.want.outcome, by: c.want.by, until: c.want.until ?? "", listed: c.want.listed ?? "", asOf: c.want.as_of ? Date.parse(c.want.as_of) : 0,
  };
  if (JSON.stringify(got) !== JSON.stringify(want)) console.log(`${c.name}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

for (const { token, good } of cases.lists) {
  const got = (await refused(() => openList(token, trust))) !== null;
  if (got !== good) console.log(`list ${token}: got ${got}, want ${good}`);
}

for (const { text, code, fault, detail } of cases.codes) {
  const got = parseCode(text);
  const same = code ? got.code === code : got.fault === fault && got.detail === detail;
  if (!same) console.log(`code ${JSON.stringify(text)}: got ${JSON.stringify(got)}, want ${code || `${fault} ${detail}`}`);
}

for (const { text, good } of cases.gtins) {
  const got = parseGTIN(text) !== null;
  if (got !== good) console.log(`number ${text}: got ${got}, want ${good}`);
}

// What a reader finds, and what is typed. The UPC-E are those of the GS1 General
// Specifications, one of each way of leaving zeros out.
for (const [text, format, want] of [
  ["HTTPS://LABELS.EXAMPLE/V/7K3MQ2ZT9XWE", "qr_code", { kind: "code", host: "labels.example", code: "7K3MQ2ZT9XWE", token: "" }],
  ["https://labels.example:8443/v/7k3m-q2zt-9xwe?lang=ja#a.b.c", "qr_code", { kind: "code", host: "labels.example:8443", code: "7K3MQ2ZT9XWE", token: "a.b.c" }],
  ["7k3m-q2zt-9xwe", "", { kind: "code", code: "7K3MQ2ZT9XWE", host: "", token: "" }],
  ["4912345678904", "ean_13", { kind: "gtin", gtin: "4912345678904" }],
  ["4912345678905", "ean_13", { kind: "other", text: "4912345678905" }],
  ["000000000012", "", { kind: "code", code: "000000000012", host: "", token: "" }],
  ["000000000012", "upc_a", { kind: "other", text: "000000000012" }],
  ["01234565", "upc_e", { kind: "gtin", gtin: "012345000065" }],
  ["javascript:alert(1)//v/7K3MQ2ZT9XWE", "qr_code", { kind: "other", text: "javascript:alert(1)//v/7K3MQ2ZT9XWE" }],
  ["https://labels.example/v/%E0%A4%A", "qr_code", { kind: "other", text: "https://labels.example/v/%E0%A4%A" }],
  ["https://labels.example/records/7K3MQ2ZT9XWE", "qr_code", { kind: "other", text: "https://labels.example/records/7K3MQ2ZT9XWE" }],
]) {
  const sorted = (o) => JSON.stringify(Object.entries(o).sort());
  const got = read(text, format);
  if (sorted(got) !== sorted(want)) console.log(`${text} as ${format}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}
for (const [short, long] of [["04252614", "042100005264"], ["01234531", "012300000451"], ["01234543", "012340000053"], ["01234558", "012345000058"], ["21234565", null]]) {
  const got = expandUPCE(short);
  if (got !== long) console.log(`UPC-E ${short}: got ${got}, want ${long}`);
}

console.log(`${cases.checks.length} checks, ${cases.lists.length} lists, ${cases.codes.length} codes, ${cases.gtins.length} numbers`);
