// A worker that looks for QR codes and the barcodes of shops in a picture, so
// that the page stays quick while it does. It takes {id, width, height, pixels}
// (four bytes a pixel) and answers {id, found: [{text, format}]}, with format as
// the Barcode Detection API names it; or {id, error}.
importScripts("zxing_reader.js");

const names = { QRCode: "qr_code", EAN13: "ean_13", EAN8: "ean_8", UPCA: "upc_a", UPCE: "upc_e" };

ZXingWASM.prepareZXingModule({ overrides: { locateFile: (name) => new URL(name, self.location.href).href } });

self.onmessage = async ({ data: { id, width, height, pixels } }) => {
  try {
    const picture = new ImageData(new Uint8ClampedArray(pixels), width, height);
    const found = await ZXingWASM.readBarcodes(picture, { formats: Object.keys(names), maxNumberOfSymbols: 4, eanAddOnSymbol: "Ignore" });
    self.postMessage({ id, found: found.map((f) => ({ text: f.text, format: names[f.format] ?? "" })) });
  } catch (e) {
    self.postMessage({ id, error: String(e) });
  }
};
