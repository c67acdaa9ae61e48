// A sheet of paper to draw a digit on: pen, eraser, undo, clear. Its ink goes to the server while it is drawn.

/** @import { NumberArray } from "../base/arrays.js" */

import { actionButton, context2d, element } from "../base/dom.js";

const SHEET = 280; // pixels of the sheet itself
const SENT = 112; // pixels a side of what is sent, as SIDE in drawing_pad.py: enough for 28 after centring
const PAUSE = 120; // ms between two reports while a stroke is drawn
const LEAST_INK = 8; // of 255: less counts as an empty sheet
const PEN = 0.075; // width of a stroke, as a share of the sheet
const ERASER = 0.12;

/** @typedef {{ erases: boolean, points: [number, number][] }} Stroke */

/**
 * The ink of each pixel, 0 to 255, as base64; "" for an empty sheet. Ink is the opacity, whatever the theme's colour.
 * @param {Uint8ClampedArray} pixels RGBA
 */
export function encodedInk(pixels) {
  let letters = "";
  let hasInk = false;
  for (let at = 3; at < pixels.length; at += 4) {
    hasInk ||= pixels[at] > LEAST_INK;
    letters += String.fromCharCode(pixels[at]);
  }
  return hasInk ? btoa(letters) : "";
}

/**
 * Ink as a picture whose opacity it is.
 * @param {NumberArray} ink [H, W] of 0 to 1
 */
function inkImage({ shape: [height, width], values }) {
  const canvas = element("canvas");
  Object.assign(canvas, { width, height });
  const pen = context2d(canvas);
  const image = pen.createImageData(width, height);
  values.forEach((value, place) => {
    image.data[4 * place + 3] = Math.round(255 * value);
  });
  pen.putImageData(image, 0, 0);
  return canvas;
}

export class DrawingPad {
  /** @param {HTMLElement} host */
  constructor(host) {
    /** @type {(ink: string) => void} called with `encodedInk` */
    this.ondraw = () => {};
    /** @type {Stroke[]} */
    this.strokes = [];
    /** @type {Stroke | null} the one that is being drawn */
    this.stroke = null;
    /** @type {HTMLCanvasElement | null} the ink that is under the strokes: of a digit from the address */
    this.ground = null;
    this.isNew = true;
    this.erases = false;
    this.waiting = 0;
    this.sheet = element("canvas", "sheet");
    this.sheet.width = this.sheet.height = SHEET;
    this.sheet.tabIndex = 0;
    this.hint = element("span", "hint");
    this.buttons = element("div", "buttons");
    host.replaceChildren(element("div", "paper", this.sheet, this.hint), this.buttons);
    this.small = element("canvas");
    this.small.width = this.small.height = SENT;
    this.sheet.onpointerdown = (event) => this.begin(event);
    this.sheet.onpointermove = (event) => this.extend(event);
    this.sheet.onpointerup = this.sheet.onpointercancel = () => this.end();
    this.sheet.onkeydown = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "z") {
        this.undo();
        event.preventDefault();
      }
    };
  }

  /**
   * @param {Record<string, string>} words
   * @param {NumberArray | null} first ink of 0 to 1, which only a new sheet begins with
   */
  show(words, first) {
    if (this.isNew) {
      this.isNew = false;
      this.ground = first && inkImage(first);
    }
    this.sheet.setAttribute("aria-label", words.sheet);
    this.sheet.setAttribute("role", "img");
    this.hint.textContent = words.hint;
    const actions = {
      pen: () => this.use(false),
      eraser: () => this.use(true),
      undo: () => this.undo(),
      clear: () => this.clear(),
    };
    this.buttons.replaceChildren(
      ...Object.entries(actions).map(([name, action]) => {
        const button = actionButton("choice", words[name], action);
        button.dataset.name = name;
        return button;
      }),
    );
    this.use(this.erases);
    this.paint();
  }

  /** @param {boolean} erases */
  use(erases) {
    this.erases = erases;
    for (const [name, isOn] of [["pen", !erases], ["eraser", erases]]) {
      this.buttons.querySelector(`[data-name=${name}]`)?.setAttribute("aria-pressed", String(isOn));
    }
  }

  /**
   * @param {PointerEvent} event
   * @returns {[number, number]} pixels of the sheet
   */
  place(event) {
    const box = this.sheet.getBoundingClientRect();
    const scale = SHEET / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  /** @param {PointerEvent} event */
  begin(event) {
    if (event.button !== 0) {
      return;
    }
    try {
      this.sheet.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already.
    }
    this.stroke = { erases: this.erases, points: [this.place(event)] };
    this.strokes.push(this.stroke);
    this.change();
  }

  /** @param {PointerEvent} event */
  extend(event) {
    if (this.stroke) {
      this.stroke.points.push(this.place(event));
      this.change();
    }
  }

  end() {
    if (this.stroke) {
      this.stroke = null;
      clearTimeout(this.waiting);
      this.waiting = 0;
      this.report();
    }
  }

  undo() {
    this.strokes.pop();
    this.paint();
    this.report();
  }

  clear() {
    this.strokes = [];
    this.ground = null;
    this.paint();
    this.report();
  }

  change() {
    this.paint();
    this.waiting ||= setTimeout(() => {
      this.waiting = 0;
      this.report();
    }, PAUSE);
  }

  paint() {
    const pen = context2d(this.sheet);
    pen.clearRect(0, 0, SHEET, SHEET);
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(this.sheet).color;
    if (this.ground) {
      pen.imageSmoothingQuality = "high";
      pen.drawImage(this.ground, 0, 0, SHEET, SHEET);
      pen.globalCompositeOperation = "source-in"; // its opacity in the pen's colour
      pen.fillStyle = pen.strokeStyle;
      pen.fillRect(0, 0, SHEET, SHEET);
      pen.globalCompositeOperation = "source-over";
    }
    for (const { erases, points } of this.strokes) {
      pen.globalCompositeOperation = erases ? "destination-out" : "source-over";
      pen.lineWidth = SHEET * (erases ? ERASER : PEN);
      const [[x, y], ...rest] = points;
      pen.beginPath();
      pen.moveTo(x, y);
      for (const [nextX, nextY] of rest.length ? rest : [[x + 0.01, y]]) {
        pen.lineTo(nextX, nextY);
      }
      pen.stroke();
    }
    pen.globalCompositeOperation = "source-over";
    this.hint.hidden = this.strokes.length > 0 || this.ground !== null;
  }

  report() {
    const pen = context2d(this.small, { willReadFrequently: true });
    pen.clearRect(0, 0, SENT, SENT);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.sheet, 0, 0, SENT, SENT);
    this.ondraw(encodedInk(pen.getImageData(0, 0, SENT, SENT).data));
  }
}
