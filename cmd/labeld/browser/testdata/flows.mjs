// Does in Chromium what people do, and says what goes wrong, a line each:
//   node flows.mjs URL < {code, printed, model, other, name, dir}
// where model is one that the label of the code covers, as people type it, other
// one that it does not, and name two characters of the product's name.
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(new URL("../../../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const base = process.argv[2];
const given = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });

// Tab until the focus is where it should be, seen, and not in a trap.
async function tabTo(tab, selector) {
  for (let i = 0; i < 60; i++) {
    await tab.keyboard.press("Tab");
    const here = tab.locator(":focus");
    if (await here.count() && await here.evaluate((e, s) => e.matches(s), selector)) {
      const outline = await here.evaluate((e) => getComputedStyle(e).outlineStyle);
      if (outline === "none") throw new Error(`the focus is not seen on ${selector}`);
      return;
    }
  }
  throw new Error(`the keyboard does not come to ${selector}`);
}

function want(ok, what) {
  if (!ok) throw new Error(what);
}

async function flow(tab, lang, scripts) {
  const other = lang === "ja" ? "en" : "ja";

  // By keyboard alone: from the first page to the answer.
  await tab.goto(`${base}/?lang=${lang}`);
  await tabTo(tab, "#q");
  await tab.keyboard.type(given.printed.toLowerCase());
  await Promise.all([tab.waitForURL(new RegExp(`/v/${given.code}`)), tab.keyboard.press("Enter")]);
  const sentence = await tab.locator("h1").innerText();
  want(sentence.length > 10, `the answer says ${sentence}`);

  // Is the product in my hand covered?
  for (const [model, mark] of [[given.model, "good"], [given.other, "bad"]]) {
    await tabTo(tab, "#model");
    await tab.locator("#model").fill(model);
    await Promise.all([tab.waitForURL((u) => u.searchParams.get("model") === model), tab.keyboard.press("Enter")]);
    want(await tab.locator(`.answer.${mark}`).count() === 1, `${model}: the answer is not ${mark}`);
    want((await tab.locator(".answer").innerText()).includes(model), `${model}: the answer does not name it`);
  }
  await tab.goto(`${base}/v/${given.code}?lang=${lang}&model=${encodeURIComponent(given.model)}`);

  // The other language keeps the question.
  await Promise.all([tab.waitForURL(new RegExp(`lang=${other}`)), tab.locator(`a[hreflang=${other}]`).first().click()]);
  want(await tab.locator("html").getAttribute("lang") === other, "the page is not in the other language");
  want(tab.url().includes("model="), "the other language forgets what was asked");
  want(await tab.locator("h1").innerText() !== sentence, "the other language says the same words");

  // Two characters of the name.
  await tab.goto(`${base}/search?lang=${lang}`);
  await tabTo(tab, "#q");
  await tab.keyboard.insertText(given.name);
  await Promise.all([tab.waitForURL(/[?&]q=/), tab.keyboard.press("Enter")]);
  const found = tab.locator(`main a[href*="/v/${given.code}"]`).first();
  want(await found.count() === 1, `two characters do not find ${given.code}`);
  await Promise.all([tab.waitForURL(new RegExp(`/v/${given.code}`)), found.click()]);

  // On paper: the answer, and nothing that can only be clicked.
  if (scripts) {
    const pdf = join(given.dir, `${lang}.pdf`);
    writeFileSync(pdf, await tab.pdf({ format: "A4" }));
    const text = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" }).replace(/\s+/g, "");
    const said = (await tab.locator("h1").innerText()).replace(/\s+/g, "");
    want(text.includes(said), "on paper the answer is not there");
    want(text.includes(given.printed), "on paper the code is not there");
    const button = (await tab.locator("form button").first().innerText()).replace(/\s+/g, "");
    want(!text.split(/\f/)[0].includes(`${button}${button}`), "on paper there are buttons");
  }
}

for (const lang of ["en", "ja"])
  for (const width of [360, 1280])
    for (const scripts of [true, false]) {
      const context = await browser.newContext({ viewport: { width, height: 800 }, javaScriptEnabled: scripts, locale: lang });
      const tab = await context.newPage();
      tab.setDefaultTimeout(15000);
      tab.on("request", (r) => { if (!r.url().startsWith(base)) console.log(`asks ${r.url()}`); });
      try {
        await flow(tab, lang, scripts);
        if ((await context.cookies()).length) throw new Error("a cookie is set");
      } catch (e) {
        console.log(`${lang} at ${width} px, scripts ${scripts}: ${String(e.message).split("\n")[0]}`);
      }
      await context.close();
    }
await browser.close();
console.log("done");
