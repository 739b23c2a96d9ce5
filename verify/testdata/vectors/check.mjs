// Checks every vector of this folder with no code of the registry's: signatures
// by the npm package jose, all else here. README.md says what the members mean.
//
//   node check.mjs [FOLDER [NODE_MODULES]]
//
// It prints one line a file, names every vector whose outcome differs, and then
// ends with status 1. It does not judge, and of a statement it looks at the
// members that all kinds have.
import { createHash, createPublicKey, verify as verifyRaw } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isDeepStrictEqual as same } from 'node:util'
import { inflateSync } from 'node:zlib'

const here = dirname(fileURLToPath(import.meta.url))
const folder = process.argv[2] ?? here
const modules = process.argv[3] ?? join(here, '../../../web/node_modules')
const jose = await import(pathToFileURL(createRequire(resolve(modules, '..', 'package.json')).resolve('jose')))

class Refused extends Error {
  constructor(word, faults) { super(word); this.word = word; this.faults = faults }
}
const no = word => { throw new Refused(word) }
const need = (good, word = 'malformed') => { if (!good) no(word) }

// Bytes and JSON.

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest()
const hex = text => sha256(text).toString('hex')
const iso = ms => new Date(ms).toISOString().replace('.000Z', 'Z')
// There is one spelling of bytes, with no bit that is not used.
function bytes(text, alphabet = 'base64url') {
  const b = Buffer.from(text, alphabet)
  need(b.toString(alphabet) === text)
  return b
}
function hash(text) {
  const b = bytes(text, 'base64')
  need(b.length === 32)
  return b
}
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
function textOf(b) {
  try { return utf8.decode(b) } catch { no('malformed') }
}
// strict is JSON.parse that refuses a member twice, as decoded, and half a pair
// of surrogates.
function strict(text, isWhat = v => v !== null && typeof v === 'object' && !Array.isArray(v)) {
  let value
  try { value = JSON.parse(text) } catch { no('malformed') }
  const open = []
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else {
      const s = JSON.parse(token)
      need(s.isWellFormed())
      if (!/^[ \t\r\n]*:/.test(text.slice(index + token.length))) continue // no name
      need(!open.at(-1).has(s))
      open.at(-1).add(s)
    }
  }
  need(isWhat(value))
  return value
}
const only = (o, names) => need(Object.keys(o).every(n => names.includes(n)))

// Codes, keys, tokens.

const symbols = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
function parseCode(text) {
  const values = [...text].filter(c => c !== '-' && c !== ' ').map(c =>
    /^[a-z]$/i.test(c) ? symbols.indexOf(c.toUpperCase().replace('O', '0').replace(/[IL]/, '1')) : symbols.indexOf(c))
  need(!values.includes(-1), 'code_symbol')
  need(values.length === 12, 'code_length')
  const sum = values.reduce((acc, v) => { acc <<= 1; return (acc & 32 ? acc ^ 0b100101 : acc) ^ v }, 0)
  need(sum === 0, 'code_check')
  return values.map(v => symbols[v]).join('')
}

const p = (1n << 255n) - 19n
const mod = n => ((n % p) + p) % p
function power(base, exponent) {
  let out = 1n
  for (base = mod(base); exponent > 0n; exponent >>= 1n, base = mod(base * base)) if (exponent & 1n) out = mod(out * base)
  return out
}
const over = (a, b) => mod(a * power(b, p - 2n))
const d = over(-121665n, 121666n)
// signs reports whether x is a point of Ed25519 that is not of low order: whether
// there is a square x², and doubling three times does not end at the neutral one.
function signs(x) {
  const digits = Buffer.from(x).reverse()
  digits[0] &= 0x7f
  let y = BigInt('0x' + digits.toString('hex'))
  if (y >= p) return false
  const square = y => over(y * y - 1n, d * y * y + 1n)
  if (power(square(y), (p - 1n) / 2n) > 1n) return false
  for (let i = 0; i < 3; i++) y = over(y * y + square(y), 1n - d * square(y) * y * y)
  return y !== 1n
}
async function parseKey(jwk) {
  const coordinate = s => typeof s === 'string' && Buffer.from(s, 'base64url').length === 32 && bytes(s)
  try {
    only(jwk, ['kty', 'crv', 'x', 'y'])
    need(coordinate(jwk.x))
    if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') need(jwk.y === undefined && signs(bytes(jwk.x)))
    else need(jwk.kty === 'EC' && jwk.crv === 'P-256' && coordinate(jwk.y))
    createPublicKey({ key: jwk, format: 'jwk' })
    return { jwk, id: await jose.calculateJwkThumbprint(jwk) }
  } catch { no('key') }
}

