// Reads credentials as others do:
//   node credential.mjs URL CODE…
// verifies each with npm's jose, by the keys of the DID document of its issuer and
// by those of the JWK Set; checks it as npm's @digitalbazaar/vc does, and against
// the rules of the W3C's data model and of the UNTP Digital Conformity Credential
// 0.6.1; expands it with npm's jsonld, so that nothing in it is without meaning;
// and reads its status from the Bitstring Status Lists it names, with npm's
// @digitalbazaar/vc-bitstring-status-list. Of the lists every place is compared
// with the Token Status List of the same number. It prints what the credential
// says and how it stands, or what is wrong.
import { createRequire } from "node:module";
import { gunzipSync, inflateSync } from "node:zlib";
import { contexts } from "@digitalbazaar/credentials-context";
import { _checkCredential as checkModel } from "@digitalbazaar/vc";
import { decodeList } from "@digitalbazaar/vc-bitstring-status-list";
import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from "jose";
import jsonld from "jsonld";

const require = createRequire(import.meta.url);
const Ajv = require("ajv/dist/2020");

const uri = { type: "string", pattern: "^[a-z][a-z0-9+.-]*:[^\\s]+$" };
const text = { type: "string", minLength: 1 };
const day = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
const instant = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$" };
const types = (...names) => ({ type: "array", items: text, allOf: names.map((n) => ({ contains: { const: n } })) });
const object = (required, properties, more = {}) => ({ type: "object", required, properties, ...more });
const only = { additionalProperties: false };
const party = object(["id", "name"], { id: uri, name: text, registeredId: text });
const topics = {
  enum: [
    "environment.energy", "environment.emissions", "environment.water", "environment.waste", "environment.deforestation",
    "environment.biodiversity", "circularity.content", "circularity.design", "social.labour", "social.rights",
    "social.community", "social.safety", "governance.ethics", "governance.compliance", "governance.transparency",
  ],
};

// W3C Verifiable Credentials Data Model 2.0, section 4.
const issuer = { anyOf: [uri, object(["id"], { id: uri })] };
const w3c = object(["@context", "type", "issuer", "credentialSubject"], {
  "@context": { type: "array", minItems: 1, prefixItems: [{ const: "https://www.w3.org/ns/credentials/v2" }] },
  id: uri,
  type: types("VerifiableCredential"),
  issuer,
  validFrom: instant,
  validUntil: instant,
  credentialSubject: { type: "object", minProperties: 1 },
  credentialStatus: {
    type: "array", minItems: 1,
    items: object(["id", "type", "statusPurpose", "statusListIndex", "statusListCredential"], {
      id: uri, type: { const: "BitstringStatusListEntry" }, statusPurpose: { enum: ["revocation", "suspension"] },
      statusListIndex: { type: "string", pattern: "^(0|[1-9]\\d*)$" }, statusListCredential: uri,
    }),
  },
  evidence: { type: "array", minItems: 1, items: object(["id", "type", "name"], { id: uri, type: { type: "array", minItems: 1, items: uri }, name: text }) },
  vc: false, vp: false, // claims of an older form
});

