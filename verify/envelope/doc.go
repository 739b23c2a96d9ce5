// Package envelope seals statements and opens what was sealed: compact JWS (RFC
// 7515), read so strictly that a statement has one spelling for each signature.
//
// [Open] takes a token apart and says what stands in it, not whether it is true;
// [Envelope.Verify] then checks it against the key its header names. Which keys
// count, when, and for whom is for the caller to know: nothing in a token is
// ever taken as a key.
//
// Three algorithms are read: EdDSA (RFC 8037) and Ed25519 (RFC 9864), two names
// of one thing, on an Ed25519 key, and ES256 on a P-256 key. There are no JSON
// serialisations, no detached payloads, no unprotected headers and no header
// members but alg, kid and typ, and cty where the type of token asks for it.
package envelope
