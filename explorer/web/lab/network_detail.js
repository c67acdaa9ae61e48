// What stands below the network: the arithmetic of the map or the unit that was chosen in it.

/** @import { NumberArray } from "../base/arrays.js" */
/** @import { Choice, NetworkData, Stage } from "./network_view.js" */
/** @import { WindowView } from "./window_arithmetic.js" */

import { channel, unpackArray } from "../base/arrays.js";
import { element } from "../base/dom.js";
import { fillTemplate } from "../base/number_format.js";
import { DensePanel } from "./dense_panel.js";
import { WindowPanel } from "./window_panel.js";

/**
 * Channel `index` as an array of its own, without a copy.
 * @param {NumberArray} array
 * @param {number} index
 * @returns {NumberArray}
 */
function matrixOf(array, index) {
  const { height, width, values } = channel(array, index);
  return { shape: [height, width], values };
}

/**
 * The kernel (C, kh, kw) of output map `map`, of all kernels (O, C, kh, kw).
 * @param {NumberArray} kernels
 * @param {number} map
 * @returns {NumberArray}
 */
function kernelOf({ shape, values }, map) {
  const size = values.length / shape[0];
  return { shape: shape.slice(1), values: values.subarray(map * size, (map + 1) * size) };
}

/**
 * What the sliding window shows of one map of a stage; null for a stage without a window.
 * @param {Stage} stage
 * @param {Stage} before the stage that it is computed from
 * @param {number} map
 * @returns {WindowView | null}
 */
export function windowView(stage, before, map) {
  const { detail } = stage;
  if (!detail) {
    return null;
  }
  if (detail.kind !== "convolution" || !stage.kernel || !stage.bias || !stage.before) {
    const { values } = channel(before.values, map);
    const input = { shape: [1, ...before.values.shape.slice(1)], values };
    return { ...detail, bias: 0, input, kernel: null, output: matrixOf(stage.values, map), activated: null };
  }
  return {
    ...detail,
    bias: stage.bias.values[map],
    input: before.values,
    kernel: kernelOf(stage.kernel, map),
    output: matrixOf(stage.before, map),
    activated: detail.activation ? matrixOf(stage.values, map) : null,
  };
}

/**
 * [C, H, W] in which the inputs of a dense layer are drawn: as the maps that they were, else as broad as two squares.
 * @param {Stage} source the layer's input, a vector
 * @param {Stage | undefined} maps what stands before it
 */
export function inputShape(source, maps) {
  if (source.flat && maps?.kind === "maps") {
    return maps.shape;
  }
  const count = source.shape[0];
  const height = Math.max(1, Math.floor(Math.sqrt(count / 2)));
  return count % height === 0 ? [1, height, count / height] : [1, 1, count];
}

export class NetworkDetail {
  constructor() {
    this.sliding = element("div", "window-host");
    this.dense = element("div", "dense");
    this.root = element("div", "zoomed", this.sliding, this.dense);
    this.look = "";
    /** @type {(pixel: [number, number]) => void} the window rests at another pixel */
    this.onrest = () => {};
    /** @type {{ window: WindowPanel, unit: DensePanel } | null} */
    this.panels = null;
  }

  /**
   * @param {NetworkData} data
   * @param {Stage[]} stages
   * @param {Choice | null} choice
   * @param {[number, number] | null} pixel row and column to move the window to; null where it stays
   */
  show(data, stages, choice, pixel = null) {
    const stage = choice && stages[choice.stage];
    this.root.hidden = !stage;
    if (!stage) {
      return;
    }
    const { words, colours } = data;
    const look = JSON.stringify([words, colours]);
    if (!this.panels || look !== this.look) {
      this.look = look;
      this.panels?.window.play(false);
      this.panels = {
        window: new WindowPanel(this.sliding, words, colours),
        unit: new DensePanel(this.dense, words, colours),
      };
      this.panels.window.onrest = (pixel) => this.onrest(pixel);
    }
    this.sliding.hidden = Boolean(stage.dense);
    this.dense.hidden = !stage.dense;
    if (stage.dense) {
      this.showUnit(this.panels.unit, data, stages, choice);
    } else {
      const view = windowView(stage, stages[choice.stage - 1], choice.map);
      const title = fillTemplate(words.map, { layer: stage.title, n: choice.map + 1, of: stage.shape[0] });
      if (view) {
        const [rows, columns] = view.output.shape;
        const place = pixel && pixel[0] < rows && pixel[1] < columns ? pixel : null;
        this.panels.window.show({ ...view, title, place });
      }
    }
  }

  /**
   * The weights come from the server: until they are there, the last unit stays.
   * @param {DensePanel} panel
   * @param {NetworkData} data
   * @param {Stage[]} stages
   * @param {Choice} choice
   */
  showUnit(panel, { unit, words }, stages, choice) {
    const stage = stages[choice.stage];
    const source = stages[choice.stage - 1];
    if (unit?.layer !== stage.name || unit.unit !== choice.map) {
      return;
    }
    const { title: layer, names } = stage;
    panel.show({
      title: names
        ? fillTemplate(words.class, { layer, name: names[unit.unit] })
        : fillTemplate(words.unit, { layer, n: unit.unit + 1, of: stage.shape[0] }),
      shape: inputShape(source, stages[choice.stage - 2]),
      inputs: source.values.values,
      weights: unpackArray(unit.weights).values,
      bias: unit.bias,
      after: stage.values.values[unit.unit],
      activation: stage.activation,
    });
  }
}
