// One unit of a dense layer: its inputs, its weights and their products, laid out as the maps that the inputs came from.

/** @import { ColourScales } from "../base/colour_scale.js" */

import { finiteRange, largestMagnitude } from "../base/arrays.js";
import { ColourScale, paintImage, pixelImage } from "../base/colour_scale.js";
import { cellUnderPointer, element } from "../base/dom.js";
import { digits, fillTemplate } from "../base/number_format.js";

const ALONE = 240; // pixels of a single picture's side

/**
 * `shape`: [C, H, W] of the inputs; `inputs`, `weights`: C · H · W numbers; `after`: the output; `activation`: torch's
 * name, "" for none.
 * @typedef {{
 *   title: string, shape: number[], inputs: Float32Array, weights: Float32Array, bias: number, after: number,
 *   activation: string
 * }} DenseUnit
 */

export class DensePanel {
  /**
   * @param {HTMLElement} host emptied, then filled
   * @param {Record<string, string>} words
   * @param {ColourScales} colours
   */
  constructor(host, words, colours) {
    this.words = words;
    this.colours = colours;
    this.title = element("h2", "title");
    this.equation = element("p", "equation");
    this.equation.setAttribute("aria-live", "polite");
    this.sheets = element("div", "sheets");
    this.pointed = element("p", "pointed");
    host.replaceChildren(this.title, this.equation, this.sheets, this.pointed);
  }

  /** @param {DenseUnit} unit */
  show(unit) {
    const { words } = this;
    const products = unit.inputs.map((value, place) => value * unit.weights[place]);
    const size = unit.shape[1] * unit.shape[2];
    const sums = Array.from({ length: unit.shape[0] }, (_, map) =>
      products.subarray(map * size, (map + 1) * size).reduce((sum, value) => sum + value, 0),
    );
    const sum = sums.reduce((a, b) => a + b, 0);
    this.title.textContent = unit.title;
    const numbers = { n: products.length, sum: digits(sum), bias: digits(unit.bias), before: digits(sum + unit.bias) };
    const activated = unit.activation ? [` → ${unit.activation} → `, element("b", "result", digits(unit.after))] : [];
    this.equation.replaceChildren(fillTemplate(words.unit_sum, numbers), ...activated);
    const [low, high] = finiteRange(unit.inputs);
    const magnitudes = ColourScale.of(this.colours, Math.min(0, low), high || 1);
    const signed = (/** @type {Float32Array} */ values) => ColourScale.signed(this.colours, largestMagnitude(values));
    const point = (/** @type {number} */ place) => {
      this.pointed.textContent = fillTemplate(words.unit_term, {
        n: place + 1,
        input: digits(unit.inputs[place]),
        weight: digits(unit.weights[place]),
        product: digits(products[place]),
      });
    };
    this.sheets.replaceChildren(
      sheet(words.unit_inputs, unit.shape, unit.inputs, magnitudes, point),
      sheet(words.unit_weights, unit.shape, unit.weights, signed(unit.weights), point),
      sheet(words.unit_products, unit.shape, products, signed(products), point, sums),
    );
    this.pointed.textContent = words.unit_hint;
  }
}

/**
 * Pictures of (C, H, W) numbers below a title.
 * @param {string} title
 * @param {number[]} shape
 * @param {Float32Array} values
 * @param {ColourScale} scale
 * @param {(place: number) => void} point called with the place of the number under the pointer
 * @param {number[]} [sums] one below each picture
 */
function sheet(title, [count, height, width], values, scale, point, sums = []) {
  const size = height * width;
  const side = count === 1 ? ALONE : Math.max(40, Math.min(72, 600 / count));
  const tiles = Array.from({ length: count }, (_, map) => {
    const image = pixelImage("tile");
    image.setAttribute("aria-label", `${title}, ${map + 1}`);
    image.setAttribute("role", "img");
    paintImage(image, { height, width, values: values.subarray(map * size, (map + 1) * size) }, scale);
    image.style.width = `${side}px`;
    image.style.height = `${(side * height) / width}px`;
    image.onpointermove = (event) => {
      const { row, column } = cellUnderPointer(event, image, { height, width });
      point((map * height + row) * width + column);
    };
    const caption = sums.length ? [element("figcaption", "", digits(sums[map]))] : [];
    return element("figure", "", image, ...caption);
  });
  return element("section", "sheet", element("h3", "", title), element("div", "tiles", ...tiles));
}
