// Verifies tokens of a registry with npm's jose, by the keys the registry serves:
//   node jose.mjs URL PATH…
// prints the header and the claim "iss" of each, or the code of the error.
import { createRemoteJWKSet, jwtVerify } from "jose";

const [base, ...paths] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", base));
for (const path of paths) {
  const token = await (await fetch(base + path)).text();
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys);
    console.log(`${protectedHeader.typ} ${protectedHeader.alg} ${payload.iss}`);
  } catch (e) {
    console.log(e.code ?? e);
  }
}
