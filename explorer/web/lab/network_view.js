// The whole network as the book draws it: every volume as thick as it has maps, every map the live one of the sample.
// A click on a map opens below how its pixels came about. Nothing is asked of the server for that.

/** @import { NumberArray, PackedArray } from "../base/arrays.js" */
/** @import { ColourScales } from "../base/colour_scale.js" */
/** @import { WindowSettings } from "./window_arithmetic.js" */
/** @import { ScaleChoice } from "./network_volumes.js" */

import { finiteRange, unpackArray } from "../base/arrays.js";
import { ColourScale, paintImage, paintedCells, scaleBar } from "../base/colour_scale.js";
import { SVG_NAMESPACE, actionButton, cellUnderPointer, element, placeTip } from "../base/dom.js";
import { digits, fillTemplate } from "../base/number_format.js";
import { NetworkDetail } from "./network_detail.js";
import { networkScale, unflattened } from "./network_layout.js";
import { Volume } from "./network_volumes.js";
import { Reports } from "../base/reports.js";

/**
 * What a stage is, without its numbers. `input`: it is the network's input; `flat`: it is the stage before as a vector;
 * `detail`: the window that it slides; `dense`: each of its units has a weight for every input; `names`: of the outputs.
 * @typedef {{
 *   name: string, title: string, kind: "maps" | "vector" | "outputs", shape: number[], input: boolean, flat: boolean,
 *   activation: string, detail?: WindowSettings, dense?: boolean, names?: string[]
 * }} StageForm
 */

/** @typedef {"values" | "before" | "kernel" | "bias"} StageArray `before`: the values before the activation */

/** @typedef {StageForm & { values: PackedArray } & Partial<Record<StageArray, PackedArray>>} PackedStage */

/** @typedef {StageForm & { values: NumberArray } & Record<Exclude<StageArray, "values">, NumberArray | null>} Stage */

/**
 * `chosen`: the map or unit, counted from 1, and the scale that the page has; `unit`: the weights of the chosen unit of a
 * dense layer; `truth`: place of the true class; `shown`: names what is drawn.
 * @typedef {{
 *   stages: PackedStage[], chosen: ChosenMap, truth: number | null, shown: string, colours: ColourScales, words: Record<string, string>,
 *   unit: { layer: string, unit: number, weights: PackedArray, bias: number } | null
 * }} NetworkData
 */

/**
 * @typedef {{ stage: number, map: number }} Choice
 *
 * `layer`: "" for the first that opens; `pixel`: row and column of its window, null where nobody has moved it.
 * @typedef {{ layer: string, number: number, scale: ScaleChoice, pixel: [number, number] | null }} ChosenMap
 */

/** @type {ScaleChoice[]} */
const SCALES = ["map", "layer", "network"];
const ROW_PADDING = 8; // pixels, left and right together, of `.network` in network_view.css

