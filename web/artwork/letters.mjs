// Writes the letters that labels are printed in: a TrueType font of the printable
// ASCII characters and those of the words in the catalogs that go on a label, and
// no others, so that the program grows by what it can print.
//
//   node web/artwork/letters.mjs
//
// The font is BIZ UDPGothic (SIL Open Font License 1.1), made for small print; its
// licence goes beside it.
import { copyFile, readFile, writeFile } from "node:fs/promises";
import subset from "../node_modules/subset-font/index.js";

const at = (path) => new URL(path, import.meta.url);
const font = "../node_modules/@expo-google-fonts/biz-udpgothic/";

let text = "年月日"; // of days
for (let c = 0x20; c < 0x7f; c++) text += String.fromCharCode(c);
for (const language of ["en", "ja"]) {
	const words = JSON.parse(await readFile(at(`../i18n/${language}.json`), "utf8"));
	for (const [key, value] of Object.entries(words)) if (key.startsWith("print.")) text += value;
}
await copyFile(at(font + "LICENSE_FONT"), at("letters/letters_license.txt"));
await writeFile(at("letters/letters.ttf"), await subset(await readFile(at(font + "400Regular/BIZUDPGothic_400Regular.ttf")), text, {
	targetFormat: "truetype",
	noLayoutClosure: true, // vertical and ornamental forms of the same characters
}));
