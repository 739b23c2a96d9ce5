// Checks deliveries as their receivers would: HMAC with npm's standardwebhooks,
// Ed25519 with Node's own crypto, and the payload with npm's cloudevents.
// Arguments: the folder of modules. In: [{key, headers, body}]; out: what was
// found of each.
import { createPublicKey, verify } from "node:crypto";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";

const require = createRequire(resolve(process.argv[2], "x.js"));
const { Webhook } = require("standardwebhooks");
const { HTTP } = require("cloudevents");

function signed({ key, headers, body }) {
  if (!key.startsWith("whpk_")) {
    try {
      new Webhook(key).verify(body, headers);
      return true;
    } catch (e) {
      return String(e.message);
    }
  }
  const x = Buffer.from(key.slice(5), "base64").toString("base64url");
  const public_ = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const content = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  return headers["webhook-signature"].split(" ").some((s) => {
    const [version, signature] = s.split(",");
    return version === "v1a" && verify(null, content, public_, Buffer.from(signature, "base64"));
  });
}

const out = JSON.parse(await text(process.stdin)).map((delivery) => {
  const event = HTTP.toEvent({ headers: delivery.headers, body: delivery.body });
  return { signed: signed(delivery), valid: event.validate(), id: event.id, source: event.source, type: event.type, rows: event.data.rows.length };
});
process.stdout.write(JSON.stringify(out));
