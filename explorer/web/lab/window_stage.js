// The maps of a sliding window: those of the input with their kernels, and the output's, each with a frame that moves.

/** @import { ColourScale } from "../base/colour_scale.js" */
/** @import { WindowResult, WindowView } from "./window_arithmetic.js" */
/** @import { CellStyle } from "./window_map.js" */

import { channel } from "../base/arrays.js";
import { element } from "../base/dom.js";
import { fillTemplate } from "../base/number_format.js";
import { windowSize } from "./window_arithmetic.js";
import { dividedWidth, inputLayout, outputCell } from "./window_layout.js";
import { WindowMap, paintCells } from "./window_map.js";

/** @typedef {{ map: WindowMap, kernel: HTMLCanvasElement | null, root: HTMLElement }} InputTile */

/**
 * What the pointer does on the maps.
 * @typedef {object} StageTarget
 * @property {() => void} grab a map is pressed
 * @property {(row: number, column: number) => void} drag the output pixel is pulled to
 * @property {(row: number, column: number) => void} hover the pointer is on an output pixel
 */

export class WindowStage {
  /**
   * @param {Record<string, string>} words
   * @param {StageTarget} target
   */
  constructor(words, target) {
    this.words = words;
    this.target = target;
    this.inputs = element("div", "inputs");
    this.outputs = element("div", "outputs");
    this.root = element("div", "stage", this.inputs, this.outputs);
    /** @type {InputTile[]} one a channel */
    this.tiles = [];
    /** @type {WindowMap[]} before the activation, and after it */
    this.results = [];
    this.stride = 1;
    this.kernelSide = 1; // pixels of a cell of the small kernels
  }

  /**
   * The elements of a view of another form.
   * @param {WindowView} view
   */
  build(view) {
    const { words } = this;
    const count = view.input.shape[0];
    this.tiles = Array.from({ length: count }, (_, number) =>
      this.inputTile(count > 1 ? fillTemplate(words.channel, { n: number + 1 }) : words.input, view.kernel !== null),
    );
    this.inputs.replaceChildren(...this.tiles.map(({ root }) => root));
    const { activation } = view;
    const names = activation ? [words.before, fillTemplate(words.after, { activation })] : [words.output];
    this.results = names.map((label) => this.outputMap(label));
    this.outputs.replaceChildren(
      ...this.results.map((map, index) => element("figure", "tile", element("figcaption", "", names[index]), map.root)),
    );
  }

  /**
   * @param {string} label
   * @param {boolean} hasKernel
   * @returns {InputTile}
   */
  inputTile(label, hasKernel) {
    const map = new WindowMap("input", label);
    const pull = (/** @type {PointerEvent} */ event) => {
      const [row, column] = map.under(event).map((at, axis) => Math.round((at - (map.extent[axis] - 1) / 2) / this.stride));
      this.target.drag(row, column); // the window is held at its middle
    };
    this.listen(map, pull, (event) => event.buttons && pull(event));
    const kernel = hasKernel ? element("canvas", "kernel") : null;
    kernel?.setAttribute("role", "img");
    kernel?.setAttribute("aria-label", `${this.words.kernel}, ${label}`);
    const pair = element("div", "pair", map.root, ...(kernel ? [kernel] : []));
    return { map, kernel, root: element("figure", "tile", element("figcaption", "", label), pair) };
  }

  /** @param {string} label */
  outputMap(label) {
    const map = new WindowMap("output", label);
    this.listen(
      map,
      (event) => this.target.drag(...map.under(event)),
      (event) => (event.buttons ? this.target.drag(...map.under(event)) : this.target.hover(...map.under(event))),
    );
    return map;
  }

  /**
   * @param {WindowMap} map
   * @param {(event: PointerEvent) => void} press
   * @param {(event: PointerEvent) => void} move
   */
  listen(map, press, move) {
    map.root.onpointerdown = (event) => {
      this.target.grab();
      map.root.setPointerCapture(event.pointerId);
      press(event);
    };
    map.root.onpointermove = move;
  }

  /**
   * @param {WindowView} view
   * @param {{ input: ColourScale, output: ColourScale }} scales
   */
  paint(view, { input, output }) {
    const { padding = 0, dilation = 1, stride = 1 } = view;
    this.stride = stride;
    this.tiles.forEach(({ map }, number) => map.paint(channel(view.input, number), input, padding, windowSize(view), dilation));
    const maps = [view.output, view.activated ?? view.output];
    this.results.forEach((map, index) => map.paint(channel(maps[index], 0), output, 0, [1, 1], 1));
  }

  /**
   * Sizes for the width that there is: cells of whole pixels where they can be.
   * @param {number} width pixels
   * @param {WindowView} view
   */
  fit(width, view) {
    const { isBroad, input, output } = dividedWidth(width);
    const { cell, kernel, across } = inputLayout(input, this.tiles[0].map.cells, this.tiles.length, view.kernel !== null);
    this.inputs.style.maxWidth = isBroad ? `${input}px` : "100%";
    this.inputs.style.gridTemplateColumns = `repeat(${across}, max-content)`;
    this.tiles.forEach(({ map }) => map.fit(cell));
    this.kernelSide = Math.max(1, Math.floor(kernel / Math.max(...windowSize(view))));
    const side = outputCell(output, this.results[0].cells, this.results.length);
    this.results.forEach((map) => map.fit(side));
  }

  /**
   * The small kernels beside their maps: they change with the view only.
   * @param {WindowView} view
   * @param {ColourScale} scale
   * @param {CellStyle} style
   */
  paintKernels(view, scale, style) {
    this.tiles.forEach(({ kernel }, number) => {
      if (kernel && view.kernel) {
        const { values, width } = channel(view.kernel, number);
        paintCells(kernel, { values, columns: width, side: this.kernelSide, scale, style });
      }
    });
  }

  /**
   * @param {WindowView} view
   * @param {WindowResult} result
   * @param {[number, number]} place row and column of the output pixel
   * @param {number} chosen channel; -1 for none
   */
  move(view, result, [row, column], chosen) {
    const { stride = 1, dilation = 1 } = view;
    const [, width] = windowSize(view);
    this.tiles.forEach(({ map, root }, number) => {
      map.move(row * stride, column * stride);
      root.classList.toggle("chosen", number === chosen);
      if (result.winner >= 0) {
        map.crownAt(Math.floor(result.winner / width) * dilation, (result.winner % width) * dilation);
      }
    });
    this.results.forEach((map) => map.move(row, column));
  }
}
