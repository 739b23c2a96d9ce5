// The page /check. It takes a list from a file or as pasted text, lets the
// registry say what its columns are, sends it, and shows the answers as they come.
// Without it the page is a form that does the same.
import { Asking, Refusal, look } from "./ask.js";
import { rowsOf } from "./answer.js";
import { Columns } from "./columns.js";
import { Results } from "./results.js";
import { $, day, number, say } from "./page.js";

const form = $("give");
const lang = document.documentElement.lang;
const most = Number(form.dataset.most); // bytes of a list
const headMost = 256 << 10; // bytes of its beginning that are looked at first

let list = null; // what was given, a Blob with a name
let asking = null;
const columns = new Columns(reread);
const results = new Results();

// step shows one part of the page and brings the reader there.
function step(name) {
  for (const id of ["give", "columns", "progress", "results"]) $(id).hidden = id !== name;
  $("lead").hidden = name !== "give";
  const there = $(`${name}-heading`) ?? $("file");
  there.focus({ preventScroll: true });
  there.scrollIntoView({ block: "nearest" });
}

// said is what is said of something that went wrong.
function said(e) {
  if (!(e instanceof Refusal)) return say(e.name === "NotReadableError" ? "unreadable" : "unreachable");
  const faults = (e.problem.faults ?? []).map((f) => f.message);
  return faults.length ? faults.join(" ") : e.problem.detail;
}

// given returns the list that the form holds, or says what is wrong.
function given() {
  const file = $("file").files[0];
  const text = $("text").value;
  if (file && text.trim()) return say("both");
  if (!file && !text.trim()) return say("nothing");
  const what = file ?? new File([text, "\n"], "list.csv", { type: "text/csv" });
  if (what.size > most) return say("large", form.dataset.mostSaid);
  return what;
}

async function give() {
  $("give-said").textContent = "";
  const what = given();
  if (typeof what === "string") {
    $("give-said").textContent = what;
    return;
  }
  list = what;
  $("next").disabled = true;
  try {
    const found = await looked({});
    step("columns");
    columns.show(list, found);
  } catch (e) {
    $("give-said").textContent = said(e);
  } finally {
    $("next").disabled = false;
  }
}

// looked is what the list is taken for. Its beginning is enough, unless that is
// all ASCII.
async function looked(told) {
  const part = list.size > headMost;
  const found = await look(part ? list.slice(0, headMost) : list, told, part, lang);
  return found.charset ? found : look(list, told, false, lang);
}

// reread looks at the list again, with what the reader says of it.
async function reread(told) {
  try {
    columns.show(list, await looked(told));
  } catch (e) {
    columns.refuse(said(e));
  }
}

async function start() {
  const told = columns.told();
  if (!told) return;
  asking = new Asking();
  results.clear();
  step("progress");
  $("bar").removeAttribute("value");
  $("bar-said").textContent = say("progress.begun");
  $("progress-said").textContent = "";
  const total = await columns.total(list).catch(() => 0);
  const page = { in: $("in").value, at: $("at").value, lang: new URLSearchParams(location.search).get("lang") };
  page.today = page.at || today(page.in);
  const params = { in: page.in, columns: told.columns, separator: told.separator, whole: 1, ...(page.at && { at: page.at }) };
  const read = rowsOf(told, page, (a) => results.add(a));
  let heard = performance.now();
  try {
    await asking.run(list, params, told, lang, (text, last) => {
      read(text, last);
      const n = results.count();
      if (!n) return;
      $("bar").max = Math.max(total, n);
      $("bar").value = n;
      $("bar-said").textContent = say("progress.said", number(n), number($("bar").max));
      if (performance.now() - heard < 4000) return; // as often as it is good to hear it
      heard = performance.now();
      $("progress-said").textContent = $("bar-said").textContent;
    });
  } catch (e) {
    step("columns");
    columns.refuse(said(e));
    return;
  }
  await done(told, read, total, page);
}

// today is the present day where the question is asked.
const today = (place) => new Intl.DateTimeFormat("en-CA", { timeZone: place === "JP" ? "Asia/Tokyo" : "Europe/London" }).format();

// done shows what came, whole or not, and offers it to be kept. An answer about
// which there is no report is not whole: then its last row, which no row of the
// list asked for, says why.
async function done(told, read, total, page) {
  const report = asking.whole ? await asking.report().catch(() => undefined) : null;
  const stopped = report === null && asking.whole && results.last()?.empty ? results.takeLast().fault : "";
  const whole = asking.whole && !stopped;
  const n = results.count(), all = Math.max(total, n);
  if (!whole && n === 0) {
    step("columns");
    columns.refuse(stopped || say(asking.cancelled ? "cancelled.none" : "unreachable"));
    return;
  }
  step("results");
  $("results-heading").textContent = say("results.heading", number(n));
  $("results-partial").hidden = whole;
  $("results-partial").textContent = whole ? "" : stopped ? say("stopped", number(n), number(all), stopped) : say(asking.cancelled ? "cancelled" : "lost", number(n), number(all));
  $("results-asked").textContent = say("results.asked", $("in").selectedOptions[0].textContent, page.at ? say("results.day", day(page.at)) : say("results.today"));
  const name = list.name.replace(/\.[^.]*$/, "") || "list";
  $("save").textContent = say(whole ? "results.save" : "results.save.partial");
  results.offer("save", await asking.answer(read.breaks(), told.charset.startsWith("utf-16")), `${name}-${whole ? "checked" : "partial"}.csv`);
  $("report").hidden = true;
  if (report) results.offer("report", report, `${name}-report.jwt`);
  $("report-said").textContent = say(report ? "results.report.said" : whole ? "results.report.none" : "results.report.partial");
  results.show();
}

// A file that is dropped is shown where a chosen one is, if the browser lets it.
function drop(e) {
  $("drop").classList.remove("over");
  const files = e.dataTransfer?.files;
  if (!files?.length) return; // text, which goes where it is dropped
  e.preventDefault();
  if (files.length > 1) {
    $("give-said").textContent = say("one");
    return;
  }
  $("give-said").textContent = "";
  $("file").files = files;
  $("next").focus();
}

// scanned takes over what the page /scan leaves behind the #.
function scanned() {
  if (location.hash.length < 2) return;
  try {
    $("text").value = decodeURIComponent(location.hash.slice(1));
    $("text-said").textContent = say("scanned");
  } catch {
    // Not from there.
  }
  history.replaceState(null, "", location.pathname + location.search);
}

form.addEventListener("submit", (e) => {
  if (!isSecureContext) return;
  e.preventDefault();
  give();
});
form.addEventListener("dragover", (e) => {
  if (!e.dataTransfer?.types.includes("Files")) return;
  e.preventDefault();
  $("drop").classList.add("over");
});
form.addEventListener("dragleave", () => $("drop").classList.remove("over"));
form.addEventListener("drop", drop);
$("start").addEventListener("click", start);
$("back").addEventListener("click", () => step("give"));
$("cancel").addEventListener("click", () => asking?.cancel());
$("again").addEventListener("click", () => {
  form.reset();
  results.clear();
  step("give");
});

// Digests are made only where the address is https, or this machine; elsewhere the
// form is sent as it is.
scanned();
if (isSecureContext) {
  $("drop-hint").hidden = false;
  $("which").hidden = true;
  $("next").textContent = say("next");
}
