// A second opinion on status lists and on the tokens of signed QR codes, by the
// jose package and Node's own zlib, written from the draft and from nothing of
// ours. The argument is the node_modules folder that jose is installed in. On
// standard input
//
//	{jwk, list, at: [place…], token}
//
// and on standard output what they say:
//
//	header, claims      of the list
//	length              of the array in bytes
//	values              at the places
//	others              how many places are not 0
//	short, payload      header and payload of the token
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inflateSync } from 'node:zlib'

const require = createRequire(resolve(process.argv[2], '..', 'package.json'))
const jose = await import(pathToFileURL(require.resolve('jose')))
const { jwk, list, at, token } = JSON.parse(readFileSync(0, 'utf8'))
const key = await jose.importJWK(jwk, 'EdDSA')

const seen = await jose.jwtVerify(list, key, {
  algorithms: ['EdDSA'], typ: 'statuslist+jwt', requiredClaims: ['iss', 'sub', 'iat', 'exp', 'ttl', 'status_list'],
  currentDate: new Date(jose.decodeJwt(list).iat * 1000),
})
const { bits, lst } = seen.payload.status_list
const bytes = inflateSync(Buffer.from(lst, 'base64url'))
const value = (i) => (bytes[Math.floor((i * bits) / 8)] >> ((i * bits) % 8)) & ((1 << bits) - 1)
let others = 0
for (let i = 0; i < (bytes.length * 8) / bits; i++) {
  if (value(i) !== 0) others++
}

const short = await jose.compactVerify(token, key, { algorithms: ['EdDSA'] })
console.log(JSON.stringify({
  header: seen.protectedHeader, claims: { ...seen.payload, status_list: { bits } },
  length: bytes.length, values: at.map(value), others,
  short: short.protectedHeader, payload: new TextDecoder().decode(short.payload),
}))