export class NetworkView {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {(chosen: ChosenMap) => void} a person has chosen a map, a unit or a scale */
    this.onchoose = () => {};
    this.reports = new Reports();
    /** @type {NetworkData | null} */
    this.data = null;
    /** @type {Stage[]} */
    this.stages = [];
    /** @type {Volume[]} */
    this.volumes = [];
    /** @type {Choice | null} */
    this.picked = null;
    /** @type {ScaleChoice} */
    this.scale = "layer";
    this.structure = "";
    this.wires = document.createElementNS(SVG_NAMESPACE, "svg");
    this.wires.setAttribute("class", "wires");
    this.wires.setAttribute("aria-hidden", "true");
    this.row = element("div", "network", /** @type {Node} */ (this.wires));
    this.tools = element("div", "tools");
    this.bar = scaleBar();
    this.ends = element("span", "ends");
    this.tip = element("div", "tip");
    this.tip.hidden = true;
    this.detail = new NetworkDetail();
    /** @type {[number, number] | null} the pixel whose window a person has moved to */
    this.pixel = null;
    this.detail.onrest = (pixel) => this.report(pixel);
    host.replaceChildren(this.tools, this.row, this.detail.root, this.tip);
    new ResizeObserver(() => this.fit()).observe(host);
  }

  /** @param {NetworkData} data */
  show(data) {
    this.data = data;
    this.stages = data.stages.map((stage) => ({
      ...stage,
      values: unpackArray(stage.values),
      before: stage.before ? unpackArray(stage.before) : null,
      kernel: stage.kernel ? unpackArray(stage.kernel) : null,
      bias: stage.bias ? unpackArray(stage.bias) : null,
    }));
    const forms = data.stages.map(({ name, title, shape }) => [name, title, shape]);
    const structure = JSON.stringify([data.words, data.colours, forms]);
    if (structure !== this.structure) {
      this.structure = structure;
      this.build(data);
    }
    this.volumes.forEach((volume, index) => {
      volume.stage = this.stages[index];
    });
    const pixel = this.receive(data.chosen) ? this.pixel : null;
    this.paint(data);
    this.mark();
    this.detail.show(data, this.stages, this.picked, pixel);
    this.host.dataset.shown = data.shown;
  }

  /** @param {NetworkData} data */
  build({ words }) {
    const choices = SCALES.map((scale) => {
      const button = actionButton("choice", words[`scale_${scale}`], () => {
        this.scale = scale;
        if (this.data) {
          this.paint(this.data);
        }
        this.mark();
        this.report();
      });
      button.dataset.scale = scale;
      return button;
    });
    this.tools.replaceChildren(element("span", "label", words.scale), ...choices, this.bar, this.ends);
    this.volumes = this.stages.map(
      (stage, index) =>
        new Volume(stage, index, words, {
          pick: (volume, map) => this.pick(volume.index, map),
          point: (volume, map, event) => this.explain(volume, map, event),
          enter: (volume, map) => this.connect(volume, map),
          leave: () => this.leave(),
        }),
    );
    this.row.replaceChildren(this.wires, ...this.volumes.map(({ root }) => root));
    const chosen = this.picked && this.stages[this.picked.stage];
    if (!this.picked || !(chosen?.detail || chosen?.dense) || this.picked.map >= chosen.shape[0]) {
      const first = this.stages.findIndex(({ detail }) => detail);
      this.picked = first < 0 ? null : { stage: first, map: 0 };
    }
    this.fit();
  }

  /** Sizes follow the width that there is. */
  fit() {
    const width = this.host.clientWidth;
    if (width && this.stages.length) {
      const { isNarrow, unit } = networkScale(this.stages, width);
      this.row.classList.toggle("narrow", isNarrow);
      this.volumes.forEach((volume) => volume.fit(unit, isNarrow ? width - ROW_PADDING : null));
    }
  }

  // ---- colours

  /** @param {NetworkData} data */
  paint({ colours, words, truth }) {
    const inner = this.stages.filter(({ kind, input }) => kind === "maps" && !input);
    const network = finiteRange(inner.flatMap(({ values }) => finiteRange(values.values)));
    for (const volume of this.volumes) {
      if (volume.stage.kind === "outputs") {
        volume.showOutputs(truth, words.truth);
      } else {
        volume.paint(colours, this.scale, network);
      }
    }
    const isSigned = this.stages.some(({ kind, values }) => kind === "maps" && finiteRange(values.values)[0] < 0);
    const most = this.scale === "network" ? Math.max(Math.abs(network[0]), network[1]) : 1;
    const scale = ColourScale.of(colours, isSigned ? -most : 0, most);
    paintImage(this.bar, scale.bar(), scale);
    this.ends.textContent = this.scale === "network" ? `${digits(scale.low)} … ${digits(scale.high)}` : words.ends;
    for (const button of this.tools.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.scale === this.scale));
    }
  }

  // ---- pointing

  /**
   * Writes beside the pointer which number it is on.
   * @param {Volume} volume
   * @param {number} map
   * @param {PointerEvent} event
   */
  explain(volume, map, event) {
    const image = volume.maps[map];
    const words = this.data?.words ?? {};
    const cells = paintedCells(image);
    const { row, column } = cellUnderPointer(event, image, cells);
    const { stage } = volume;
    const value = stage.values.values[(map * cells.height + row) * cells.width + column];
    const isVector = stage.kind === "vector";
    const where = isVector ? this.origin(volume, row) : fillTemplate(words.pixel, { row: row + 1, column: column + 1 });
    const name = isVector ? stage.title : `${stage.title} ${map + 1}`;
    const dead = image.classList.contains("dead") ? words.dead : "";
    const opens = image.classList.contains("opens") ? words.unit_opens : "";
    this.tip.textContent = [name, where, digits(value), dead, opens].filter(Boolean).join(" · ");
    this.tip.hidden = false;
    placeTip(this.tip, this.host, event);
  }

  /**
   * Where an element of a vector was before it was flattened.
   * @param {Volume} volume
   * @param {number} place
   */
  origin(volume, place) {
    const before = this.stages[volume.index - 1];
    if (volume.stage.flat && before?.kind === "maps") {
      const { map, row, column } = unflattened(place, before.shape);
      const where = fillTemplate(this.data?.words.pixel ?? "", { row: row + 1, column: column + 1 });
      return `${place + 1}: ${before.title} ${map + 1}, ${where}`;
    }
    return String(place + 1);
  }

  /**
   * Draws lines from the maps that a map is computed from.
   * @param {Volume} volume
   * @param {number} map
   */
  connect(volume, map) {
    const before = this.volumes[volume.index - 1];
    const { detail } = volume.stage;
    if (!before || !detail) {
      return;
    }
    const home = this.row.getBoundingClientRect();
    this.wires.style.width = `${this.row.scrollWidth}px`;
    const to = volume.maps[map].getBoundingClientRect();
    const sources = detail.kind === "convolution" ? before.maps : [before.maps[map]];
    const left = home.left - this.row.scrollLeft;
    this.wires.replaceChildren(
      ...sources.map((source) => {
        const from = source.getBoundingClientRect();
        const line = document.createElementNS(SVG_NAMESPACE, "line");
        line.setAttribute("x1", String(from.right - left));
        line.setAttribute("y1", String(from.bottom - from.height * 0.2 - home.top));
        line.setAttribute("x2", String(to.left - left));
        line.setAttribute("y2", String(to.top + to.height * 0.5 - home.top));
        return line;
      }),
    );
  }

  leave() {
    this.tip.hidden = true;
    this.wires.replaceChildren();
  }

  // ---- choosing

  /**
   * @param {number} stage
   * @param {number} map or a unit of a dense layer
   */
  pick(stage, map) {
    this.picked = { stage, map };
    this.mark();
    this.report();
    if (this.data) {
      this.detail.show(this.data, this.stages, this.picked);
    }
  }

  report(pixel = this.pixel) {
    this.pixel = pixel;
    const { picked, scale } = this;
    const number = (picked?.map ?? 0) + 1;
    const chosen = { layer: picked ? this.stages[picked.stage].name : "", number, scale, pixel };
    this.reports.add(chosen);
    this.onchoose(chosen);
  }

  /**
   * Takes what the page says is chosen, unless it answers a report: a person may have gone on since.
   * @param {ChosenMap} chosen
   * @returns {boolean} whether it comes from elsewhere, as from an address
   */
  receive(chosen) {
    if (!this.reports.isNew(chosen)) {
      return false;
    }
    ({ scale: this.scale, pixel: this.pixel } = chosen);
    const stage = this.stages.findIndex(({ name, detail, dense }) => name === chosen.layer && (detail || dense));
    if (stage >= 0 && chosen.number <= this.stages[stage].shape[0]) {
      this.picked = { stage, map: chosen.number - 1 };
    }
    return true;
  }

  mark() {
    for (const volume of this.volumes) {
      volume.mark(this.picked?.stage === volume.index ? this.picked.map : null);
    }
  }
}
