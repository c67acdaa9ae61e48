// The volumes of a network on the page: feature maps one behind the other, a vector as a strip, outputs as bars.

/** @import { ColourScales } from "../base/colour_scale.js" */
/** @import { Stage } from "./network_view.js" */

import { channel, finiteRange } from "../base/arrays.js";
import { ColourScale, paintImage, pixelImage } from "../base/colour_scale.js";
import { element } from "../base/dom.js";
import { fillTemplate } from "../base/number_format.js";
import { mapGrid, mapPile, stripSize, volumeWidth } from "./network_layout.js";

/** @typedef {{ row: HTMLElement, bar: HTMLElement, value: HTMLElement }} OutputBar */

/**
 * What a person does with a volume; `map` is the place of a map, or of a unit of a dense layer.
 * @typedef {object} VolumeTarget
 * @property {(volume: Volume, map: number) => void} pick
 * @property {(volume: Volume, map: number, event: PointerEvent) => void} point
 * @property {(volume: Volume, map: number) => void} enter
 * @property {() => void} leave
 */

/** What the colours of a map span: its own values, its layer's, or the whole network's. */
/** @typedef {"map" | "layer" | "network"} ScaleChoice */

export class Volume {
  /**
   * @param {Stage} stage
   * @param {number} index of the stage
   * @param {Record<string, string>} words
   * @param {VolumeTarget} target
   */
  constructor(stage, index, words, target) {
    this.stage = stage;
    this.index = index;
    this.target = target;
    this.body = element("div", `body ${stage.kind}`);
    const shape = element("span", "", stage.shape.join("×"));
    this.root = element("figure", "volume", this.body, element("figcaption", "", element("b", "", stage.title), shape));
    /** @type {HTMLImageElement[]} of maps one each, of a vector a single one */
    this.maps = [];
    /** @type {OutputBar[]} */
    this.bars = [];
    if (stage.kind === "outputs") {
      this.bars = (stage.names ?? []).map((name, unit) => this.outputBar(name, unit));
      this.body.append(...this.bars.map(({ row }) => row));
    } else {
      const count = stage.kind === "maps" ? stage.shape[0] : 1;
      this.maps = Array.from({ length: count }, (_, map) => (stage.kind === "maps" ? this.map(map, words) : this.strip()));
      this.body.append(...this.maps);
    }
  }

  /**
   * @param {number} map
   * @param {Record<string, string>} words
   */
  map(map, words) {
    const { stage, target } = this;
    const image = pixelImage("map");
    const name = fillTemplate(words.map, { layer: stage.title, n: map + 1, of: stage.shape[0] });
    image.setAttribute("aria-label", stage.detail ? `${name}. ${words.opens}` : name);
    image.setAttribute("role", stage.detail ? "button" : "img");
    if (stage.detail) {
      image.tabIndex = map === 0 ? 0 : -1;
      image.onclick = () => target.pick(this, map);
      image.onkeydown = (event) => this.press(event, map);
    }
    image.onpointermove = (event) => target.point(this, map, event);
    image.onpointerenter = () => target.enter(this, map);
    image.onpointerleave = () => target.leave();
    return image;
  }

  strip() {
    const { stage, target } = this;
    const image = pixelImage("strip");
    image.setAttribute("role", "img");
    image.setAttribute("aria-label", `${stage.title}, ${stage.shape.join("×")}`);
    image.onpointermove = (event) => target.point(this, 0, event);
    image.onpointerleave = () => target.leave();
    if (stage.dense) {
      image.classList.add("opens");
      image.onclick = (event) => {
        const box = image.getBoundingClientRect();
        const unit = Math.floor(((event.clientY - box.top) / box.height) * stage.shape[0]);
        target.pick(this, Math.max(0, Math.min(stage.shape[0] - 1, unit)));
      };
    }
    return image;
  }