const MiB = 1 << 20
const most = { 'tegata-verdict+jwt': MiB, 'tegata-manifest+jwt': MiB, 'statuslist+jwt': MiB }
// open takes a token apart: of a type, or, where that is null, a short one.
function open(type, token) {
  need(token.length <= (type === null ? 255 : most[type] ?? 60 << 10))
  const segments = token.split('.')
  need(segments.length === 3)
  const [header, payload, signature] = segments.map(s => bytes(s))
  need(signature.length === 64)
  const { alg, kid, ...rest } = strict(textOf(header))
  need(['EdDSA', 'Ed25519', 'ES256'].includes(alg) && typeof kid === 'string')
  need(type === null ? same(rest, {}) && /^[\w-]{6}$/.test(kid) : same(rest, { typ: type }) && bytes(kid).length === 32)
  const text = textOf(payload)
  const claims = strict(text, type === null ? Array.isArray : undefined)
  return { token, alg, kid, text, claims, input: segments.slice(0, 2).join('.') }
}
async function verify(e, key) {
  need(key.id === e.kid || e.kid.length === 6 && key.id.startsWith(e.kid), 'key')
  need((e.alg === 'ES256') === (key.jwk.kty === 'EC'), 'key')
  try {
    await jose.compactVerify(e.token, await jose.importJWK(key.jwk, e.alg), { algorithms: [e.alg] })
  } catch { no('signature') }
}

// The log: entries, proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2), checkpoints.

const leafOf = entry => sha256(Buffer.of(0), entry)
const node = (left, right) => sha256(Buffer.of(1), left, right)
const number = text => { need(/^(0|[1-9][0-9]*)$/.test(text)); return Number(text) }
const half = n => Math.floor(n / 2)

function parseEntry(text) {
  const lines = text.split('\n')
  need(Buffer.byteLength(text) <= 65535 && lines.length === 4 && lines[0] === 'tegata-entry/v1' && /^[!-~]+$/.test(lines[3]))
  const logged = number(lines[1])
  need(logged <= 253402300799999)
  return { logged, status: lines[2] === '-' ? -1 : number(lines[2]), leaf: leafOf(text).toString('base64'), token: lines[3] }
}
function checkInclusion({ leaf, index, size, root, proof }) {
  need(index >= 0 && index < size, 'proof')
  let [fn, sn, r] = [index, size - 1, hash(leaf)]
  for (const h of proof.map(hash)) {
    need(sn > 0, 'proof')
    if (fn % 2 === 1 || fn === sn) {
      r = node(h, r)
      while (fn % 2 === 0 && fn > 0) [fn, sn] = [half(fn), half(sn)]
    } else r = node(r, h)
    ;[fn, sn] = [half(fn), half(sn)]
  }
  need(sn === 0 && r.equals(hash(root)), 'proof')
}
function checkConsistency({ old_size: old, old_root: oldRoot, size, root, proof }) {
  const empty = sha256().toString('base64')
  need(old >= 0 && old <= size, 'proof')
  if (old === 0) return need(proof.length === 0 && oldRoot === empty && (size > 0 || root === empty), 'proof')
  if (old === size) return need(proof.length === 0 && root === oldRoot, 'proof')
  let [fn, sn] = [old - 1, size - 1]
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)]
  const path = (fn === 0 ? [oldRoot, ...proof] : proof).map(hash)
  need(path.length > 0, 'proof')
  let [fr, sr] = [path[0], path[0]]
  for (const h of path.slice(1)) {
    need(sn > 0, 'proof')
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [node(h, fr), node(h, sr)]
      while (fn % 2 === 0 && fn > 0) [fn, sn] = [half(fn), half(sn)]
    } else sr = node(sr, h)
    ;[fn, sn] = [half(fn), half(sn)]
  }
  need(sn === 0 && fr.equals(hash(oldRoot)) && sr.equals(hash(root)), 'proof')
}

