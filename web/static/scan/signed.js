// Checks without network what a registry signed: the token of a QR code, and the
// status list that it points into. The same rules as verify/status; a test
// compares the two. Nothing in here touches the page or the network, and nothing
// in here ever says that a label is recognised.
import { parseCode } from "./code.js";

// A Refused says which sentence there is for what is wrong.
export class Refused extends Error {
  constructor(what, why) {
    super(why);
    this.what = what;
  }
}
const malformed = (why) => new Refused("malformed", why);

const listSize = 1 << 20; // places in a list
const bits = 2; // of a place
const confirmsMost = 24 * 60 * 60; // seconds from iat to exp
const tokenMost = 255, listMost = 1 << 20; // characters

// bytesOf decodes base64url in its one spelling.
function bytesOf(text, what) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw malformed(`${what}: not base64url`);
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  if (base64url(raw) !== text) throw malformed(`${what}: not its one spelling`);
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

const base64url = (raw) => btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function textOf(bytes, what) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(`${what}: not UTF-8`);
  }
}

function jsonOf(text, what) {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(`${what}: not JSON`);
  }
}

// split takes a compact JWS apart. Its header must be what it is written as, so
// that no member is there twice.
function split(token, most, members) {
  if (token.length > most) throw malformed(`token of ${token.length} characters`);
  const parts = token.split(".");
  if (parts.length !== 3) throw malformed(`token of ${parts.length} segments`);
  const text = textOf(bytesOf(parts[0], "header"), "header");
  const header = jsonOf(text, "header");
  if (header === null || JSON.stringify(header) !== text || Object.keys(header).sort().join() !== members)
    throw malformed("header: other members than asked for");
  if (header.alg !== "EdDSA" && header.alg !== "Ed25519") throw malformed("header: alg");
  const signature = bytesOf(parts[2], "signature");
  if (signature.length !== 64) throw malformed(`signature of ${signature.length} bytes`);
  const input = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
  return { header, payload: textOf(bytesOf(parts[1], "payload"), "payload"), input, signature };
}

// thumbprint names a key (RFC 7638).
async function thumbprint({ crv, kty, x }) {
  const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify({ crv, kty, x })));
  return base64url(String.fromCharCode(...new Uint8Array(sum)));
}

// parseTrust reads a trust file: {origin, keys, fingerprint, same}. Fingerprint
// is what two people compare by voice; same is equal for two files of the same
// log and keys.
export async function parseTrust(text) {
  if (text.length > 64 << 10) throw malformed("trust file: too large");
  const t = jsonOf(text, "trust file");
  if (t?.trust !== "tegata-trust/v1" || typeof t.origin !== "string" || !t.origin || !Array.isArray(t.answer_keys) || !t.answer_keys.length)
    throw malformed("trust file: not one");
  const keys = [];
  for (const [i, { key, until }] of t.answer_keys.entries()) {
    const { kty, crv, x } = key ?? {};
    if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string") throw malformed("trust file: not an Ed25519 key");
    const end = until === undefined ? Infinity : Date.parse(until);
    if ((until === undefined) !== (i === 0) || Number.isNaN(end)) throw malformed("trust file: until");
    const imported = await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]);
    keys.push({ id: await thumbprint({ crv, kty, x }), until: end, key: imported });
  }
  const plain = JSON.stringify({ ...t, witnesses: [], quorum: 0 }, null, 2) + "\n";
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(plain)));
  const hex = Array.from(sum, (b) => b.toString(16).padStart(2, "0")).join("");
  return { origin: t.origin, keys, fingerprint: hex.match(/.{4}/g).join(" "), same: plain };
}

// openToken returns what a QR code says of its label, {code, number, expires,
// status, by}, once one of the keys is found to have signed it.
export async function openToken(text, trust) {
  const t = split(text, tokenMost, "alg,kid");
  if (!/^[A-Za-z0-9_-]{6}$/.test(t.header.kid)) throw malformed("header: kid");
  const keys = trust.keys.filter((k) => k.id.startsWith(t.header.kid));
  if (!keys.length) throw new Refused("unknown_key", `a key ${t.header.kid}…`);
  let signed = false;
  for (const k of keys) signed ||= await crypto.subtle.verify("Ed25519", k.key, t.signature, t.input);
  if (!signed) throw new Refused("bad_signature", "the signature does not fit");
  return parseToken(t.payload);
}