// The UNTP Digital Conformity Credential 0.6.1: what is required, what may be one
// of a list, and which objects take nothing else.
const link = { type: types("Link"), linkURL: uri, linkName: text, linkType: text };
const secure = object([], {
  ...link, type: types("SecureLink", "Link"), hashDigest: text, hashMethod: { enum: ["SHA-256", "SHA-1"] },
}, only);
const endorsement = object(["id", "name", "issuingAuthority"], {
  type: types("Endorsement"), id: uri, name: text, issuingAuthority: party, endorsementEvidence: object([], link, only),
});
const assessment = object(["id", "conformance", "conformityTopic"], {
  type: types("ConformityAssessment", "Declaration"), id: uri, name: text, assessmentDate: day, conformance: { type: "boolean" }, conformityTopic: topics,
  referenceStandard: object(["issuingParty"], { type: types("Standard"), id: uri, name: text, issuingParty: party, issueDate: day }, only),
  referenceRegulation: object(["administeredBy"], {
    type: types("Regulation"), id: uri, name: text, jurisdictionCountry: { type: "string", pattern: "^[A-Z]{2}$" }, administeredBy: party, effectiveDate: day,
  }, only),
  assessedProduct: { type: "array", items: object([], { type: types("ProductVerification"), product: party, IDverifiedByCAB: { type: "boolean" } }) },
  auditor: party,
});
const attestation = object(["id", "assessorLevel", "assessmentLevel", "attestationType", "issuedToParty"], {
  type: types("ConformityAttestation", "Attestation"), id: uri, name: text, description: text,
  assessorLevel: { enum: ["Self", "Commercial", "Buyer", "Membership", "Unspecified", "3rdParty"] },
  assessmentLevel: { enum: ["GovtApproval", "GlobalMRA", "Accredited", "Verified", "Validated", "Unspecified"] },
  attestationType: { enum: ["certification", "declaration", "inspection", "testing", "verification", "validation", "calibration"] },
  issuedToParty: party,
  authorisation: { type: "array", items: endorsement },
  conformityCertificate: secure,
  auditableEvidence: secure,
  assessment: { type: "array", items: assessment },
});
const untp = object(["@context", "id", "issuer"], {
  "@context": {
    type: "array", minItems: 2, uniqueItems: true, items: { type: "string" },
    prefixItems: [{ const: "https://www.w3.org/ns/credentials/v2" }, { const: "https://test.uncefact.org/vocabulary/untp/dcc/0.6.1/" }],
  },
  type: types("DigitalConformityCredential", "VerifiableCredential"),
  id: uri,
  issuer: object(["id", "name"], { type: types("CredentialIssuer"), id: { type: "string", pattern: "^did:web:" }, name: text }, only),
  credentialSubject: attestation,
});

// Bitstring Status List v1.0, section 2.2.
const bits = object(["id"], {
  type: types("VerifiableCredential", "BitstringStatusListCredential"),
  credentialSubject: object(["type", "statusPurpose", "encodedList"], {
    id: uri, type: { const: "BitstringStatusList" }, statusPurpose: { enum: ["revocation", "suspension"] }, encodedList: { type: "string", pattern: "^u[A-Za-z0-9_-]+$" },
    ttl: { type: "integer", minimum: 1 },
  }, only),
});

const ajv = new Ajv({ allErrors: true, strict: false });
const rules = { w3c: ajv.compile(w3c), untp: ajv.compile(untp), bits: ajv.compile(bits) };
const wrong = [];
function check(at, credential, ...names) {
  for (const name of names) {
    if (!rules[name](credential)) wrong.push(...rules[name].errors.map((e) => `${at}: ${name}: ${e.instancePath} ${e.message}`));
  }
}

// What JSON-LD makes of it: the W3C's context as it is, and for UNTP's, which no
// package has, the types it knows and what they may have.
const vocabulary = "https://test.uncefact.org/vocabulary/untp/";
const terms = (more) => ({ "@protected": true, ...Object.fromEntries(Object.keys(more).map((n) => [n, more[n] ? { "@id": vocabulary + n, "@context": terms(more[n]) } : vocabulary + n])) });
const links = { linkURL: 0, linkName: 0, linkType: 0 };
const secured = { ...links, hashDigest: 0, hashMethod: 0 };
const named = { registeredId: 0 }; // id, name and description are the W3C's
const attested = {
  assessorLevel: 0, assessmentLevel: 0, attestationType: 0, issuedToParty: named, authorisation: 0, conformityCertificate: secured, auditableEvidence: secured,
};
const declared = { referenceStandard: 0, referenceRegulation: 0, assessmentCriteria: 0, assessmentDate: 0, declaredValue: 0, conformityTopic: 0 };
const untpContext = terms({
  DigitalConformityCredential: 0,
  CredentialIssuer: { issuerAlsoKnownAs: named },
  Endorsement: { trustmark: 0, issuingAuthority: named, endorsementEvidence: links },
  Standard: { issuingParty: named, issueDate: 0 },
  Regulation: { jurisdictionCountry: 0, administeredBy: named, effectiveDate: 0 },
  Attestation: attested,
  ConformityAttestation: { ...attested, scope: 0, assessment: 0 },
  Declaration: declared,
  ConformityAssessment: { ...declared, conformance: 0, assessedProduct: { product: { ...named, batchNumber: 0, serialNumber: 0 }, IDverifiedByCAB: 0 }, auditor: named },
});
async function documentLoader(documentUrl) {
  const document = documentUrl === vocabulary + "dcc/0.6.1/" ? { "@context": untpContext } : contexts.get(documentUrl);
  if (!document) throw new Error(`${documentUrl}: another context`);
  return { documentUrl, document };
}
async function expand(at, credential) {
  await jsonld.expand(credential, { documentLoader, safe: true }).catch((e) => wrong.push(`${at}: ${e.message} ${JSON.stringify(e.details)}`));
}