// A verifier key: name, id, and base64 of type (1 of a log, 4 of a cosigner) and key.
function parseVkey(vkey, type) {
  const [name, id, ...rest] = vkey.split('+')
  const raw = bytes(rest.join('+'), 'base64')
  need(name !== '' && raw.length === 33 && raw[0] === type)
  need(id === sha256(name + '\n', raw).subarray(0, 4).toString('hex'))
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.subarray(1).toString('base64url') }
  return { vkey, name, id, type, key: createPublicKey({ key: jwk, format: 'jwk' }) }
}
// openNote returns the text of a signed note and, of the keys given, those that
// signed it, with the time of a cosigner.
function openNote(signed, keys) {
  need(signed.isWellFormed() && !/[\0-\x09\x0b-\x1f]/.test(signed))
  const end = signed.lastIndexOf('\n\n') + 1
  need(end > 0 && signed.endsWith('\n') && signed.length > end + 1)
  const text = signed.slice(0, end)
  const lines = signed.slice(end + 1, -1).split('\n').map(line => /^— ([^\s+]+) (\S+)$/u.exec(line) ?? no('malformed'))
  const head = checkpointOf(text)
  const signers = []
  for (const [, name, base64] of lines) {
    const raw = bytes(base64, 'base64')
    const k = keys.find(k => k.name === name && k.id === raw.subarray(0, 4).toString('hex'))
    if (!k || signers.some(s => s.vkey === k.vkey)) continue
    const time = k.type === 4 ? Number(raw.readBigUInt64BE(4)) : undefined
    const said = k.type === 4 ? `cosignature/v1\ntime ${time}\n${text}` : text
    need(verifyRaw(null, Buffer.from(said), k.key, raw.subarray(k.type === 4 ? 12 : 4)), 'signature')
    signers.push({ vkey: k.vkey, type: k.type, time })
  }
  return { head, signers }
}
function checkpointOf(text) {
  const lines = text.split('\n')
  need(lines.length === 4 && lines[0] !== '' && lines[3] === '')
  hash(lines[2])
  return { origin: lines[0], size: number(lines[1]), root: lines[2] }
}

// The trust file, and what it vouches for.

const trustMembers = ['trust', 'origin', 'entry_0', 'log_keys', 'cosigner_keys', 'answer_keys', 'operator_keys', 'witnesses', 'quorum']
async function parseTrust(text) {
  const t = strict(text)
  only(t, trustMembers)
  need(t.trust === 'tegata-trust/v1' && typeof t.origin === 'string' && t.entry_0 && hash(t.entry_0))
  for (const list of [t.log_keys, t.cosigner_keys, t.answer_keys]) {
    need(list?.length > 0 && list.every((k, i) => (k.until === undefined) === (i === 0)))
  }
  t.logs = t.log_keys.map(k => ({ ...parseVkey(k.key, 1), until: k.until }))
  t.cosigners = t.cosigner_keys.map(k => ({ ...parseVkey(k.key, 4), until: k.until }))
  t.seers = t.witnesses.map(k => parseVkey(k, 4))
  need(t.logs.every(k => k.name === t.origin) && t.operator_keys?.length > 0)
  need(new Set([...t.witnesses, ...t.cosigners.map(k => k.vkey)]).size === t.witnesses.length + t.cosigners.length)
  need(t.quorum >= 0 && t.quorum <= t.witnesses.length)
  for (const jwk of [...t.answer_keys.map(k => k.key), ...t.operator_keys]) await parseKey(jwk).catch(() => no('malformed'))
  return t
}
const counts = (k, ms) => k.until === undefined || ms <= Date.parse(k.until)

async function openAnswer(t, type, token) {
  const e = open(type, token)
  need(Number.isInteger(e.claims.iat) && e.claims.iat > 0)
  need(e.claims.iss === t.origin, 'untrusted')
  for (const k of t.answer_keys) {
    const key = await parseKey(k.key)
    if (key.id !== e.kid) continue
    await verify(e, key)
    need(counts(k, e.claims.iat * 1000), 'untrusted')
    return e.claims
  }
  no('untrusted')
}
function openCheckpoint(t, signed) {
  const { head, signers } = openNote(signed, [...t.logs, ...t.cosigners, ...t.seers])
  const log = t.logs.find(k => signers.some(s => s.vkey === k.vkey))
  need(log && head.origin === t.origin, 'signature')
  const cosigned = signers.filter(s => s.type === 4)
  const dated = cosigned.filter(s => t.cosigners.some(k => k.vkey === s.vkey && counts(k, s.time * 1000)))
  need(dated.length > 0 && counts(log, Math.max(...dated.map(s => s.time * 1000))), 'untrusted')
  need(cosigned.filter(s => t.witnesses.includes(s.vkey)).length >= t.quorum, 'untrusted')
  return { ...head, cosigned: cosigned.map(s => ({ key: s.vkey, time: iso(s.time * 1000) })) }
}

