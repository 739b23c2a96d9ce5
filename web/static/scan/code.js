// What was scanned or typed: a code of the registry, the address that leads to
// one, or a trade item number. The same rules as verify.ParseCode and
// verify.ParseGTIN; a test compares the two.

const symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const length = 12;

const timesX = (v) => (v & 16 ? (v << 1) ^ 0b100101 : v << 1);

function valueOf(symbol) {
  const s = /[a-z]/.test(symbol) ? symbol.toUpperCase() : symbol;
  if (s === "O") return 0;
  if (s === "I" || s === "L") return 1;
  return symbols.indexOf(s);
}

// parseCode reads a code as a person types it. It returns {code}, or {fault,
// detail} with the name that the sentences have: code_symbol, code_length or
// code_check.
export function parseCode(text) {
  let code = "", sum = 0, n = 0;
  for (const symbol of text) {
    if (symbol === "-" || symbol === " ") continue;
    const value = valueOf(symbol);
    if (value < 0) return { fault: "code_symbol", detail: symbol };
    if (++n > length) continue;
    code += symbols[value];
    sum = timesX(sum) ^ value;
  }
  if (n !== length) return { fault: "code_length", detail: String(n) };
  if (sum !== 0) return { fault: "code_check", detail: "" };
  return { code };
}

// printed is a code as it is printed: 7K3M-Q2ZT-9XWE.
export const printed = (code) => code.replace(/^(.{4})(.{4})(.{4})$/, "$1-$2-$3");

// parseGTIN returns a GTIN-8, -12, -13 or -14, as it was spelt, or null.
export function parseGTIN(text) {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return null;
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += Number(text[text.length - 1 - i]) * (i % 2 ? 3 : 1);
  return sum % 10 ? null : text;
}

// expandUPCE writes a UPC-E, of eight digits, as the UPC-A it is short for (GS1
// General Specifications, 5.2.2.4.2); it is never a GTIN-8.
export function expandUPCE(text) {
  const m = /^([01])(\d)(\d)(\d)(\d)(\d)(\d)(\d)$/.exec(text);
  if (!m) return null;
  const [, system, a, b, c, d, e, last, check] = m;
  const item =
    last <= "2" ? a + b + last + "0000" + c + d + e
    : last === "3" ? a + b + c + "00000" + d + e
    : last === "4" ? a + b + c + d + "00000" + e
    : a + b + c + d + e + "0000" + last;
  return parseGTIN(system + item + check);
}

// readAddress returns the parts of an address that a QR code of a registry
// leads to, {host, code, token}, with token "" where it is not signed, or null.
function readAddress(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  const m = /^\/v\/([^/]*)$/i.exec(url.pathname);
  if (!m) return null;
  let read;
  try {
    read = parseCode(decodeURIComponent(m[1]));
  } catch {
    return null; // a stray per cent sign
  }
  return read.code ? { host: url.host.toLowerCase(), code: read.code, token: url.hash.slice(1) } : null;
}

// read says what a text is, in whatever way it came. It returns one of
//   {kind: "code", code, host, token}   host "" where only the code was given
//   {kind: "gtin", gtin}
//   {kind: "other", text}               neither
export function read(text, format = "") {
  text = text.trim();
  const upce = format === "upc_e" ? expandUPCE(text) : null;
  if (upce) return { kind: "gtin", gtin: upce };
  const address = readAddress(text);
  if (address) return { kind: "code", ...address };
  if (format === "" || format === "qr_code") {
    const { code } = parseCode(text);
    if (code) return { kind: "code", code, host: "", token: "" };
  }
  const gtin = parseGTIN(text);
  return gtin ? { kind: "gtin", gtin } : { kind: "other", text };
}
