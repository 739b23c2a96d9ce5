// Uses /scan in Chromium as people do, and says what is wrong with it, a line
// each:
//   node scan.mjs URL < case.json
// The registry is asked through a proxy, which is how the network goes away, and
// how the registry comes to state other keys than it did.
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { inaccessible } from "./accessible.mjs";

const require = createRequire(new URL("../../../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const { HtmlValidate } = require("html-validate");

const origin = new URL(process.argv[2]);
const c = JSON.parse(readFileSync(0, "utf8"));
let where = "";
const fault = (what) => console.log(`${where}: ${what}`);
const want = (what, got, wanted) => {
  const good = wanted instanceof RegExp ? wanted.test(got) : JSON.stringify(got) === JSON.stringify(wanted);
  if (!good) fault(`${what}: got ${JSON.stringify(got)}, want ${wanted instanceof RegExp ? wanted : JSON.stringify(wanted)}`);
};

// The proxy
let network = true;
let otherKeys = false;
const proxy = createServer((from, to) => {
  if (!network) return from.socket.destroy();
  const asked = { ...from.headers, "accept-encoding": "identity" };
  delete asked["if-none-match"];
  const onward = request({ host: origin.hostname, port: origin.port, path: from.url, method: from.method, headers: asked }, (answer) => {
    const parts = [];
    answer.on("data", (b) => parts.push(b));
    answer.on("end", () => {
      let body = Buffer.concat(parts);
      if (otherKeys && from.url === "/api/v1/trust") {
        const t = JSON.parse(body);
        t.answer_keys[0].key.x = t.operator_keys[0].x;
        body = Buffer.from(JSON.stringify(t));
      }
      const headers = { ...answer.headers, "content-length": body.length };
      delete headers["transfer-encoding"];
      delete headers.etag;
      to.writeHead(answer.statusCode, headers);
      to.end(body);
    });
  });
  onward.on("error", () => from.socket.destroy());
  from.pipe(onward);
});
await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${proxy.address().port}`;
const off = () => {
  network = false;
  proxy.closeAllConnections();
};
const on = () => (network = true);

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${c.feed}`, "--host-resolver-rules=MAP plain.example 127.0.0.1"],
});

// open makes a window and notes all that it asks for.
async function open(name, { width = 1280, lang = "en", camera = true, ...more } = {}) {
  where = name;
  const context = await browser.newContext({ viewport: { width, height: 800 }, locale: lang, permissions: camera ? ["camera"] : [], timezoneId: "Asia/Tokyo", ...more });
  const tab = await context.newPage();
  tab.asked = [];
  context.on("request", (r) => {
    tab.asked.push(new URL(r.url()).pathname);
    if (!r.url().startsWith(base) && !r.url().startsWith("http://plain.example:")) fault(`asks ${r.url()}`);
  });
  tab.on("console", (m) => {
    if (m.type() === "error" && !/the server responded with a status of 4|net::ERR_|Failed to load resource/.test(m.text())) fault(`console: ${m.text()}`);
  });
  tab.on("pageerror", (e) => fault(`error: ${e.message}`));
  return { tab, context };
}

const answer = (tab) => tab.locator("#answer");
const sentences = (tab) => tab.locator("#answer h3").allInnerTexts();
// shown waits until a sentence is shown.
async function shown(tab, sentence) {
  try {
    await tab.waitForFunction(([s, f]) => new RegExp(s, f).test(document.querySelector("#answer").innerText), [sentence.source, sentence.flags], { timeout: 15000 });
  } catch {
    fault(`want ${sentence}, the answer is ${JSON.stringify(await answer(tab).innerText())}`);
  }
}

async function sound(tab, name) {
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) fault(`${wide} px wider than the window`);
  for (const what of await inaccessible(tab)) fault(what);
  if (c.shots) await tab.screenshot({ path: `${c.shots}/${name}.png`, fullPage: true });
}

// stored is all that a browser can keep.
async function stored(tab, context) {
  const inside = await tab.evaluate(async () => ({
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    local: localStorage.length + sessionStorage.length,
    databases: (await indexedDB.databases()).length,
  }));
  return { ...inside, cookies: (await context.cookies()).length };
}
const nothing = { caches: [], workers: 0, local: 0, databases: 0, cookies: 0 };

