// The arithmetic of a window that slides over maps: convolution and pooling at one output pixel. Nothing is drawn here.

/** @import { NumberArray } from "../base/arrays.js" */

import { channel } from "../base/arrays.js";

/**
 * What happens under the window. `size`: of pooling's window, in pixels; a convolution has its kernel's. `activation`:
 * torch's name of the module, "" for none.
 * @typedef {{
 *   kind: "convolution" | "max" | "average", bias?: number, activation?: string,
 *   stride?: number, padding?: number, dilation?: number, size: number
 * }} WindowSettings
 */

/**
 * One output map and what it was made of. `input`: (C, H, W), for pooling (1, H, W); `kernel`: (C, kh, kw); `output`:
 * (H2, W2) before the activation; `activated`: after it.
 * @typedef {WindowSettings & {
 *   title?: string, place?: [number, number] | null,
 *   input: NumberArray, output: NumberArray, kernel: NumberArray | null, activated: NumberArray | null
 * }} WindowView
 */

/**
 * What lies under the window, and all that is computed of it. `patches`, `products`: kh · kw numbers for each channel;
 * `sums`: one number for each channel; `inside`: 0 where the window lies on the padding; `winner`: place of the largest
 * value in the patch, -1 where nothing is chosen; `before`, `after`: the activation.
 * @typedef {{
 *   patches: Float32Array[], products: Float64Array[], sums: number[], bias: number, inside: Uint8Array, winner: number,
 *   before: number, after: number
 * }} WindowResult
 */

/**
 * Rows and columns of the window, gaps of a dilated one not counted.
 * @param {WindowView} view
 * @returns {[number, number]}
 */
export function windowSize(view) {
  const [height, width] = view.kernel ? view.kernel.shape.slice(-2) : [view.size, view.size];
  return [height, width];
}

/**
 * Where the window lies in a map of `rows` × `columns`: the place of each of its cells, and whether it is inside.
 * @param {[number, number]} size rows and columns of the window
 * @param {number[]} map rows and columns
 * @param {{ stride?: number, padding?: number, dilation?: number }} settings
 * @param {number} row of the output pixel
 * @param {number} column
 */
export function windowPlaces([height, width], [rows, columns], { stride = 1, padding = 0, dilation = 1 }, row, column) {
  const inside = new Uint8Array(height * width);
  const places = new Int32Array(height * width);
  for (let cell = 0; cell < places.length; cell += 1) {
    const y = row * stride - padding + Math.floor(cell / width) * dilation;
    const x = column * stride - padding + (cell % width) * dilation;
    inside[cell] = y >= 0 && y < rows && x >= 0 && x < columns ? 1 : 0;
    places[cell] = y * columns + x;
  }
  return { inside, places };
}

/**
 * The arithmetic of the output pixel (row, column).
 * @param {WindowView} view
 * @param {number} row
 * @param {number} column
 * @returns {WindowResult}
 */
export function computePixel(view, row, column) {
  const size = windowSize(view);
  const [channels, ...map] = view.input.shape;
  const { inside, places } = windowPlaces(size, map, view, row, column);
  const outside = view.kind === "max" ? -Infinity : 0;
  const patches = [];
  const products = [];
  const sums = [];
  for (let number = 0; number < channels; number += 1) {
    const { values } = channel(view.input, number);
    const patch = Float32Array.from(places, (place, cell) => (inside[cell] ? values[place] : outside));
    const weights = view.kernel ? channel(view.kernel, number).values : null;
    const product = Float64Array.from(patch, (value, cell) => (weights ? value * weights[cell] : value));
    patches.push(patch);
    products.push(product);
    sums.push(view.kind === "max" ? product[largestPlace(patch, inside)] : total(product));
  }
  const bias = view.kernel ? view.bias || 0 : 0;
  const winner = view.kind === "max" ? largestPlace(patches[0], inside) : -1;
  const before =
    view.kind === "max" ? sums[0] : view.kind === "average" ? sums[0] / (size[0] * size[1]) : total(sums) + bias;
  const after = view.activated ? view.activated.values[row * view.output.shape[1] + column] : before;
  return { patches, products, sums, bias, inside, winner, before, after };
}

/**
 * Where an array is farthest from zero: {row, column} of (H, W).
 * @param {NumberArray} array
 * @returns {[number, number]}
 */
export function strongestPlace({ values, shape }) {
  const place = values.reduce((best, value, at) => (Math.abs(value) > Math.abs(values[best]) ? at : best), 0);
  return [Math.floor(place / shape[1]), place % shape[1]];
}

/** @param {number[] | Float64Array} values */
function total(values) {
  let sum = 0;
  for (const value of values) {
    sum += value;
  }
  return sum;
}

/**
 * The first of the largest, as torch has it; a NaN wins over everything.
 * @param {Float32Array} values
 * @param {Uint8Array} inside
 */
function largestPlace(values, inside) {
  let best = -1;
  values.forEach((value, place) => {
    if (inside[place] && (best < 0 || value > values[best] || Number.isNaN(value))) {
      best = place;
    }
  });
  return best;
}
