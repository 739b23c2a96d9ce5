// Verifies a token with npm's jose and prints its header and payload, or
// "refused": node jose.mjs JWK TOKEN
import { compactVerify, importJWK } from "../../node_modules/jose/dist/webapi/index.js";

const [jwk, token] = process.argv.slice(2);
try {
	const { payload, protectedHeader } = await compactVerify(token, await importJWK(JSON.parse(jwk), "EdDSA"));
	console.log(`${JSON.stringify(protectedHeader)} ${new TextDecoder().decode(payload)}`);
} catch (e) {
	if (!e.code?.startsWith("ERR_JW")) throw e;
	console.log("refused");
}
