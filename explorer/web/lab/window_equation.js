// The sum behind one output pixel, written out: a chip for each channel, the line of the sum, and grids of numbers.

/** @import { ColourScale } from "../base/colour_scale.js" */
/** @import { WindowResult, WindowView } from "./window_arithmetic.js" */
/** @import { CellStyle } from "./window_map.js" */

import { channel } from "../base/arrays.js";
import { actionButton, element } from "../base/dom.js";
import { digits, fillTemplate } from "../base/number_format.js";
import { windowSize } from "./window_arithmetic.js";
import { paintCells } from "./window_map.js";

const MOST_NUMBERED = 12; // cells a side: a larger window is drawn without numbers
const MOST_ADDENDS = 9; // of a mean, written out one by one
const LARGE_GRID = 220; // pixels of a grid without numbers

/** @typedef {{ input: ColourScale, kernel: ColourScale, products: ColourScale }} EquationScales */

/**
 * Everything of the sum but its result, which is written after it.
 * @param {WindowView} view
 * @param {WindowResult} result
 * @param {Record<string, string>} words
 * @param {boolean} hasChips whether the channels' sums are written before it
 */
export function sumText(view, result, words, hasChips) {
  const count = result.inside.length;
  if (view.kind === "max") {
    return `${fillTemplate(words.largest, { n: result.inside.reduce((a, b) => a + b, 0) })} = `;
  }
  if (view.kind === "average") {
    const addends = Array.from(result.patches[0], bracketed);
    return `${count <= MOST_ADDENDS ? `(${addends.join(" + ")})` : `Σ ${digits(result.sums[0])}`} / ${count} = `;
  }
  const sum = hasChips ? "" : fillTemplate(words.sum, { sum: digits(result.sums[0]) });
  const bias = fillTemplate(words.bias, { bias: bracketed(result.bias) });
  const before = `${sum} + ${bias} = `;
  return view.activation ? `${before}${digits(result.before)} → ${view.activation} → ` : before;
}

/** @param {number} value */
function bracketed(value) {
  return value < 0 ? `(${digits(value)})` : digits(value);
}

export class WindowEquation {
  /**
   * @param {Record<string, string>} words
   * @param {(channel: number) => void} choose a channel, whose products are written out
   */
  constructor(words, choose) {
    this.words = words;
    this.choose = choose;
    this.root = element("div", "equation");
    this.line = element("span", "line");
    this.result = element("b", "result");
    this.note = element("p", "note");
    /** @type {{ root: HTMLButtonElement, sum: HTMLElement }[]} */
    this.chips = [];
    /** @type {{ patch: HTMLCanvasElement, kernel: HTMLCanvasElement | null, products: HTMLCanvasElement | null }} */
    this.grids = { patch: element("canvas", "cells"), kernel: null, products: null };
    this.side = 1; // pixels of a cell
    /** @type {CellStyle} */
    this.style = { font: "", text: "", frame: "" };
  }

  /**
   * The elements for views with so many channels.
   * @param {WindowView} view
   */
  build(view) {
    const count = view.kernel ? view.input.shape[0] : 1;
    this.chips = count < 2 ? [] : Array.from({ length: count }, (_, number) => this.chip(number));
    const signs = this.chips.flatMap(({ root }, place) => (place ? [element("span", "sign", "+"), root] : [root]));
    const sum = element("p", "sum", ...signs, this.line, this.result);
    const hint = this.chips.length ? [element("p", "hint", this.words.sums)] : [];
    this.root.replaceChildren(...hint, sum, this.buildGrids(view.kernel !== null));
  }

  /** @param {number} number */
  chip(number) {
    const sum = element("b");
    const root = actionButton("chip", "", () => this.choose(number));
    root.append(element("small", "", fillTemplate(this.words.chip, { n: number + 1 })), sum);
    return { root, sum };
  }

  /** @param {boolean} hasKernel */
  buildGrids(hasKernel) {
    const { words } = this;
    const figure = (/** @type {string} */ sign, /** @type {string} */ title, /** @type {HTMLCanvasElement} */ grid) => {
      const signs = sign ? [element("span", "sign", sign)] : [];
      return element("figure", "grid", ...signs, element("div", "", element("figcaption", "", title), grid));
    };
    const patch = element("canvas", "cells");
    const kernel = hasKernel ? element("canvas", "cells") : null;
    const products = hasKernel ? element("canvas", "cells") : null;
    this.grids = { patch, kernel, products };
    const figures = [figure("", words.patch, patch)];
    if (kernel && products) {
      figures.push(figure("×", words.kernel, kernel), figure("=", words.products, products));
    }
    return element("div", "grids", ...figures, this.note);
  }

  /**
   * Cells as large as the width allows.
   * @param {number} width pixels
   * @param {number} columns of the window
   * @param {CellStyle} style
   */
  fit(width, columns, style) {
    const count = this.grids.kernel ? 3 : 1;
    const beside = Math.floor((width - 40 * count) / (count * columns));
    const alone = Math.floor((width - 34) / columns);
    const numbered = Math.min(44, beside >= 28 ? beside : alone);
    this.side = columns > MOST_NUMBERED ? Math.max(2, Math.floor(LARGE_GRID / columns)) : numbered;
    this.style = style;
  }

  /**
   * @param {WindowView} view
   * @param {WindowResult} result
   * @param {EquationScales} scales
   * @param {number} chosen channel
   */
  show(view, result, scales, chosen) {
    const { words, side, style, grids } = this;
    const [, columns] = windowSize(view);
    const outside = result.inside.map((inside) => 1 - inside);
    const losers = result.inside.map((_, place) => (place === result.winner ? 0 : 1));
    const faded = result.winner < 0 ? outside : losers;
    const shared = { columns, side, style };
    const patch = result.patches[chosen];
    paintCells(grids.patch, { ...shared, values: patch, scale: scales.input, faded, framed: result.winner });
    if (view.kernel && grids.kernel && grids.products) {
      paintCells(grids.kernel, { ...shared, values: channel(view.kernel, chosen).values, scale: scales.kernel });
      paintCells(grids.products, { ...shared, values: result.products[chosen], scale: scales.products, faded: outside });
    }
    this.chips.forEach(({ root, sum }, number) => {
      sum.textContent = digits(result.sums[number]);
      root.setAttribute("aria-pressed", String(number === chosen));
    });
    this.line.textContent = sumText(view, result, words, this.chips.length > 0);
    this.result.textContent = digits(result.after);
    const notes = [result.inside.includes(0) ? (view.kind === "max" ? words.never : words.zero) : ""];
    if (this.chips.length) {
      notes.unshift(fillTemplate(words.total, { n: chosen + 1, sum: digits(result.sums[chosen]) }));
    }
    this.note.textContent = notes.filter(Boolean).join(" ");
  }

  /** The whole sum in one line, for those who listen. */
  spoken() {
    const chips = this.chips.map(({ sum }) => sum.textContent).join(" + ");
    return `${chips}${this.line.textContent}${this.result.textContent}`;
  }
}
