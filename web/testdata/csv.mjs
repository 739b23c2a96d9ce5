// Takes lists apart as the page /check does: the standard input is a JSON array of
// lists, each an array of the pieces in which it comes; the output is the rows of
// each.
import { readFileSync } from "node:fs";
import { Rows } from "../static/check/csv.js";

const lists = JSON.parse(readFileSync(0, "utf8"));
const rows = lists.map((pieces) => {
  const r = new Rows(",");
  return [...pieces.flatMap((p) => r.push(p)), ...r.end()].filter((row) => row.some((field) => field.trim() !== ""));
});
process.stdout.write(JSON.stringify(rows));
