// A second opinion on our tokens, by the jose package. The argument is the
// node_modules folder it is installed in. On standard input, an array of
// {token, jwk} for it to verify; on standard output
//
//	verified  for each, {header, payload}, or {error} if it is refused
//	sealed    {private, token} for each algorithm, by keys made here
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(resolve(process.argv[2], '..', 'package.json'))
const jose = await import(pathToFileURL(require.resolve('jose')))
const text = new TextDecoder()

const verified = []
for (const { token, jwk } of JSON.parse(readFileSync(0, 'utf8'))) {
  const { alg } = jose.decodeProtectedHeader(token)
  try {
    const key = await jose.importJWK(jwk, alg)
    const seen = await jose.compactVerify(token, key, { algorithms: [alg] })
    verified.push({ header: seen.protectedHeader, payload: text.decode(seen.payload) })
  } catch (err) {
    verified.push({ error: err.code })
  }
}

const sealed = []
for (const alg of ['EdDSA', 'Ed25519', 'ES256']) {
  const pair = await jose.generateKeyPair(alg, { extractable: true })
  const kid = await jose.calculateJwkThumbprint(await jose.exportJWK(pair.publicKey))
  const token = await new jose.CompactSign(new TextEncoder().encode(`{"sealed":"${alg}"}`))
    .setProtectedHeader({ typ: 'tegata-statement+jws', kid, alg })
    .sign(pair.privateKey)
  sealed.push({ private: await jose.exportJWK(pair.privateKey), token })
}

console.log(JSON.stringify({ verified, sealed }))
