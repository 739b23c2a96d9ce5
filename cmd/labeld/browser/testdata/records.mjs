// Does in Chromium what an officer does with a record, and says what goes wrong,
// a line each:
//   node records.mjs URL < {code, printed, before, known, fact, dir}
// where before is a day when the record stood otherwise, known one when it was known
// otherwise, and fact what differs, in each language. Packs are left in dir, unzipped.
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inaccessible } from "./accessible.mjs";

const require = createRequire(new URL("../../../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const { HtmlValidate } = require("html-validate");

const base = process.argv[2];
const given = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

function want(ok, what) {
  if (!ok) throw new Error(what);
}

async function tabTo(tab, selector) {
  for (let i = 0; i < 80; i++) {
    await tab.keyboard.press("Tab");
    const here = tab.locator(":focus");
    if (await here.count() && await here.evaluate((e, s) => e.matches(s), selector)) {
      want(await here.evaluate((e) => getComputedStyle(e).outlineStyle) !== "none", `the focus is not seen on ${selector}`);
      return here;
    }
  }
  throw new Error(`the keyboard does not come to ${selector}`);
}

async function accessible(tab, what) {
  for (const found of await inaccessible(tab)) throw new Error(`${what}: ${found}`);
}

async function flow(tab, lang, width, scripts) {
  const other = lang === "ja" ? "en" : "ja";
  await tab.goto(`${base}/records/${given.code}?lang=${lang}`);
  const today = await tab.locator("#state").innerText();
  want(await tab.locator("#compared").count() === 0, "something is compared that nobody asked for");

  // By keyboard alone: an earlier day, as it was known at another, compared with now.
  const day = await tabTo(tab, "#from_at");
  await day.fill(given.before);
  await (await tabTo(tab, "#from_known")).fill(given.known);
  await Promise.all([tab.waitForURL((u) => u.searchParams.get("from_known") === given.known), tab.keyboard.press("Enter")]);
  want(await tab.locator("#compared").count() === 1, "nothing is compared");
  const rows = await tab.locator("table.differences").first().innerText();
  want(rows.includes(given.fact[lang]), `the differences do not name ${given.fact[lang]}: ${rows}`);
  want(await tab.locator(".steps a").count() > 0, "what came in between is not told");
  want(await tab.locator("#state").innerText() === today, "the state is another");
  want(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it is wider than the window");
  if (scripts) await accessible(tab, "the comparison");

  // The two clocks: that day, as known then; the fields keep what was asked.
  await tab.locator("#at").fill(given.before);
  await tab.locator("#known").fill(given.known);
  await tab.locator("#from_at").fill("");
  await tab.locator("#from_known").fill("");
  await Promise.all([tab.waitForURL((u) => u.searchParams.get("known") === given.known), tab.locator("form button").click()]);
  want(await tab.locator("#state").innerText() !== today, "the state of then is that of today");
  want(await tab.locator(".answer .then").count() > 0, "it does not say that this is what was known then");
  want(await tab.locator("#at").inputValue() === given.before && await tab.locator("#known").inputValue() === given.known, "the fields forget what was asked");
  const then = tab.url();

  // The other language keeps the question.
  await Promise.all([tab.waitForURL(new RegExp(`lang=${other}`)), tab.locator(`a[hreflang=${other}]`).first().click()]);
  want(tab.url().includes(`known=${given.known}`) && await tab.locator("html").getAttribute("lang") === other, "the other language forgets what was asked");
  await tab.goto(then);

  // On paper: the history, and nothing that can only be filled in.
  if (scripts) {
    const pdf = join(given.dir, `record-${lang}-${width}.pdf`);
    writeFileSync(pdf, await tab.pdf({ format: "A4" }));
    const text = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" }).replace(/\s+/g, "");
    want(text.includes(given.printed), "on paper the code is not there");
    want(!text.includes((await tab.locator("form button").innerText()).replace(/\s+/g, "")), "on paper there is a button");
  }

  // The evidence: taken by a click, unzipped by another program, its files summed by
  // another; its pages open without asking for anything.
  const link = await tabTo(tab, 'a[href*="/api/v1/packs/"]');
  const [download] = await Promise.all([tab.waitForEvent("download"), link.press("Enter")]);
  want(download.suggestedFilename() === `${given.code}.zip`, `the pack is named ${download.suggestedFilename()}`);
  const name = `${lang}-${width}-${scripts}`;
  await download.saveAs(join(given.dir, `${name}.zip`));
  execFileSync("unzip", ["-q", `${name}.zip`, "-d", name], { cwd: given.dir });
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: join(given.dir, name) });
  const folder = join(given.dir, name, given.code);
  for (const l of [lang, other]) {
    const file = join(folder, `verdict.${l}.html`);
    const asked = [];
    tab.on("request", (r) => asked.push(r.url()));
    await tab.goto(pathToFileURL(file).href);
    want(asked.length === 1, `the page in the pack asks for ${asked.slice(1)}`);
    tab.removeAllListeners("request");
    want(await tab.locator("html").getAttribute("lang") === l, `verdict.${l}.html is in another language`);
    want((await tab.locator("main").innerText()).includes(given.printed), `verdict.${l}.html does not name the code`);
    want(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `verdict.${l}.html is wider than the window`);
    if (!scripts) continue;
    await accessible(tab, `verdict.${l}.html`);
    want((await tab.pdf({ format: "A4" })).length > 10000, `verdict.${l}.html does not print`);
    const report = await validator.validateString(readFileSync(file, "utf8"));
    for (const r of report.results) for (const m of r.messages) throw new Error(`verdict.${l}.html ${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
  }
  want(readdirSync(join(folder, "statements")).length >= 2, "there is no statement in the pack");

  // An envelope by a click.
  await tab.goto(then);
  const [jws] = await Promise.all([tab.waitForEvent("download"), tab.locator('a[href*="/api/v1/statements/"]').first().click()]);
  want(/^[0-9]+\.jws$/.test(jws.suggestedFilename()), `the envelope is named ${jws.suggestedFilename()}`);
}

for (const lang of ["en", "ja"])
  for (const [width, scripts] of [[360, true], [1280, false], [1280, true]]) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, javaScriptEnabled: scripts, locale: lang, acceptDownloads: true });
    const tab = await context.newPage();
    tab.setDefaultTimeout(15000);
    try {
      await flow(tab, lang, width, scripts);
      if ((await context.cookies()).length) throw new Error("a cookie is set");
    } catch (e) {
      console.log(`${lang} at ${width} px, scripts ${scripts}: ${String(e.message).split("\n")[0]}`);
    }
    await context.close();
  }
await browser.close();
console.log("done");
