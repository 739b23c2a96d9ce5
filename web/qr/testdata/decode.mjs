// Reads the QR codes in image files with two independent decoders and prints
// one JSON object a line: {"file", "decoder", "texts"}.
//
// Each argument is the path of NAME.png, beside which lies NAME.pgm (binary, 8
// bits), the same picture for the decoder that takes pixels only.
import { readFile } from "node:fs/promises";
import jsqr from "../../node_modules/jsqr/dist/jsQR.js";
import { prepareZXingModule, readBarcodes } from "../../node_modules/zxing-wasm/dist/es/reader/index.js";

const wasm = new URL("../../node_modules/zxing-wasm/dist/reader/zxing_reader.wasm", import.meta.url);
await prepareZXingModule({
	overrides: { wasmBinary: (await readFile(wasm)).buffer },
	fireImmediately: true,
});

// pgm returns a grey picture as the red, green, blue and opacity of each pixel.
function pgm(bytes) {
	const [header, width, height] = /^P5 (\d+) (\d+) 255\n/.exec(bytes.toString("latin1", 0, 40));
	const grey = bytes.subarray(header.length);
	const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
	for (let i = 0; i < grey.length; i++) rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = grey[i];
	return { rgba, width: Number(width), height: Number(height) };
}

for (const file of process.argv.slice(2)) {
	const { rgba, width, height } = pgm(await readFile(file.replace(/png$/, "pgm")));
	const seen = jsqr(rgba, width, height, { inversionAttempts: "dontInvert" });
	console.log(JSON.stringify({ file, decoder: "jsQR", texts: seen ? [seen.data] : [] }));

	const found = await readBarcodes(await readFile(file), { formats: ["QRCode"], tryInvert: false });
	console.log(JSON.stringify({ file, decoder: "zxing-wasm", texts: found.map((f) => f.text) }));
}
