// Numbers to colours.

/** @import { Matrix } from "./arrays.js" */

import { context2d, element } from "./dom.js";

/**
 * Positions from 0 to 1 with their colours as #rrggbb, in rising order.
 * @typedef {[number, string][]} ColourStops
 */

/**
 * The page's colour scales: magnitudes, and signed values with zero in the middle.
 * @typedef {{ sequential: ColourStops, diverging: ColourStops }} ColourScales
 */

const STEPS = 256;
const TRANSPARENT = "transparent"; // what is not finite has no colour

/** @param {string} text #rrggbb */
function parsedColour(text) {
  return [1, 3, 5].map((index) => parseInt(text.slice(index, index + 2), 16));
}

/**
 * Red, green and blue of 256 colours at equal distances, one after the other.
 * @param {ColourStops} stops
 */
function colourTable(stops) {
  const table = new Uint8ClampedArray(STEPS * 3);
  for (let step = 0; step < STEPS; step += 1) {
    const share = step / (STEPS - 1);
    const after = Math.max(1, stops.findIndex(([position]) => position >= share));
    const [from, first] = stops[after - 1];
    const [to, second] = stops[after];
    const part = (share - from) / (to - from);
    const end = parsedColour(second);
    parsedColour(first).forEach((value, index) => {
      table[step * 3 + index] = value + (end[index] - value) * part;
    });
  }
  return table;
}

/** Colours for the numbers from `low` to `high`; what lies outside has the colour of the nearer end. */
export class ColourScale {
  /**
   * @param {ColourStops} stops
   * @param {number} low
   * @param {number} high
   */
  constructor(stops, low, high) {
    this.low = low;
    this.high = high > low ? high : low + 1;
    this.table = colourTable(stops);
  }

  /**
   * Magnitudes from zero up; with a negative `low`, signed values with zero in the middle.
   * @param {ColourScales} colours
   * @param {number} low
   * @param {number} high
   */
  static of(colours, low, high) {
    return low < 0 ? ColourScale.signed(colours, Math.max(-low, high)) : new ColourScale(colours.sequential, 0, high);
  }

  /**
   * From -magnitude to magnitude, zero in the middle.
   * @param {ColourScales} colours
   * @param {number} magnitude 0 counts as 1
   */
  static signed(colours, magnitude) {
    return new ColourScale(colours.diverging, -(magnitude || 1), magnitude || 1);
  }

  /** @param {number} value */
  offset(value) {
    const share = (value - this.low) / (this.high - this.low);
    return Math.max(0, Math.min(STEPS - 1, Math.round(share * (STEPS - 1)))) * 3;
  }

  /** @param {number} value */
  css(value) {
    if (!Number.isFinite(value)) {
      return TRANSPARENT;
    }
    const at = this.offset(value);
    return `rgb(${this.table[at]} ${this.table[at + 1]} ${this.table[at + 2]})`;
  }

  /**
   * Black or white, whichever can be read on the value's colour.
   * @param {number} value
   */
  textColour(value) {
    const at = this.offset(value);
    const [red, green, blue] = this.table.subarray(at, at + 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#15181e" : "#ffffff";
  }

  /**
   * RGBA, one pixel a value; one that is not finite stays transparent.
   * @param {ArrayLike<number>} values
   */
  pixels(values) {
    const pixels = new Uint8ClampedArray(values.length * 4);
    const whole = new Uint32Array(pixels.buffer); // a pixel at a time: sheets have 100,000 of them
    const colours = new Uint32Array(STEPS);
    const bytes = new Uint8ClampedArray(colours.buffer);
    for (let step = 0; step < STEPS; step += 1) {
      bytes.set([...this.table.subarray(step * 3, step * 3 + 3), 255], step * 4);
    }
    const scale = (STEPS - 1) / (this.high - this.low);
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      if (Number.isFinite(value)) {
        whole[index] = colours[Math.max(0, Math.min(STEPS - 1, Math.round((value - this.low) * scale)))];
      }
    }
    return pixels;
  }

  /**
   * The colours from the low end to the high one as a picture of 64 × 1 pixels.
   * @returns {Matrix}
   */
  bar() {
    const steps = Float32Array.from({ length: 64 }, (_, step) => this.low + ((this.high - this.low) * step) / 63);
    return { height: 1, width: 64, values: steps };
  }
}

/**
 * Paints one pixel a value; CSS enlarges the canvas with `image-rendering: pixelated`.
 * @param {HTMLCanvasElement} canvas
 * @param {Matrix} matrix
 * @param {ColourScale} scale
 */
export function paintCanvas(canvas, { height, width, values }, scale) {
  canvas.width = width;
  canvas.height = height;
  if (values.length) {
    context2d(canvas).putImageData(new ImageData(scale.pixels(values), width, height), 0, 0);
  }
}

/**
 * The same on an image. Where there are many pictures, only images are quick: a browser gives each canvas a layer.
 * @param {HTMLImageElement} image
 * @param {Matrix} matrix
 * @param {ColourScale} scale
 */
export function paintImage(image, { height, width, values }, scale) {
  image.dataset.rows = String(height);
  image.dataset.columns = String(width);
  const address = bitmapAddress(scale.pixels(values), width, height);
  if (image.src !== address) {
    image.src = address; // the same address would be loaded again, too
  }
}

/**
 * How many values the picture that `paintImage` painted has.
 * @param {HTMLImageElement} image
 */
export function paintedCells(image) {
  return { height: Number(image.dataset.rows), width: Number(image.dataset.columns) };
}

/**
 * An image for `paintImage`; it shows what was painted last in the same frame as all others do.
 * @param {string} className
 */
export function pixelImage(className) {
  const image = element("img", className);
  image.decoding = "sync";
  image.draggable = false;
  return image;
}

/** The bar of a colour scale. A screen reader passes over it: its ends stand beside it as text. */
export function scaleBar() {
  const bar = pixelImage("scalebar");
  bar.alt = "";
  return bar;
}

/**
 * The address of a bitmap file (BMP with a BITMAPV4HEADER).
 * @param {Uint8ClampedArray} pixels RGBA, row by row from the top
 * @param {number} width
 * @param {number} height
 */
export function bitmapAddress(pixels, width, height) {
  const head = 14 + 108; // bytes of the two headers
  const bytes = new Uint8Array(head + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set([66, 77]); // "BM"
  [[2, bytes.length], [10, head], [14, 108], [18, width], [22, -height], [30, 3], [34, pixels.length]].forEach(
    ([at, value]) => view.setInt32(at, value, true),
  );
  [[26, 1], [28, 32]].forEach(([at, value]) => view.setInt16(at, value, true));
  [0xff, 0xff00, 0xff0000, 0xff000000].forEach((mask, index) => view.setUint32(54 + 4 * index, mask, true));
  bytes.set(pixels, head);
  let letters = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return `data:image/bmp;base64,${btoa(letters)}`;
}