// parseToken reads the payload, in the one spelling there is.
function parseToken(payload) {
  const m = /^\["([0-9A-Z]{12})","([0-9A-Z-]{0,64})",(0|[1-9]\d{7}),(0|[1-9]\d{0,15}),"([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)"\]$/.exec(payload);
  if (!m || parseCode(m[1]).code !== m[1]) throw malformed("payload: not a token");
  const status = Number(m[4]);
  let expires = "";
  if (m[3] !== "0") {
    expires = m[3].replace(/^(....)(..)(..)$/, "$1-$2-$3");
    const day = new Date(`${expires}T00:00:00Z`);
    if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== expires || expires < "1900") throw malformed("payload: not a day");
  }
  if (!Number.isSafeInteger(status)) throw malformed("payload: place");
  return { code: m[1], number: m[2], expires, status, by: m[5] };
}

// listOf is the number of the list that a token points into.
export const listOf = (token) => Math.floor(token.status / listSize);

// openList returns a status list, {number, issued, expires, ttl, packed}, with
// instants in milliseconds, once a key that counted then is found to have signed
// it.
export async function openList(text, trust) {
  const t = split(text, listMost, "alg,kid,typ");
  if (t.header.typ !== "statuslist+jwt") throw malformed("header: typ");
  const k = trust.keys.find((k) => k.id === t.header.kid);
  if (!k) throw new Refused("unknown_key", `the key ${t.header.kid}`);
  if (!(await crypto.subtle.verify("Ed25519", k.key, t.signature, t.input))) throw new Refused("bad_signature", "the signature does not fit");
  const c = jsonOf(t.payload, "status list");
  const seconds = (n) => Number.isSafeInteger(n) && n > 0;
  if (c?.iss !== trust.origin) throw malformed("iss");
  const sub = /^https?:\/\/[^/?#]+\/status\/(0|[1-9]\d{0,15})$/.exec(c.sub);
  if (!sub) throw malformed("sub");
  if (!seconds(c.iat) || !seconds(c.exp) || !seconds(c.ttl) || c.exp <= c.iat || c.exp - c.iat > confirmsMost) throw malformed("iat, exp or ttl");
  if (c.iat * 1000 > k.until) throw new Refused("unknown_key", "the key was given up before");
  if (c.status_list?.bits !== bits || typeof c.status_list.lst !== "string") throw malformed("status_list");
  const packed = await inflate(bytesOf(c.status_list.lst, "lst"), (listSize * bits) / 8);
  return { number: Number(sub[1]), issued: c.iat * 1000, expires: c.exp * 1000, ttl: c.ttl * 1000, packed };
}

// inflate returns the size bytes that were compressed (RFC 1950), and never
// holds more of them than that.
async function inflate(compressed, size) {
  const out = new Uint8Array(size);
  let n = 0;
  try {
    const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (n + value.length > size) {
        reader.cancel().catch(() => {});
        throw malformed(`lst: more than ${size} bytes`);
      }
      out.set(value, n);
      n += value.length;
    }
  } catch (e) {
    throw e instanceof Refused ? e : malformed("lst: not compressed as it should be");
  }
  if (n !== size) throw malformed(`lst: ${n} bytes, not ${size}`);
  return out;
}

// at is what a list says of a place: bytes are filled from the least significant
// bit (draft-ietf-oauth-status-list, section 4.1).
const at = (list, place) => (list.packed[(place * bits) >> 3] >> ((place * bits) % 8)) & ((1 << bits) - 1);

const outcomes = ["valid", "invalid", "suspended", "ask_online"];

// dayIn is the day of an instant in a zone, as YYYY-MM-DD.
function dayIn(zone, instant) {
  const parts = {};
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", calendar: "gregory", numberingSystem: "latn" });
  for (const { type, value } of format.formatToParts(instant)) parts[type] = value;
  return `${parts.year.padStart(4, "0")}-${parts.month}-${parts.day}`;
}

// zoneOf is the zone that a token's last day is a day of.
const zoneOf = (token) => (token.number ? "Asia/Tokyo" : "Europe/London");

// check says what may be concluded at now, in milliseconds, from a token and the
// list it points into, or null where there is none: status.Check in JavaScript.
export function check(token, list, now) {
  const r = { outcome: "", by: token.by, until: token.expires, listed: "", asOf: 0 };
  if (list && list.number === listOf(token)) {
    r.listed = outcomes[at(list, token.status % listSize)];
    r.asOf = list.issued;
    now = Math.max(now, list.issued); // a clock that stands before is wrong
  }
  if (r.listed === "invalid") r.outcome = "invalid";
  else if (token.expires && dayIn(zoneOf(token), now) > token.expires) r.outcome = "past_printed";
  else if (!r.listed) r.outcome = "not_listed";
  else if (now >= list.expires) r.outcome = "not_confirmed";
  else if (r.listed === "valid" && !token.expires) r.outcome = "ask_online";
  else r.outcome = r.listed;
  return r;
}