// Bundles. Each statement's key is followed from the entries that gave it to a party.

async function openBundle(t, text, code) {
  const b = strict(text)
  const spelt = { bundle: 'tegata-bundle/v1', manifest: b.manifest, checkpoint: b.checkpoint,
    entries: b.entries?.map(({ index, entry, proof }) => ({ index, entry, proof })) }
  need(JSON.stringify(spelt) + '\n' === text)
  const m = await openAnswer(t, 'tegata-manifest+jwt', b.manifest)
  only(m, ['iss', 'iat', 'code', 'log', 'checkpoint_sha256', 'governance', 'entries', 'basis', 'related'])
  const named = [...new Set([m.governance, m.entries, ...m.basis, ...m.related].flat())].sort((x, y) => x - y)
  need(m.checkpoint_sha256 === hex(b.checkpoint) && same(b.entries.map(e => e.index), named) && m.code === code, 'untrusted')
  const { cosigned, ...head } = openCheckpoint(t, b.checkpoint)
  const { time, ...log } = m.log
  need(same(log, head), 'untrusted')
  const owners = new Map()
  const said = []
  for (const { index, entry, proof } of b.entries) {
    const e = parseEntry(entry)
    need(said.length > 0 || index === 0 && e.leaf === t.entry_0, 'untrusted')
    checkInclusion({ leaf: e.leaf, index, size: head.size, root: head.root, proof })
    const token = open('tegata-statement+jws', e.token)
    const s = token.claims
    const give = async (party, keys) => { for (const k of keys) owners.set((await parseKey(k)).id, { party, jwk: k }) }
    if (index === 0) await give(s.party.id, s.party.keys)
    const owner = owners.get(token.kid)
    need(owner?.party === s.by, 'entry')
    await verify(token, await parseKey(owner.jwk))
    need(e.logged <= Date.parse(time), 'untrusted')
    if (s.kind === 'party.enrolled') await give(s.party.id, s.party.keys)
    if (s.kind === 'key.added') await give(s.party, [s.key])
    said.push({ index, ...s })
  }
  need(said.length > 0, 'untrusted')
  const about = code => said.filter(s => s.code === code).map(s => s.index)
  const rests = said.filter(s => s.code === code && s.label?.basis.declaration).map(s => s.label.basis.declaration)
  need(same(m.entries, about(code)) && same(m.governance, about(undefined)), 'untrusted')
  need(same(m.basis, [...new Set(rests)].map(about)), 'untrusted')
  for (const list of m.related) {
    const of = said.find(s => s.index === list[0])?.code
    need(of !== undefined && of !== code && !rests.includes(of) && same(list, about(of)), 'untrusted')
  }
  return { log: m.log, governance: m.governance, entries: m.entries, basis: m.basis, related: m.related }
}

// Status lists and signed QR texts.

const listSize = 1 << 20
const valueAt = (packed, bits, i) => packed[Math.floor(i * bits / 8)] >> (i * bits % 8) & (1 << bits) - 1
async function openList(t, token) {
  const c = await openAnswer(t, 'statuslist+jwt', token)
  only(c, ['iss', 'sub', 'iat', 'exp', 'ttl', 'status_list'])
  const { bits, lst, aggregation_uri: _, ...rest } = c.status_list
  const n = /^https?:\/\/[^/]+\/status\/(0|[1-9]\d*)$/.exec(c.sub)
  need(n && c.exp > c.iat && c.ttl > 0 && bits === 2 && same(rest, {}))
  const compressed = bytes(lst)
  let out
  try { out = inflateSync(compressed, { info: true, maxOutputLength: listSize / 4 }) } catch { no('malformed') }
  need(out.buffer.length === listSize / 4 && out.engine.bytesWritten === compressed.length)
  return { ...c, number: Number(n[1]), at: i => valueAt(out.buffer, bits, i) }
}
function parseShort(text, claims) {
  const [code, number, day, place, by] = claims
  need(claims.length === 5 && JSON.stringify(claims) === text)
  try { need(parseCode(code) === code) } catch { no('malformed') }
  need(/^[0-9A-Z-]{0,64}$/.test(number) && /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/.test(by))
  need(Number.isSafeInteger(place) && place >= 0 && Number.isInteger(day))
  const until = day === 0 ? undefined : String(day).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
  need(until === undefined || new Date(until + 'T00:00:00Z').toJSON()?.startsWith(until)) // 31 February is another day
  return { code, number, until, place, by }
}
function reading(x, list, now) {
  const r = { by: x.by }
  if (x.until) r.until = x.until
  if (list && list.number === Math.floor(x.place / listSize)) {
    r.listed = ['valid', 'invalid', 'suspended', 'ask_online'][list.at(x.place % listSize)]
    r.as_of = iso(list.iat * 1000)
    now = Math.max(now, list.iat * 1000)
  }
  const zone = x.number ? 'Asia/Tokyo' : 'Europe/London'
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(now)
  if (r.listed === 'invalid') r.outcome = 'invalid'
  else if (x.until && today > x.until) r.outcome = 'past_printed'
  else if (!r.listed) r.outcome = 'not_listed'
  else if (now >= list.exp * 1000) r.outcome = 'not_confirmed'
  else r.outcome = r.listed === 'valid' && !x.until ? 'ask_online' : r.listed
  return r
}