  /**
   * @param {string} name
   * @param {number} unit
   * @returns {OutputBar}
   */
  outputBar(name, unit) {
    const bar = element("span", "bar");
    const value = element("span", "value");
    const row = element("div", "output", element("span", "name", name), element("span", "track", bar), value);
    if (this.stage.dense) {
      row.classList.add("opens");
      row.tabIndex = 0;
      row.setAttribute("role", "button");
      row.onclick = () => this.target.pick(this, unit);
      row.onkeydown = (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          this.target.pick(this, unit);
        }
      };
    }
    return { row, bar, value };
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} map
   */
  press(event, map) {
    /** @type {Record<string, number>} */
    const moves = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    if (event.key === "Enter" || event.key === " ") {
      this.target.pick(this, map);
    } else if (event.key in moves) {
      this.maps[map + moves[event.key]]?.focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  /**
   * @param {number} unit as `networkScale` gives it
   * @param {number | null} width pixels of a narrow page, on which maps stand beside each other; null for a wide one
   */
  fit(unit, width) {
    const { stage, body, maps } = this;
    body.style[stage.kind === "outputs" ? "minWidth" : "width"] = `${volumeWidth(stage, unit)}px`;
    if (stage.kind === "maps") {
      const { side, places } = width === null ? mapPile(stage, unit) : mapGrid(stage, unit, width);
      body.style.width = `${Math.max(...places.map(({ left }) => left)) + side}px`;
      body.style.height = `${Math.max(...places.map(({ top }) => top)) + side}px`;
      maps.forEach((image, place) => {
        image.style.width = `${side}px`;
        image.style.height = `${(side * stage.shape[1]) / stage.shape[2]}px`;
        image.style.left = `${places[place].left}px`;
        image.style.top = `${places[place].top}px`;
      });
    } else if (stage.kind === "vector") {
      const { width, height } = stripSize(stage, unit);
      Object.assign(maps[0].style, { width: `${width}px`, height: `${height}px` });
    }
  }

  /**
   * @param {ColourScales} colours
   * @param {ScaleChoice} choice
   * @param {[number, number]} network range of all maps of the network
   */
  paint(colours, choice, network) {
    const { stage } = this;
    const layer = finiteRange(stage.values.values);
    this.maps.forEach((image, place) => {
      const { values } = stage.values;
      const picture = stage.kind === "vector" ? { height: values.length, width: 1, values } : channel(stage.values, place);
      const own = finiteRange(picture.values);
      const [low, high] = choice === "map" ? own : choice === "network" && !stage.input ? network : layer;
      const isDead = stage.kind === "maps" && own[0] === 0 && own[1] === 0;
      // A dead map is left empty, so that the cross behind it is seen.
      const shown = isDead ? { ...picture, values: new Float32Array(picture.values.length).fill(NaN) } : picture;
      paintImage(image, shown, ColourScale.of(colours, Math.min(0, low), high || 1));
      image.classList.toggle("dead", isDead);
    });
  }

  /**
   * The probabilities as bars.
   * @param {number | null} truth place of the true class
   * @param {string} truthWords
   */
  showOutputs(truth, truthWords) {
    const { values } = this.stage.values;
    const best = values.indexOf(Math.max(...values));
    this.bars.forEach(({ row, bar, value }, place) => {
      const share = values[place];
      bar.style.width = `${share * 100}%`;
      value.textContent = share >= 0.0005 ? `${(share * 100).toFixed(1)} %` : "0 %";
      row.classList.toggle("said", place === best);
      row.classList.toggle("truth", place === truth);
      row.title = place === truth ? truthWords : "";
    });
  }

  /** @param {number | null} picked place of the chosen map or unit; null where another volume's is chosen */
  mark(picked) {
    const { maps, bars, stage } = this;
    maps.forEach((image, map) => {
      const isPicked = picked !== null && (stage.kind === "vector" || picked === map);
      image.classList.toggle("picked", isPicked);
      image.style.zIndex = isPicked ? String(maps.length + 1) : "";
    });
    bars.forEach(({ row }, unit) => row.classList.toggle("picked", picked === unit));
  }
}
