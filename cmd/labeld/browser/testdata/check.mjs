// Uses /check in Chromium as shops do, and says what is wrong with it, a line each:
//   node check.mjs URL < case.json
// The registry is asked through a proxy, which is how an answer stops half-way, the
// network goes away and the registry is busy.
import { createHash } from "node:crypto";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { basename, join } from "node:path";
import { inaccessible } from "./accessible.mjs";

const require = createRequire(new URL("../../../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const { HtmlValidate } = require("html-validate");
const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

const origin = new URL(process.argv[2]);
const c = JSON.parse(readFileSync(0, "utf8"));
let where = "";
const fault = (what) => console.log(`${where}: ${what}`);
const want = (what, got, wanted) => {
  const good = wanted instanceof RegExp ? wanted.test(got) : JSON.stringify(got) === JSON.stringify(wanted);
  if (!good) fault(`${what}: got ${JSON.stringify(got)}, want ${wanted instanceof RegExp ? wanted : JSON.stringify(wanted)}`);
};

// The proxy. Of an answer to a list it lets so many bytes through, and then waits
// until it is let go or cut.
let mode = "on"; // on, off, busy, held
let letGo = () => {};
let cut; // while an answer is held
const heldAfter = 300_000;
const proxy = createServer((from, to) => {
  const list = from.method === "POST" && from.url.startsWith("/api/v1/verify");
  if (mode === "off") return from.socket.destroy();
  if (mode === "busy" && list) {
    to.writeHead(503, { "content-type": "application/problem+json" });
    return to.end(JSON.stringify({ title: "Busy", status: 503, detail: "The registry cannot answer just now.", code: "busy" }));
  }
  const onward = request({ host: origin.hostname, port: origin.port, path: from.url, method: from.method, headers: from.headers }, async (answer) => {
    to.writeHead(answer.statusCode, answer.headers);
    let sent = 0;
    const held = mode === "held" && list;
    for await (const part of answer) {
      if (held && sent < heldAfter && sent + part.length >= heldAfter) {
        to.write(part.subarray(0, heldAfter - sent));
        await new Promise((go) => {
          letGo = go;
          cut = () => from.socket.destroy();
        });
        to.write(part.subarray(heldAfter - sent));
      } else to.write(part);
      sent += part.length;
    }
    to.end();
  });
  onward.on("error", () => from.socket.destroy());
  from.pipe(onward);
});
await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${proxy.address().port}`;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// open makes a window and notes what it may not do.
async function open(name, { width = 1280, lang = "en", ...more } = {}) {
  where = `${name}, ${lang}, ${width} px`;
  const context = await browser.newContext({ viewport: { width, height: 800 }, locale: lang, timezoneId: "Asia/Tokyo", ...more });
  const tab = await context.newPage();
  tab.setDefaultTimeout(20_000);
  context.on("request", (r) => {
    if (!r.url().startsWith(base) && !r.url().startsWith("blob:")) fault(`asks ${r.url()}`);
  });
  tab.on("console", (m) => {
    if (m.type() === "error" && !/the server responded with a status of|net::ERR_/.test(m.text())) fault(`console: ${m.text()}`);
  });
  tab.on("pageerror", (e) => fault(`error: ${e.message}`));
  await tab.goto(`${base}/check?lang=${lang}`);
  return { tab, context };
}

// sound holds that a state is accessible, valid HTML, no wider than the window, and
// that nothing is stored.
async function sound(tab, state) {
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) fault(`${state}: ${wide} px wider than the window`);
  for (const what of await inaccessible(tab)) fault(`${state}: ${what}`);
  const report = await validator.validateString(await tab.evaluate(() => `<!DOCTYPE html>\n${document.documentElement.outerHTML}`));
  for (const r of report.results) for (const m of r.messages) fault(`${state}: html ${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
  const kept = await tab.evaluate(async () => localStorage.length + sessionStorage.length + (await caches.keys()).length + (await indexedDB.databases()).length);
  if (kept || (await tab.context().cookies()).length) fault(`${state}: something is stored`);
  if (c.shots) await tab.screenshot({ path: join(c.shots, `${where}-${state}.png`.replace(/[ ,]+/g, "-")), fullPage: true });
}

const shown = (tab, id) => tab.locator(`#${id}`).waitFor().catch(() => fault(`${id} is not shown`));
const text = (tab, id) => tab.locator(`#${id}`).innerText();

async function choose(tab, file) {
  await tab.setInputFiles("#file", file);
  await tab.locator("#next").click();
}

// save saves what a link offers.
async function save(tab, selector) {
  const [download] = await Promise.all([tab.waitForEvent("download"), tab.locator(selector).click()]);
  const path = join(c.dir, `${Math.random()}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return { name: download.suggestedFilename(), bytes: readFileSync(path) };
}

// ask asks the API as any program does.
async function ask(file, query, lang, type = "text/csv") {
  const answer = await fetch(`${origin.origin}/api/v1/verify?${query}`, { method: "POST", body: readFileSync(file), headers: { "Content-Type": type, "Accept-Language": lang } });
  return Buffer.from(await answer.arrayBuffer());
}

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
const payload = (token) => JSON.parse(Buffer.from(token.toString().split(".")[1], "base64url"));

// marks are the counts by the words of the filters.
const marks = (tab, selector) => tab.locator(selector).evaluateAll((all) => all.map((e) => `${e.querySelector("span").textContent}: ${e.querySelector("b").textContent}`));

// rows are those of the table as a reader sees them.
const rows = (tab) => tab.locator("table.stock tbody tr").evaluateAll((all) => all.map((e) => e.innerText.replace(/\s+/g, " ").trim()));

// tabTo comes to an element by keyboard, and holds that the focus is seen there.
async function tabTo(tab, id) {
  for (let i = 0; i < 80; i++) {
    await tab.keyboard.press("Tab");
    const here = await tab.evaluate(() => ({ id: document.activeElement.id, outline: getComputedStyle(document.activeElement).outlineStyle }));
    if (here.id === id) return here.outline === "none" ? fault(`the focus is not seen on ${id}`) : undefined;
  }
  fault(`the keyboard does not come to ${id}`);
}

const counted = {}, seenRows = {}; // by language, to compare with the page without scripts

// A long list, watched: half of it, then all; filtered, saved, printed.
for (const [lang, width] of [["en", 1280], ["ja", 360]]) {
  const { tab, context } = await open("long list", { lang, width });
  await sound(tab, "empty");
  await tab.locator("#in").selectOption("GB");
  await choose(tab, c.long);
  await shown(tab, "columns");
  want("focus", await tab.evaluate(() => document.activeElement.id), "columns-heading");
  want("columns", await tab.evaluate(() => ["code", "number", "gtin", "model"].map((k) => document.querySelector(`#of-${k}`).value)), ["2", "-", "-", "3"]);
  await sound(tab, "columns");
  mode = "held";
  await tab.locator("#start").click();
  await shown(tab, "progress");
  await tab.waitForFunction(() => document.querySelector("#bar").value > 0);
  want("progress", await text(tab, "bar-said"), lang === "en" ? /^[1-9][\d,]* of 10,000 rows answered$/ : /^10,000行のうち[1-9][\d,]*行に回答$/);
  const { value, max } = await tab.evaluate(() => ({ value: document.querySelector("#bar").value, max: document.querySelector("#bar").max }));
  want("all rows", max, 10_000);
  if (!(value > 500 && value < 9_000)) fault(`${value} rows are answered half-way`);
  await sound(tab, "progress");
  mode = "on";
  letGo();
  await shown(tab, "results");
  want("focus", await tab.evaluate(() => document.activeElement.id), "results-heading");
  want("heading", await text(tab, "results-heading"), lang === "en" ? "Rows checked: 10,000" : "10,000行を確認しました");
  want("partial", await tab.locator("#results-partial").isHidden(), true);
  await sound(tab, "results");

  // What is saved is what the API gives, and the report is about it.
  const saved = await save(tab, "#save");
  want("name", saved.name, "long-checked.csv");
  const api = await ask(c.long, "in=GB&columns=code=2,model=3", lang);
  want("saved", digest(saved.bytes), digest(api));
  const report = await save(tab, "#report");
  want("report", report.name, "long-report.jwt");
  const said = payload(report.bytes);
  want("report of the list", said.input_sha256, digest(readFileSync(c.long)));
  want("report of the answers", said.output_sha256, digest(saved.bytes));
  want("report's count", said.items, 10_000);

  // The filters.
  counted[lang] = await marks(tab, "#marks button");
  seenRows[lang] = await rows(tab);
  const faults = tab.locator('#marks [data-mark="fault"]');
  await faults.click();
  want("pressed", await faults.getAttribute("aria-pressed"), "true");
  want("faults", Number((await faults.locator("b").innerText()).replace(",", "")), said.faults);
  want("shown", await text(tab, "shown"), lang === "en" ? "Rows 1 to 50 of 400." : "400行のうち1～50行目。");
  want("rows", await tab.locator("#table tbody tr").count(), 50);
  await tab.locator("#after").click();
  want("page", await text(tab, "page"), /2.*8|8.*2/);
  for (let i = 0; i < 6; i++) await tab.locator("#after").click();
  want("the last page", await tab.locator("#after").isDisabled(), true);
  want("focus", await tab.evaluate(() => document.activeElement.id), "before");
  await tab.locator('#marks [data-mark="not_covered"]').click();
  want("not covered", (await rows(tab)).every((r) => /not covered|対象外|Measure|措置/.test(r)), true);
  await sound(tab, "filtered");

  // On paper all rows that were filtered, up to a limit.
  if (lang === "en") {
    await tab.locator('#marks [data-mark="unknown"]').click();
    const pdf = join(c.dir, "rows.pdf");
    writeFileSync(pdf, await tab.pdf({ format: "A4" }));
    const paper = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" });
    const n = paper.split("Not in this registry").length - 1;
    if (n < 200) fault(`on paper there are ${n} rows`);
    want("rows after printing", await tab.locator("#table tbody tr").count(), 50);
  }
  await tab.locator("#again").click();
  want("again", await tab.evaluate(() => document.activeElement.id), "file");
  await context.close();
}

// Cancelled, lost, busy, without network: what was answered stays.
{
  const { tab, context } = await open("cut short", { width: 360 });
  const whole = await ask(c.long, "in=GB&columns=code=2,model=3", "en");
  for (const [how, said] of [["cancelled", /^Cancelled\. .*: [\d,]+ of 10,000 rows\.$/], ["lost", /^The connection was lost\. .* of 10,000 rows/]]) {
    await choose(tab, c.long);
    await shown(tab, "columns");
    mode = "held";
    cut = undefined;
    await tab.locator("#start").click();
    await tab.waitForFunction(() => document.querySelector("#bar").value > 0);
    for (const end = Date.now() + 20_000; !cut && Date.now() < end; ) await new Promise((go) => setTimeout(go, 20));
    mode = "on";
    if (how === "lost") cut();
    else await tab.locator("#cancel").click();
    await shown(tab, "results");
    want(how, await text(tab, "results-partial"), said);
    want("report", await tab.locator("#report").isHidden(), true);
    want("said of it", await text(tab, "report-said"), /no signed report about a part/);
    const part = await save(tab, "#save");
    want("name", part.name, "long-partial.csv");
    want("the part", digest(part.bytes), digest(whole.subarray(0, part.bytes.length)));
    want("its end", part.bytes.subarray(-2).toString(), "\r\n");
    const n = Number((await text(tab, "results-heading")).replace(/\D/g, ""));
    want("its rows", part.bytes.toString().split(/\r\n/).filter((r) => /"商品/.test(r)).length, n);
    await sound(tab, how);
    await tab.locator("#again").click();
  }
  await choose(tab, c.long);
  await shown(tab, "columns");
  mode = "busy";
  await tab.locator("#start").click();
  await tab.waitForFunction(() => /cannot answer just now/.test(document.querySelector("#columns-fault").innerText));
  await sound(tab, "busy");
  mode = "off";
  await tab.locator("#start").click();
  await tab.waitForFunction(() => /cannot be reached/.test(document.querySelector("#columns-fault").innerText));
  mode = "on";
  await tab.locator("#start").click();
  await shown(tab, "results");
  want("after all that", await text(tab, "results-heading"), "Rows checked: 10,000");
  await context.close();
}

// By keyboard alone, pasted.
{
  const { tab, context } = await open("keyboard");
  await tabTo(tab, "text");
  await tab.keyboard.insertText(`name\tcode\nRouter\t${c.code}\nNo\t7K3M\n`);
  await tabTo(tab, "next");
  await tab.keyboard.press("Enter");
  await shown(tab, "columns");
  await tabTo(tab, "start");
  await tab.keyboard.press("Enter");
  await shown(tab, "results");
  want("the first", (await rows(tab))[0], /^1 Router.*Treated as compliant/);
  want("the second", (await rows(tab))[1], /^2 No 7K3M Row not understood A code has 12 symbols, not counting hyphens; this has 4\.$/);
  await tabTo(tab, "save");
  const all = tab.locator('#marks [data-mark="fault"]');
  for (let i = 0; i < 20 && !(await all.evaluate((e) => e === document.activeElement)); i++) await tab.keyboard.press("Tab");
  await tab.keyboard.press("Space");
  want("filtered by keyboard", (await rows(tab)).length, 1);
  await tabTo(tab, "again");
  await tab.keyboard.press("Enter");
  want("the form again", [await tab.locator("#text").inputValue(), await tab.locator("#text").isVisible()], ["", true]);
  await context.close();
}

// Shift_JIS with semicolons, dropped; the encoding and the columns can be changed.
for (const [lang, width] of [["ja", 360], ["en", 1280]]) {
  const { tab, context } = await open("dropped", { lang, width });
  const drop = (paths) =>
    tab.evaluate((files) => {
      const data = new DataTransfer();
      for (const { name, bytes } of files) data.items.add(new File([new Uint8Array(bytes)], name, { type: "text/csv" }));
      for (const type of ["dragover", "drop"]) document.querySelector("#drop").dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
    }, paths.map((p) => ({ name: basename(p), bytes: [...readFileSync(p)] })));
  await drop([c.japanese, c.odd]);
  want("two at once", await text(tab, "give-said"), lang === "en" ? "Drop one file at a time." : "ファイルは一つずつドロップしてください。");
  await drop([c.japanese]);
  await tab.keyboard.press("Enter");
  await shown(tab, "columns");
  want("read as", await text(tab, "columns-said"), lang === "en" ? "在庫.csv, read as Shift_JIS." : "在庫.csv：Shift_JISとして読み取りました。");
  want("headings", await tab.locator("table.first thead th").allInnerTexts(), ["商品名", "型番", "在庫数"]);
  await tab.locator("#of-charset").selectOption("utf-8");
  await tab.waitForFunction(() => document.querySelector("#columns-fault").innerText !== "");
  want("as UTF-8", await text(tab, "columns-fault"), lang === "en" ? /neither UTF-8 nor Shift_JIS|cannot be read/ : /読み取れ/);
  await tab.locator("#of-charset").selectOption("shift_jis");
  await tab.waitForFunction(() => document.querySelector("#columns-fault").innerText === "");
  await tab.locator("#of-model").selectOption("-");
  await tab.locator("#start").click();
  want("no column", await text(tab, "columns-fault"), lang === "en" ? /^Choose at least one/ : /少なくとも一つ/);
  await sound(tab, "no column");
  await tab.locator("#of-model").selectOption("2");
  await tab.locator("#in").evaluate((e) => (e.value = "GB"));
  await tab.locator("#start").click();
  await shown(tab, "results");
  const found = await rows(tab);
  want("the first", found[0], lang === "en" ? /青葉ホームルーター WX-100 Treated as compliant/ : /青葉ホームルーター ?WX-100 適合とみなされる/);
  want("the third", found[2], lang === "en" ? /表-1 Not in this registry/ : /表-1 ?この台帳に登録なし/);
  const saved = await save(tab, "#save");
  want("saved", digest(saved.bytes), digest(await ask(c.japanese, "in=GB&columns=model=2", lang)));
  want("name", saved.name, "在庫-checked.csv");
  want("Shift_JIS still", saved.bytes.subarray(0, 6).toString("hex"), readFileSync(c.japanese).subarray(0, 6).toString("hex"));
  await sound(tab, "results");
  await context.close();
}

// What cannot be checked is told, and nothing is lost.
for (const [lang, width] of [["en", 360], ["ja", 1280]]) {
  const { tab, context } = await open("faults", { lang, width });
  const said = async (wanted) => {
    await tab.locator("#next").click();
    await tab.waitForFunction(() => !document.querySelector("#next").disabled && document.querySelector("#give-said").innerText);
    want("said", await text(tab, "give-said"), wanted);
  };
  await said(lang === "en" ? /Choose a file or paste/ : /ファイルを選ぶか/);
  await sound(tab, "nothing");
  await tab.setInputFiles("#file", c.empty);
  await said(lang === "en" ? "The list is empty." : "一覧が空です。");
  await tab.setInputFiles("#file", c.workbook);
  await said(lang === "en" ? /spreadsheet’s own file/ : /表計算ソフト独自/);
  await tab.setInputFiles("#file", c.large);
  await said(lang === "en" ? /larger than 8 MB/ : /8 MBを超えて/);
  await tab.setInputFiles("#file", c.odd);
  await tab.locator("#text").fill("x");
  await said(lang === "en" ? /a file and pasted text/ : /両方があります/);
  await tab.locator("#text").fill("");
  mode = "off";
  await said(lang === "en" ? /cannot be reached/ : /接続できません/);
  mode = "on";
  await sound(tab, "fault");
  await tab.locator("#next").click();
  await shown(tab, "columns");
  await tab.locator("#of-model").selectOption("2");
  await tab.locator("#start").click();
  await shown(tab, "results");
  want("rows", await tab.locator("#table tbody tr").count(), 2);
  await context.close();
}

// What was scanned is taken over, and stands nowhere but on the page.
{
  const { tab, context } = await open("scanned", { width: 360 });
  await tab.goto(`${base}/scan?lang=en`);
  want("no list yet", await tab.locator("#check").isHidden(), true);
  for (const typed of [c.code, "4006381333931", "000000000012"]) {
    await tab.locator("#q").fill(typed);
    await tab.locator("#q").press("Enter");
    await tab.waitForFunction((code) => document.querySelector("#seen").innerText.replaceAll("-", "").includes(code), typed.replaceAll("-", ""));
  }
  await Promise.all([tab.waitForURL(/\/check/), tab.locator("#check").click()]);
  await tab.waitForFunction(() => document.querySelector("#text")?.value);
  want("list", await tab.locator("#text").inputValue(), `code,gtin\n${c.code},\n,4006381333931\n0000-0000-0012,`);
  want("address", tab.url(), `${base}/check?lang=en`);
  await tab.locator("#next").click();
  await shown(tab, "columns");
  await tab.locator("#start").click();
  await shown(tab, "results");
  want("answers", (await rows(tab)).length, 3);
  want("whole answer", await tab.locator("#table a").first().getAttribute("href"), `/v/${c.code.replaceAll("-", "")}?in=GB&lang=en`);
  await context.close();
}

// Without scripts the same list gets the same answers.
for (const [lang, width] of [["en", 1280], ["ja", 360]]) {
  const { tab, context } = await open("without scripts", { lang, width, javaScriptEnabled: false });
  await tab.locator("#in").selectOption("GB");
  await tab.setInputFiles("#file", c.long);
  await Promise.all([tab.waitForURL(/\/check\/[0-9a-f]{64}/), tab.locator("#next").click()]);
  want("counts", await marks(tab, ".marks a"), counted[lang]);
  want("rows", (await rows(tab)).slice(0, 50), seenRows[lang]);
  const saved = await save(tab, "a[href$='.csv']");
  want("saved", digest(saved.bytes), digest(await ask(c.long, "in=GB", lang)));
  const report = await save(tab, "a[href$='.jwt']");
  want("report", [payload(report.bytes).input_sha256, payload(report.bytes).output_sha256], [digest(readFileSync(c.long)), digest(saved.bytes)]);
  await tab.locator(".marks a", { hasText: lang === "en" ? "Row not understood" : "読み取れない行" }).click();
  await tab.locator("a[rel=next]").click();
  want("the second page", (await rows(tab)).length, 50);
  const address = tab.url();
  if ((await context.cookies()).length) fault("a cookie is set");
  await tab.goto(`${base}/check?lang=${lang}`);
  await tab.locator("#text").fill("thing,what\nWX-100,Router\n");
  await tab.locator("#next").click();
  await tab.locator("#faults").waitFor();
  await tab.locator("#column-model").selectOption("1");
  await tab.locator("#header").selectOption("present");
  await Promise.all([tab.waitForURL(/\/check\/[0-9a-f]{64}/), tab.locator("#next").click()]);
  want("with a column named", (await rows(tab)).length, 1);
  await context.close();
  const second = await open("without scripts, looked at", { lang, width });
  await second.tab.goto(address);
  await sound(second.tab, "answers");
  await second.context.close();
}

await browser.close();
proxy.close();
console.log("done");
