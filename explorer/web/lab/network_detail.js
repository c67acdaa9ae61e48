// What stands below the network: the arithmetic of the map or the unit that was chosen in it.

import { channel, unpacked } from "../base/arrays.js";
import { element, filled } from "../base/dom.js";
import { DensePanel } from "./dense_panel.js";
import { NetworkView } from "./network_view.js";
import { WindowPanel } from "./window_panel.js";

Object.assign(NetworkView.prototype, {
  zoom() {
    const stage = this.picked && this.stages[this.picked.stage];
    this.zoomed.hidden = !stage;
    if (!stage) {
      return;
    }
    if (!this.panels) {
      const sliding = element("div", "window-host");
      const dense = element("div", "dense");
      this.zoomed.replaceChildren(sliding, dense);
      const { words, colours } = this.data;
      this.panels = { sliding, dense, window: new WindowPanel(sliding, words, colours), unit: new DensePanel(dense, words, colours) };
    }
    this.panels.sliding.hidden = Boolean(stage.dense);
    this.panels.dense.hidden = !stage.dense;
    if (stage.dense) {
      this.unit(stage);
    } else {
      this.window(stage);
    }
  },

  // The weights come from the server: until they are there, the last unit stays.
  unit(stage) {
    const { unit, words } = this.data;
    if (unit?.layer !== stage.name || unit.unit !== this.picked.map) {
      return;
    }
    const source = this.stages[this.picked.stage - 1];
    const maps = this.stages[this.picked.stage - 2];
    const count = source.shape[0];
    const height = Math.max(1, Math.floor(Math.sqrt(count / 2)));
    const square = count % height === 0 ? [1, height, count / height] : [1, 1, count];
    const after = stage.values.values[unit.unit];
    this.panels.unit.show({
      title: filled(words.unit, { layer: stage.title, n: unit.unit + (stage.kind === "outputs" ? 0 : 1), of: stage.shape[0] }),
      shape: source.flat && maps?.kind === "maps" ? maps.shape : square,
      inputs: source.values.values,
      weights: unpacked(unit.weights).values,
      bias: unit.bias,
      after,
      activation: stage.activation,
    });
  },

  window(stage) {
    const before = this.stages[this.picked.stage - 1];
    const { map } = this.picked;
    const { detail } = stage;
    const convolution = detail.kind === "convolution";
    const one = (array, place) => {
      const found = channel(array, place);
      return { shape: [found.height, found.width], values: found.values };
    };
    const whole = before.values;
    const source = convolution
      ? whole
      : { shape: [1, ...whole.shape.slice(1)], values: channel(whole, map).values };
    const kernel = convolution && {
      shape: stage.kernel.shape.slice(1),
      values: stage.kernel.values.subarray(
        map * (stage.kernel.values.length / stage.kernel.shape[0]),
        (map + 1) * (stage.kernel.values.length / stage.kernel.shape[0]),
      ),
    };
    this.panels.window.show({
      kind: detail.kind,
      title: filled(this.data.words.map, { layer: stage.title, n: map + 1, of: stage.shape[0] }),
      input: source,
      kernel: kernel || null,
      bias: convolution ? stage.bias.values[map] : 0,
      output: one(convolution ? stage.before : stage.values, map),
      activated: convolution && detail.activation ? one(stage.values, map) : null,
      activation: detail.activation,
      stride: detail.stride,
      padding: detail.padding,
      dilation: detail.dilation,
      size: detail.size,
    });
  },
});
