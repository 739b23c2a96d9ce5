// What axe finds wrong with the page in a tab, a sentence each: WCAG 2.2 AA, and what
// is good practice. Only what is wrong is looked at closely: of what is right axe
// would else tell every place.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(new URL("../../../../web/package.json", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export async function inaccessible(tab) {
  await tab.evaluate(axe);
  const found = await tab.evaluate(async () => (await window.axe.run({
    runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] },
    resultTypes: ["violations"],
  })).violations);
  return found.map((v) => `axe ${v.id}: ${v.nodes[0].target} ${v.help}`);
}