// Statements: the members that all kinds have.

const ofRegistry = ['registry.created', 'party.enrolled', 'key.added', 'key.retired', 'accord.noticed']
const ofCode = ['label.issued', 'label.extended', 'label.amended', 'label.status', 'label.practice',
  'declaration.published', 'declaration.extended', 'declaration.amended', 'declaration.withdrawn', 'declaration.observed',
  'measure.taken', 'measure.lifted', 'recognition.withheld', 'recognition.restored']
const forms = {
  id: ['uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  origin: ['name', /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?(\/[a-z0-9._-]{1,64}){0,8}$/],
  by: ['name', /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/],
}
function headFaults(s) {
  const faults = {}
  const about = ofCode.includes(s.kind)
  if (!about && !ofRegistry.includes(s.kind)) faults.kind = s.kind === undefined ? 'required' : 'one_of'
  for (const name of ['id', 'origin', 'by', 'made', 'code']) {
    const v = s[name]
    if (v === undefined) { if (name !== 'code' || about) faults[name] = 'required' }
    else if (name === 'made') { if (!/^\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z$/.test(v) || iso(v) !== v) faults.made = 'instant' }
    else if (typeof v !== 'string') faults[name] = 'type'
    else if (name !== 'code') { if (!forms[name][1].test(v)) faults[name] = forms[name][0] }
    else {
      try { if (parseCode(v) !== v) faults.code = 'code_symbol' } catch (r) { faults.code = r.word }
      if (!faults.code && ofRegistry.includes(s.kind)) faults.code = 'not_allowed'
    }
  }
  return faults
}

// What to do with the vectors of each file.

const trustText = readFileSync(join(folder, 'trust.json'), 'utf8')
const trust = v => parseTrust(JSON.stringify({ ...JSON.parse(trustText), ...v.trust }))
const pick = (o, ...names) => Object.fromEntries(names.map(n => [n, o[n]]))

const files = {
  codes: v => { const code = parseCode(v.text); return { code, printed: code.match(/.{4}/g).join('-') } },
  keys: async v => ({ thumbprint: (await parseKey(v.jwk)).id }),
  statements: v => {
    const s = strict(v.payload)
    const faults = Object.entries(headFaults(s)).map(([field, rule]) => ({ field, rule }))
    if (faults.length > 0 || v.refused === 'faults') throw new Refused('faults', faults)
    return pick(s, 'kind', 'id', 'origin', 'by', 'made', ...(s.code ? ['code'] : []))
  },
  envelopes: async v => {
    const e = open(v.type, v.token)
    await verify(e, await parseKey(v.key))
    return { alg: e.alg, kid: e.kid, payload: e.text, identity: hex(e.input) }
  },
  entries: v => parseEntry(v.entry),
  proofs: v => { v.inclusion ? checkInclusion(v.inclusion) : checkConsistency(v.consistency); return { holds: true } },
  checkpoints: async v => {
    const t = await trust(v)
    const head = openCheckpoint(t, v.checkpoint)
    if (v.kept) {
      const old = openCheckpoint(t, v.kept.checkpoint)
      checkConsistency({ old_size: old.size, old_root: old.root, size: head.size, root: head.root, proof: v.kept.proof })
    }
    return head
  },
  trusts: async v => {
    await parseTrust(v.file)
    const own = { ...JSON.parse(v.file), witnesses: [], quorum: 0 }
    const spelt = jwk => pick(jwk, 'kty', 'crv', 'x', 'y')
    own.answer_keys = own.answer_keys.map(k => ({ key: spelt(k.key), until: k.until }))
    own.operator_keys = own.operator_keys.map(spelt)
    const text = JSON.stringify(pick(own, ...trustMembers), null, 2) + '\n' // what is undefined is left out
    return { origin: own.origin, fingerprint: hex(text).match(/.{4}/g).join(' ') }
  },
  bundles: async v => {
    const { status, outcome } = v.want ?? {} // not judged here
    return { ...await openBundle(await trust(v), v.bundle, v.code), status, outcome }
  },
  receipts: async v => {
    const t = await trust(v)
    if (v.write) {
      const [, index, hashes, checkpoint] = /^c2sp\.org\/tlog-proof@v1\nindex (\d+)\n((?:\S+\n)*)\n([^]*)$/.exec(v.write.proof) ?? no('malformed')
      const head = openNote(checkpoint, []).head
      need(number(index) < head.size)
      const { size, root } = openCheckpoint(t, checkpoint)
      const leaf = leafOf(v.write.entry).toString('base64')
      checkInclusion({ leaf, index: number(index), size, root, proof: hashes.trim() === '' ? [] : hashes.trim().split('\n') })
      return { index: number(index), size, root, leaf }
    }
    const c = await openAnswer(t, v.report ? 'tegata-report+jwt' : 'tegata-verdict+jwt', v.report?.token ?? v.answer)
    need(c.iat * 1000 >= Math.floor(Date.parse(c.log.time) / 1000) * 1000)
    if (!v.report) {
      need(c.question.known >= 1 && c.question.known <= c.log.size)
      return { ...pick(c, 'iat', 'code', 'question', 'log'), status: c.validity.status, outcome: c.recognition.outcome }
    }
    for (const all of [c.statuses, c.outcomes]) need(Object.values(all).reduce((a, n) => a + n, c.faults + c.ambiguous) === c.items)
    need(c.input_sha256 === hex(v.report.input) && c.output_sha256 === hex(v.report.output), 'untrusted')
    return pick(c, 'iat', 'items', 'faults', 'ambiguous', 'statuses', 'outcomes', 'log')
  },
  'status-lists': async v => {
    if (v.bits) {
      const packed = inflateSync(bytes(v.lst))
      return { values: Array.from({ length: packed.length * 8 / v.bits }, (_, i) => valueAt(packed, v.bits, i)) }
    }
    const l = await openList(await trust(v), v.list)
    const marked = {}
    for (let i = 0; i < listSize; i++) if (l.at(i) !== 0) marked[i] = l.at(i)
    return { ...pick(l, 'sub', 'iat', 'exp', 'ttl'), marked }
  },
  'qr-texts': async v => {
    const [, code, token] = /^HTTPS:\/\/[^/#]+\/V\/([^#]*)#([^]*)$/.exec(v.text) ?? no('malformed')
    need(v.text.length <= 255)
    const about = parseCode(code)
    const t = await trust(v)
    const e = open(null, token)
    const keys = (await Promise.all(t.answer_keys.map(k => parseKey(k.key)))).filter(k => k.id.startsWith(e.kid))
    need(keys.length > 0, 'key')
    await Promise.any(keys.map(k => verify(e, k))).catch(failed => { throw failed.errors[0] })
    const x = parseShort(e.text, e.claims)
    need(x.code === about, 'untrusted')
    return { ...pick(x, 'code', 'number', 'place'), reading: reading(x, v.list && await openList(t, v.list), Date.parse(v.now)) }
  },
}

// ofHead keeps the faults that headFaults looks for, in any order.
const ofHead = faults => faults?.filter(f => ['kind', ...Object.keys(forms), 'made', 'code'].includes(f.field))
  .map(f => `${f.field} ${f.rule}`).sort()

let differ = 0
for (const [name, run] of Object.entries(files)) {
  let [all, refused, wrong] = [0, 0, 0]
  for (const v of JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))) {
    const want = v.refused ? { refused: v.refused, faults: ofHead(v.faults) } : { want: v.want }
    let got
    try { got = { want: await run(v) } } catch (r) {
      got = { refused: r instanceof Refused ? r.word : String(r.stack), faults: ofHead(r.faults) }
    }
    all++
    if (v.refused) refused++
    if (same(got, want)) continue
    wrong++
    console.error(`${name}.json: ${v.name}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`)
  }
  console.log(`${name}.json: ${all} vectors, ${refused} of them refused, ${wrong} differ`)
  differ += wrong
}
process.exitCode = differ > 0 ? 1 : 0
