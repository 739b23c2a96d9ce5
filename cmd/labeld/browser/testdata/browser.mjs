// Opens pages in Chromium and says what is wrong with them, a line each:
//   node browser.mjs URL < pages.json
// where pages.json lists {path, width, lang, open, print}. The HTML of every page is
// validated. Of those to open are checked: accessibility (WCAG 2.2 AA, by axe), that
// nothing is wider than the window, that nothing is asked of another host, that
// nothing is stored, that the page says the same without scripts, that the keyboard
// comes past the navigation, and, where asked for, that it prints.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { inaccessible } from "./accessible.mjs";

const require = createRequire(new URL("../../../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const { HtmlValidate } = require("html-validate");

const base = process.argv[2];
const pages = JSON.parse(readFileSync(0, "utf8"));
const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const fault = (page, what) => console.log(`${page.path} at ${page.width} px: ${what}`);

async function validate(page) {
  const response = await fetch(base + page.path, { redirect: "manual", headers: { accept: "text/html" } });
  const report = await validator.validateString(await response.text());
  for (const result of report.results)
    for (const m of result.messages) fault(page, `html ${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
}

// One window for each width, language and whether scripts run.
const windows = new Map();
async function tabOf(page, javaScriptEnabled) {
  const key = `${page.width} ${page.lang} ${javaScriptEnabled}`;
  if (!windows.has(key)) {
    const context = await browser.newContext({ viewport: { width: page.width, height: 800 }, locale: page.lang, javaScriptEnabled });
    const tab = await context.newPage();
    const window = { tab, context, page };
    tab.on("request", (r) => { if (!r.url().startsWith(base)) fault(window.page, `asks ${r.url()}`); });
    tab.on("console", (m) => {
      if (m.type() === "error" && !m.text().includes("the server responded with a status of 4")) fault(window.page, `console: ${m.text()}`);
    });
    windows.set(key, window);
  }
  const window = windows.get(key);
  window.page = page;
  return window;
}

// Instants and ages differ from one second to the next.
const words = (s) => s.replace(/[\d:時分秒]+/g, "").trim();

async function check(page) {
  const { tab, context } = await tabOf(page, true);
  await tab.goto(base + page.path);
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) fault(page, `${wide} px wider than the window`);
  for (const what of await inaccessible(tab)) fault(page, what);
  if ((await context.cookies()).length) fault(page, "sets a cookie");
  if (await tab.evaluate(() => localStorage.length + sessionStorage.length)) fault(page, "stores something");
  const text = await tab.locator("main").innerText();
  if (page.print) {
    const pdf = await tab.pdf({ format: "A4" });
    if (pdf.subarray(0, 5).toString() !== "%PDF-") fault(page, "does not print");
  }

  const { tab: plain } = await tabOf(page, false);
  await plain.goto(base + page.path);
  const said = words(await plain.locator("main").innerText()).split("\n");
  const other = words(text).split("\n").find((line, i) => line !== said[i]);
  if (other !== undefined) fault(page, `without scripts it does not say: ${other}`);
  // By keyboard: the first stop is the way past the navigation.
  await plain.keyboard.press("Tab");
  const first = await plain.locator(":focus").getAttribute("href").catch(() => null);
  if (first !== "#main") fault(page, `the first stop of the keyboard is ${first}, not #main`);
}

for (const page of pages) {
  await validate(page);
  if (page.open) await check(page);
}
await browser.close();
console.log("done");
