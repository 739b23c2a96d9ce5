// Finding codes in what the camera sees, and in pictures.

const formats = ["qr_code", "ean_13", "ean_8", "upc_a", "upc_e"];
const frameMost = 1280, pictureMost = 2400; // pixels of the longer side that are looked at
const pause = 120; // milliseconds between two frames

// Reader finds codes in a canvas. Where the browser can do that by itself it is
// left to it, else to a worker, which loads only then.
class Reader {
  #worker = null;
  #native; // undefined: not known yet; null: there is none that will do
  #waiting = new Map();
  #id = 0;

  constructor(address) {
    this.address = address;
  }

  async #own() {
    if (this.#native === undefined) {
      this.#native = null;
      const can = (await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
      if (can.includes("qr_code") && can.includes("ean_13")) this.#native = new BarcodeDetector({ formats: formats.filter((f) => can.includes(f)) });
    }
    return this.#native;
  }

  async find(canvas, useOwn) {
    const own = useOwn && (await this.#own());
    if (own) {
      try {
        return (await own.detect(canvas)).map((f) => ({ text: f.rawValue, format: f.format }));
      } catch {
        this.#native = null; // some platforms promise what they cannot do
      }
    }
    return this.#byWorker(canvas);
  }

  #byWorker(canvas) {
    if (!this.#worker) {
      this.#worker = new Worker(this.address);
      this.#worker.onmessage = ({ data }) => this.#answer(data);
      this.#worker.onerror = () => {
        for (const id of [...this.#waiting.keys()]) this.#answer({ id, error: "the worker could not start" });
        this.#worker = null;
      };
    }
    const { width, height } = canvas;
    const pixels = canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, width, height).data.buffer;
    const id = ++this.#id;
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      this.#worker.postMessage({ id, width, height, pixels }, [pixels]);
    });
  }

  #answer({ id, found, error }) {
    const { done, failed } = this.#waiting.get(id) ?? {};
    this.#waiting.delete(id);
    if (error) failed?.(new Error(error));
    else done?.(found);
  }
}

// Camera shows what the camera sees in a video, and tells what it finds there.
// Told is one of the words that the page has for it: off, asking, on, insecure,
// none, denied, busy, failed.
export class Camera {
  #stream = null;
  #turn = 0; // of starting and stopping: what belongs to an earlier one ends
  #canvas = document.createElement("canvas");

  constructor(video, address, found, told) {
    this.video = video;
    this.reader = new Reader(address);
    this.found = found;
    this.told = told;
  }

  // missing says why no camera can be asked for, or "".
  static missing() {
    if (!isSecureContext) return "insecure";
    return navigator.mediaDevices?.getUserMedia ? "" : "none";
  }

  async start() {
    const turn = ++this.#turn;
    this.told("asking");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
      });
    } catch (e) {
      const why = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none", NotReadableError: "busy", AbortError: "busy" };
      if (turn === this.#turn) this.told(why[e.name] ?? "failed");
      return;
    }
    if (turn !== this.#turn) {
      stream.getTracks().forEach((t) => t.stop());
      return;
    }
    this.#stream = stream;
    this.track().addEventListener("ended", () => turn === this.#turn && this.stop("busy"));
    this.video.srcObject = stream;
    try {
      await this.video.play();
    } catch {
      if (turn === this.#turn) this.stop("failed");
      return;
    }
    if (turn !== this.#turn) return;
    this.told("on");
    this.#watch(turn);
  }

  stop(why = "off") {
    this.#turn++;
    this.#stream?.getTracks().forEach((t) => t.stop());
    this.#stream = null;
    this.video.srcObject = null;
    this.told(why);
  }

  track = () => this.#stream?.getVideoTracks()[0];
  running = () => this.#stream !== null;
  hasTorch = () => Boolean(this.track()?.getCapabilities?.().torch);
  torch = (on) => this.track().applyConstraints({ advanced: [{ torch: on }] });

  async #watch(turn) {
    let faults = 0;
    while (turn === this.#turn) {
      const { videoWidth: width, videoHeight: height } = this.video;
      if (width && height) {
        try {
          const found = await this.reader.find(drawn(this.#canvas, this.video, width, height, frameMost), true);
          faults = 0;
          if (turn === this.#turn) for (const f of found) this.found(f.text, f.format);
        } catch {
          if (++faults > 3) {
            if (turn === this.#turn) this.stop("failed");
            return;
          }
        }
      }
      await new Promise((next) => setTimeout(next, pause));
    }
  }

  // picture looks for codes in a file that the reader chose. The error is that of
  // what is no picture.
  async picture(file) {
    const bitmap = await createImageBitmap(file);
    const canvas = drawn(document.createElement("canvas"), bitmap, bitmap.width, bitmap.height, pictureMost);
    bitmap.close();
    return this.reader.find(canvas, false);
  }
}

// drawn draws what it is given, no larger than so many pixels.
function drawn(canvas, what, width, height, most) {
  const scale = Math.min(1, most / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#ffffff"; // behind what a picture leaves clear
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(what, 0, 0, canvas.width, canvas.height);
  return canvas;
}