const [base, ...codes] = process.argv.slice(2);
const here = (address) => base + new URL(address).pathname; // this registry says it is elsewhere
const get = (path) => fetch(base + path);
const jwks = createLocalJWKSet(await (await get("/.well-known/jwks.json")).json());
const did = await (await get("/.well-known/did.json")).json();

// opened is the credential in a token, if both ways to the issuer's key lead to
// whoever signed it.
async function opened(at, answer) {
  const token = await answer.text();
  const header = decodeProtectedHeader(token);
  const media = answer.headers.get("content-type");
  if (media !== "application/vc+jwt" || header.typ !== "vc+jwt" || header.cty !== "vc") wrong.push(`${at}: ${media} ${JSON.stringify(header)}`);
  const method = did.verificationMethod.find((m) => m.id === `${did.id}#${header.kid}`);
  if (!did.assertionMethod.includes(method.id)) wrong.push(`${at}: ${method.id} asserts nothing`);
  await compactVerify(token, createLocalJWKSet({ keys: [{ ...method.publicKeyJwk, kid: header.kid }] }));
  const { payload } = await compactVerify(token, jwks);
  const credential = JSON.parse(new TextDecoder().decode(payload));
  checkModel({ credential, now: new Date((credential.iat ?? Date.parse(credential.validFrom) / 1000) * 1000) });
  await expand(at, credential);
  if (credential.issuer.id !== did.id) wrong.push(`${at}: issued by ${credential.issuer.id}, not ${did.id}`);
  return credential;
}

// A list for each purpose, every place of it as the Token Status List has it.
const listed = {};
const sets = { revocation: [1], suspension: [2, 3] };
async function list(address, purpose) {
  if (listed[address]) return listed[address];
  const credential = await opened(address, await fetch(here(address)));
  check(address, credential, "w3c", "bits");
  if (credential.id !== address || credential.credentialSubject.statusPurpose !== purpose) wrong.push(`${address}: it is another list`);
  const { encodedList } = credential.credentialSubject;
  const string = await decodeList({ encodedList });
  if (string.length < 131072 || gunzipSync(Buffer.from(encodedList.slice(1), "base64url")).length * 8 !== string.length) wrong.push(`${address}: ${string.length} places`);
  const then = Date.parse(credential.validFrom) / 1000;
  const token = await (await fetch(`${here(address.replace(/\/[a-z]+$/, ""))}?time=${then}`)).text();
  const { status_list } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  const packed = inflateSync(Buffer.from(status_list.lst, "base64url"));
  for (let i = 0; i < string.length; i++) {
    const state = (packed[i >> 2] >> (2 * (i & 3))) & 3;
    if (string.getStatus(i) !== sets[purpose].includes(state)) wrong.push(`${address}: place ${i} stands at ${state}`);
  }
  return (listed[address] = string);
}

for (const code of codes) {
  const path = `/api/v1/records/${code}.vc.jwt`;
  const answer = await get(path);
  if (answer.status !== 200) {
    console.log(code, answer.status, (await answer.json()).reason);
    continue;
  }
  const c = await opened(path, answer);
  check(path, c, "w3c", "untp");
  const stands = [];
  for (const s of c.credentialStatus) {
    if ((await list(s.statusListCredential, s.statusPurpose)).getStatus(+s.statusListIndex)) stands.push(s.statusPurpose);
  }
  // Nothing that is required can be left out unnoticed.
  const taken = ["issuer", "credentialSubject", "type", "@context"].filter((m) => rules.w3c({ ...c, [m]: undefined }) && rules.untp({ ...c, [m]: undefined }));
  if (taken.length > 0) wrong.push(`${path}: without ${taken}`);
  const a = c.credentialSubject;
  console.log(code, answer.status, a.attestationType, a.assessorLevel, c.validFrom, c.validUntil, a.assessment[0].conformance, stands.join() || "stands");
}
for (const w of wrong) console.log("WRONG", w);
