// What an offline page shows of a node or tensor, as elements. Text from a model is only ever put in as text.

/** @import { PackedArray } from "../base/arrays.js" */
/** @import { ColourScales } from "../base/colour_scale.js" */

import { unpackArray } from "../base/arrays.js";
import { ColourScale } from "../base/colour_scale.js";
import { context2d, element } from "../base/dom.js";
import { digits, fillTemplate } from "../base/number_format.js";
import { TilesView } from "../lab/tiles_view.js";

/** @typedef {[label: string, text: string][]} Rows of a table, ready to be shown */

/**
 * The first sample of a tensor: (count, rows, columns) bytes. `kind`: feature maps, a matrix or a vector; `of`: how many
 * maps there are.
 * @typedef {PackedArray & { kind: "maps" | "bars", of: number, low: number, high: number }} Picture
 */

/** @typedef {{ type: string, statistics?: Rows, picture?: Picture }} TensorRecord */

/**
 * @typedef {{
 *   operation: string, domain: string, name: string, scope: string, facts: Rows, attributes: Rows,
 *   inputs: [name: string, type: string, record: string][], outputs: [name: string, type: string, record: string][],
 *   weights: { role: string, name: string, type: string, value: string | null, statistics: Rows }[],
 *   source: [path: string, line: number, name: string, code: string] | null
 * }} NodeRecord
 */

/**
 * `formula`: MathML, "" for none; always ours, never from a model.
 * @typedef {{ sentences: string[], formula: string, chapter: string | number, ours: boolean }} OperationCard
 */

/**
 * What the page holds of the graph. `generated`: its values come from a made-up input.
 * @typedef {{
 *   nodes: Record<string, NodeRecord>, tensors: Record<string, TensorRecord>, cards: Record<string, OperationCard>,
 *   inputs: string[], outputs: string[], generated: boolean, words: Record<string, string>,
 *   tile_words: Record<string, string>
 * }} GraphRecords
 */

const BARS_HEIGHT = 72; // pixels
const BARS_WIDTH = 256;
const TILE_SIDE = 66; // pixels of one map of several
const MATRIX_SIDE = 272;

export class NodePanel {
  /**
   * @param {HTMLElement} root
   * @param {GraphRecords} records
   */
  constructor(root, records) {
    this.root = root;
    this.records = records;
    this.words = records.words;
    /** @type {string | null} */
    this.id = null;
    /** @type {ColourScales} */
    this.colours = { sequential: [], diverging: [] };
  }

  /**
   * @param {string | null} id of a node, or of an input or output of the graph: in0, out0, …
   * @param {ColourScales} colours
   */
  show(id, colours) {
    this.id = id;
    this.colours = colours;
    const node = this.records.nodes[id ?? ""];
    const end = /^(in|out)(\d+)$/.exec(id ?? "");
    if (node) {
      this.root.replaceChildren(...this.node(node));
      for (const formula of this.root.querySelectorAll(".formula")) {
        // What scrolls must be reached with the keyboard, too.
        if (formula.scrollWidth > formula.clientWidth) {
          formula.setAttribute("tabindex", "0");
        }
      }
    } else if (end) {
      const isInput = end[1] === "in";
      const name = this.records[isInput ? "inputs" : "outputs"][Number(end[2])];
      this.root.replaceChildren(...this.tensor(isInput ? "input" : "output", name));
    } else {
      this.root.replaceChildren(element("p", "", this.words.hint));
    }
  }

  /**
   * @param {NodeRecord} node
   * @returns {HTMLElement[]}
   */
  node(node) {
    const { words } = this;
    const card = this.records.cards[`${node.domain}:${node.operation}`];
    /** @type {HTMLElement[]} */
    const parts = [element("h2", "", node.operation), element("p", "", node.name)];
    parts.push(...this.card(card), table(node.facts));
    for (const [name, type, record] of node.outputs) {
      parts.push(...this.tensor("output", name, record, type));
    }
    for (const [name, type, record] of node.inputs) {
      parts.push(...this.tensor("input", name, record, type));
    }
    if (node.weights.length) {
      parts.push(element("h3", "", words.weights));
    }
    for (const { role, name, type, value, statistics } of node.weights) {
      parts.push(element("h4", "", `${role} ${name}`), element("p", "", value === null ? type : `= ${value}`));
      parts.push(...tables(statistics));
    }
    if (node.attributes.length) {
      parts.push(element("h3", "", words.attributes), table(node.attributes));
    }
    if (node.source) {
      const [path, line, name, code] = node.source;
      const place = fillTemplate(words.place, { path, line, function: name });
      parts.push(element("h3", "", words.source), element("p", "", place), element("pre", "", code));
    }
    return parts;
  }