async function type(tab, text) {
  await tab.locator("#q").fill(text);
  await tab.locator("#q").press("Enter");
}

const changed = c.text.replace(/.{9}$/, (end) => (end[0] === "A" ? "B" : "A") + end.slice(1)); // of the signature
const printed = c.code.replace(/^(.{4})(.{4})(.{4})$/, "$1-$2-$3");
const recognition = /treated as compliant|recognised|recognized|適合とみなす|承認/i;

// Every state is valid HTML.
where = "HTML";
const validator = new HtmlValidate({ extends: ["html-validate:standard"] });
for (const lang of ["en", "ja"]) {
  const report = await validator.validateString(await (await fetch(`${base}/scan?lang=${lang}`)).text());
  for (const r of report.results) for (const m of r.messages) fault(`${lang} ${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
}

{
  const { tab, context } = await open("keyboard and camera, English, 1280 px");
  await tab.goto(`${base}/scan`);
  await tab.locator("#start").waitFor();
  want("stored", await stored(tab, context), nothing);
  await sound(tab, "en-1280-start");
  if (tab.asked.some((p) => /zxing|reader|\/api\/|\/status\//.test(p))) fault(`asks before it is asked: ${tab.asked}`);

  // Typing, by keyboard alone: what is wrong is said while typing.
  const tabTo = async (id) => {
    for (let i = 0; i < 25; i++) {
      await tab.keyboard.press("Tab");
      if ((await tab.evaluate(() => document.activeElement.id)) === id) return;
    }
    fault(`the keyboard does not come to ${id}`);
  };
  await tabTo("q");
  const said = tab.locator("#q-said");
  await tab.keyboard.type(c.code.slice(0, 5).toLowerCase());
  want("typed in part", await said.innerText(), "5 of 12 symbols.");
  await tab.keyboard.type("u");
  want("typed U", await said.innerText(), /“u” is never used/);
  await tab.keyboard.press("Backspace");
  const last = c.code.at(-1);
  await tab.keyboard.type(c.code.slice(5, -1) + (last === "7" ? "8" : "7"));
  want("mistyped", await said.innerText(), /check symbol does not fit/);
  await tab.keyboard.press("Backspace");
  await tab.keyboard.type(last);
  want("typed", await said.innerText(), `The check symbol fits: ${printed}.`);
  await tab.keyboard.press("Enter");
  await shown(tab, /Open|whole answer/);
  const page = await context.newPage();
  await page.goto(`${base}/v/${c.code}`);
  const headline = await page.locator("h1").innerText();
  await page.close();
  want("typed code", await sentences(tab), [headline]);

  // The camera, by keyboard alone: three codes, one after another.
  await tabTo("start");
  await tab.keyboard.press("Enter");
  await tab.locator("#stop").waitFor();
  await tab.waitForFunction((n) => document.querySelectorAll("#seen > li").length >= n, 2, { timeout: 30000 }).catch(() => fault("the camera finds nothing"));
  await shown(tab, new RegExp(`carries a signature, and it is that of the registry ${c.origin}`));
  await sound(tab, "en-1280-camera");
  want("what has focus", await tab.evaluate(() => document.activeElement.id), "stop");
  want("torch, which a film has not", await tab.locator("#torch").isHidden(), true);
  await tab.keyboard.press("Enter");
  want("the camera", await tab.locator("#camera-said").innerText(), "The camera is off.");
  want("what it holds on to", await tab.evaluate(() => document.querySelector("video").srcObject), null);
  const list = await tab.locator("#seen > li .code").allInnerTexts();
  want("list", [...list].sort(), [printed, c.gtin].sort());
  want("stored after scanning", await stored(tab, context), nothing);
  await tabTo("clear");
  await tab.keyboard.press("Enter");
  want("emptied", await tab.locator("#seen > li").count(), 0);

  // Other typed things.
  await type(tab, c.gtin);
  await shown(tab, new RegExp(c.gtin));
  await type(tab, "4006381333931");
  await shown(tab, /No label or declaration in this registry lists barcode 4006381333931/);
  await type(tab, "000000000012");
  await shown(tab, /not in this registry/i);
  await type(tab, `HTTPS://OTHER.EXAMPLE/V/${c.code}`);
  await shown(tab, /leads to other\.example, which is not this registry/);
  want("beside it", (await sentences(tab))[1], headline);
  await type(tab, changed);
  await shown(tab, /signature does not fit/);
  want("beside a bad signature", await tab.locator("#answer .answer").count(), 1);
  await sound(tab, "en-1280-tampered");

  // Pictures.
  const pictured = tab.locator("#picture-said");
  await tab.locator("#clear").click();
  await tab.setInputFiles("#picture", c.signed);
  await shown(tab, /carries a signature/);
  await tab.setInputFiles("#picture", c.blank);
  await tab.waitForFunction(() => /No code was found/.test(document.querySelector("#picture-said").innerText), null, { timeout: 15000 }).catch(() => fault("a blank picture"));
  await tab.setInputFiles("#picture", c.broken);
  await tab.waitForFunction(() => /cannot be read as a picture/.test(document.querySelector("#picture-said").innerText), null, { timeout: 15000 }).catch(() => fault("a broken picture"));
  await pictured.waitFor();
  // What is neither is looked up by the first page.
  await type(tab, "WX-100");
  await tab.waitForURL(/\/(\?q=WX-100|v\/)/).catch(() => fault(`a model leads to ${tab.url()}`));
  await context.close();
}

{
  const { tab, context } = await open("camera, Japanese, 360 px", { width: 360, lang: "ja-JP" });
  await tab.goto(`${base}/scan`);
  await tab.locator("#start").click();
  await tab.waitForFunction((n) => document.querySelectorAll("#seen > li").length >= n, 2, { timeout: 30000 }).catch(() => fault("the camera finds nothing"));
  await shown(tab, /署名があり/);
  await sound(tab, "ja-360-camera");
  const text = await tab.locator("main").innerText();
  if (/\b(the|and|registry)\b/i.test(text.replaceAll(c.origin, ""))) fault(`English in it: ${text.match(/.*\b(the|and|registry)\b.*/i)[0]}`);
  await context.close();
}

{
  const { tab, context } = await open("no network, nothing kept");
  await tab.goto(`${base}/scan`);
  await tab.locator("#start").waitFor();
  off();
  await type(tab, c.text);
  await shown(tab, /nothing to check signatures with was kept here/);
  await type(tab, c.code);
  await shown(tab, /cannot be reached/);
  on();
  await context.close();
}

for (const [lang, width] of [["en", 1280], ["ja", 360]]) {
  const { tab, context } = await open(`kept, ${lang}, ${width} px`, { width, lang });
  const words = {
    en: {
      kept: /Kept on this device/, valid: /was not revoked, withdrawn, lapsed or suspended/, by: new RegExp(`${c.party}, as the registry ${c.origin} says`), plain: /Without network only signed QR codes/,
      bad: /signature does not fit/, other: /signature is about code/, old: /Not confirmed since .*too old/, past: /last day printed in this code, .* is over/, revoked: /no longer in force/,
      change: /other keys than those kept here/, forgotten: /Everything that was kept is gone/,
    },
    ja: {
      kept: /この端末に保存済み/, valid: /とはされていません/, by: new RegExp(`${c.party}（台帳 ${c.origin} による）`), plain: /署名付きQRコードだけ/,
      bad: /署名が一致しません/, other: /署名はコード/, old: /以降は確認されていません/, past: /最終日（.*）は過ぎています/, revoked: /効力を失っています/,
      change: /台帳が示す鍵が/, forgotten: /すべて消去/,
    },
  }[lang];
  await tab.goto(`${base}/scan`);
  await tab.locator("#keep").click();
  await tab.waitForFunction((s) => new RegExp(s).test(document.querySelector("#keep-said").innerText), words.kept.source, { timeout: 20000 }).catch(async () => fault(`keeping: ${await tab.locator("#keep-said").innerText()}`));
  want("fingerprint", await tab.locator("#fingerprint code").innerText(), /^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
  want("stored", await stored(tab, context), { ...nothing, caches: ["tegata-scan"], workers: 1 });
  const again = async () => {
    await tab.reload();
    await tab.locator("#start").waitFor({ timeout: 15000 }).catch(() => fault("does not open without network"));
  };

  off();
  await again();
  await tab.setInputFiles("#picture", c.signed);
  await shown(tab, words.valid);
  await shown(tab, words.by);
  want("tone", await tab.locator("#answer .answer").getAttribute("class"), "answer good");
  if (recognition.test(await answer(tab).innerText())) fault(`it states recognition: ${await answer(tab).innerText()}`);
  await sound(tab, `${lang}-${width}-offline`);
  // From the camera too.
  await tab.locator("#clear").click();
  await tab.locator("#start").click();
  await shown(tab, words.valid);
  await tab.locator("#stop").click();

  await type(tab, c.other);
  await shown(tab, words.plain);
  await type(tab, changed);
  await shown(tab, words.bad);
  want("tone", await tab.locator("#answer .answer").getAttribute("class"), "answer bad");
  await type(tab, c.text.replace(c.code, c.other));
  await shown(tab, words.other);
  await type(tab, c.revoked);
  await shown(tab, words.revoked);
  await sound(tab, `${lang}-${width}-revoked`);

  // Later: the list has run out, and then the day printed is over.
  const later = async (hours) => {
    await tab.clock.setFixedTime(Date.now() + hours * 3600000);
    await again();
    await type(tab, c.text);
  };
  await later(13);
  await shown(tab, words.old);
  want("tone", await tab.locator("#answer .answer").getAttribute("class"), "answer caution");
  await sound(tab, `${lang}-${width}-old`);
  await later(4 * 365 * 24);
  await shown(tab, words.past);
  await type(tab, c.revoked); // that is final, however old the list
  await shown(tab, words.revoked);
  await tab.clock.setFixedTime(Date.now());

  // In the other language, and at no other address.
  await tab.goto(`${base}/scan?lang=${lang === "en" ? "ja" : "en"}`);
  want("language", await tab.locator("html").getAttribute("lang"), lang === "en" ? "ja" : "en");
  const other = await context.newPage();
  want("another page without network", await other.goto(`${base}/law`).then(() => "opens", () => "does not open"), "does not open");
  await other.close();

  // With network again, and other keys.
  on();
  otherKeys = true;
  await tab.goto(`${base}/scan`);
  await tab.locator("#changed").waitFor({ timeout: 15000 }).catch(() => fault("other keys are not told"));
  want("warning", await tab.locator("#changed").innerText(), words.change);
  await type(tab, c.text); // still that of the pinned key
  await shown(tab, new RegExp(lang === "en" ? "carries a signature" : "署名があり"));
  await sound(tab, `${lang}-${width}-changed`);
  otherKeys = false;
  await tab.locator("#forget").click();
  await tab.waitForFunction((s) => new RegExp(s).test(document.querySelector("#keep-said").innerText), words.forgotten.source);
  want("stored after forgetting", await stored(tab, context), nothing);
  await context.close();
}

{
  const { tab, context } = await open("camera refused", { camera: false, width: 360 });
  await tab.goto(`${base}/scan`);
  await tab.locator("#start").click();
  await tab.waitForFunction(() => /was not allowed/.test(document.querySelector("#camera-said").innerText), null, { timeout: 10000 })
    .catch(async () => fault(`got ${await tab.locator("#camera-said").innerText()}`));
  await sound(tab, "en-360-refused");
  await context.close();
}

{
  const { tab, context } = await open("not by https");
  await tab.goto(`http://plain.example:${proxy.address().port}/scan`);
  await tab.locator("#start").waitFor();
  want("camera", await tab.locator("#camera-said").innerText(), /was not opened by https/);
  want("keeping", await tab.locator("#keep").isDisabled(), true);
  await type(tab, c.text);
  await shown(tab, /could not be checked here/);
  await context.close();
}

{
  const { tab, context } = await open("without scripts", { javaScriptEnabled: false, width: 360 });
  await tab.goto(`${base}/scan`);
  want("it says so", await tab.locator("main").innerText(), /needs scripts/);
  want("the camera", await tab.locator("#scan").isVisible(), false);
  await tab.locator("#q").fill(printed);
  await tab.locator("#q").press("Enter");
  await tab.waitForURL(`${base}/v/${c.code}`).catch(() => fault(`the form leads to ${tab.url()}`));
  await context.close();
}

await browser.close();
proxy.close();
console.log("done");