  /** @param {OperationCard | undefined} card */
  card(card) {
    if (!card) {
      return [];
    }
    const parts = card.sentences.map((sentence) => /** @type {HTMLElement} */ (element("p", "", sentence)));
    if (!card.ours) {
      parts.push(element("small", "", this.words.theirs));
    }
    if (card.formula) {
      parts.push(element("p", "formula", mathematics(card.formula)));
    }
    if (card.chapter) {
      parts.push(element("small", "", fillTemplate(this.words.chapter, { n: card.chapter })));
    }
    return parts;
  }

  /**
   * @param {"input" | "output"} kind
   * @param {string} name
   * @param {string} record the key of its record, which is its name for a tensor of the main graph
   * @param {string} type of a tensor without a record
   */
  tensor(kind, name, record = name, type = "?") {
    const { words } = this;
    const tensor = this.records.tensors[record];
    /** @type {HTMLElement[]} */
    const parts = [element("h3", "", `${words[kind]} ${name}`), element("p", "", tensor?.type ?? type)];
    const { picture } = tensor ?? {};
    if (picture) {
      const count = picture.shape[0];
      if (this.records.generated) {
        parts.push(element("small", "", words.generated));
      }
      parts.push(picture.kind === "bars" ? bars(picture, this.colours) : this.tiles(picture));
      if (picture.of > count) {
        parts.push(element("small", "", fillTemplate(words.some, { count, total: picture.of })));
      }
    }
    return [...parts, ...tables(tensor?.statistics ?? [])];
  }

  /** @param {Picture} picture */
  tiles(picture) {
    const host = element("div", "lab");
    const sheet = {
      title: "", tiles: picture, captions: [], names: [], side: picture.shape[0] > 1 ? TILE_SIDE : MATRIX_SIDE, least: 0,
      columns: 0, own: false, limits: null, signed: picture.low < 0, marks: [], paper: false, chosen: null, missing: "",
      flat: false, note: "", first: 0,
    };
    new TilesView(host).show({
      sheets: [{ ...sheet, step: [1, 1] }], pickable: false, beside: false, colours: this.colours, paper: [],
      words: this.records.tile_words, shown: "",
    });
    return host;
  }
}

/**
 * A vector as bars from zero.
 * @param {Picture} picture
 * @param {ColourScales} colours
 */
function bars(picture, colours) {
  const { low, high } = picture;
  const { values } = unpackArray(picture);
  const scale = ColourScale.of(colours, low, high);
  const canvas = element("canvas");
  const width = Math.max(2, Math.floor(BARS_WIDTH / values.length));
  Object.assign(canvas, { width: width * values.length, height: BARS_HEIGHT });
  const pen = context2d(canvas);
  const [bottom, top] = [Math.min(0, low), Math.max(0, high)];
  const heightOf = (/** @type {number} */ value) => BARS_HEIGHT - ((value - bottom) / (top - bottom || 1)) * BARS_HEIGHT;
  values.forEach((value, place) => {
    const [from, to] = [heightOf(0), heightOf(value)];
    pen.fillStyle = scale.css(value);
    pen.fillRect(place * width, Math.min(from, to), width > 3 ? width - 1 : width, Math.max(1, Math.abs(from - to)));
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${digits(low)} … ${digits(high)}`);
  return canvas;
}

/** @param {string} mathml */
function mathematics(mathml) {
  return document.importNode(new DOMParser().parseFromString(mathml, "application/xml").documentElement, true);
}

/** @param {Rows} rows */
function table(rows) {
  const lines = rows.map(([label, text]) => element("tr", "", element("th", "", label), element("td", "", text)));
  return element("table", "", element("tbody", "", ...lines));
}

/** @param {Rows} rows no table for no rows */
function tables(rows) {
  return rows.length ? [table(rows)] : [];
}
