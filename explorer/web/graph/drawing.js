// The drawing of a graph as the page holds it: its nodes, frames and edges, and what each of them does.

/** @import { Box, Size } from "./geometry.js" */

import { SVG_NAMESPACE } from "../base/dom.js";
import { nearestInDirection, parsedBox } from "./geometry.js";
import { Links } from "./links.js";
import { safeSvg } from "./safe_svg.js";

/**
 * What a click does: `opens` and `folds` name boxes and frames, `inside` the frame to fold around each box, `jumps` the
 * boxes to which a stub leads.
 * @typedef {{
 *   opens: string[], folds: string[], inside: Record<string, string>, jumps: Record<string, string[]>
 * }} DrawingActions
 */

/** @typedef {{ element: Element, source: string, target: string }} Edge */

export class Drawing {
  constructor() {
    /** The SVG's text; "" before the first. */
    this.text = "";
    /** @type {Element | null} */
    this.svg = null;
    /** @type {Map<string, SVGElement>} */
    this.nodes = new Map();
    /** @type {Map<string, SVGElement>} */
    this.frames = new Map();
    /** @type {Edge[]} */
    this.edges = [];
    this.links = new Links([], {});
    /** @type {Set<string>} boxes that open */
    this.opens = new Set();
    /** @type {Set<string>} frames that fold */
    this.folds = new Set();
    /** @type {Record<string, string>} */
    this.inside = {};
    /** @type {Record<string, string[]>} */
    this.jumps = {};
    /** @type {Map<string, Box>} */
    this.boxes = new Map();
  }

  /** @param {DrawingActions} actions */
  setActions({ opens, folds, inside, jumps }) {
    this.opens = new Set(opens);
    this.folds = new Set(folds);
    this.inside = inside;
    this.jumps = jumps;
  }

  /**
   * Takes a new SVG, of which only shapes and text are kept. The result is what pans and zooms, and the drawing's size;
   * null where it is no SVG, and then all stays as it is.
   * @param {string} text
   * @returns {{ svg: Element, content: SVGGElement, size: Size } | null}
   */
  read(text) {
    const svg = safeSvg(text);
    if (svg === null) {
      return null;
    }
    const [, , width, height] = (svg.getAttribute("viewBox") || "0 0 1 1").split(/\s+/).map(Number);
    svg.removeAttribute("viewBox");
    svg.setAttribute("width", "100%");
    svg.setAttribute("height", "100%");
    const content = /** @type {SVGGElement} */ (document.createElementNS(SVG_NAMESPACE, "g"));
    content.append(...svg.childNodes);
    svg.appendChild(content);
    this.text = text;
    this.svg = svg;
    this.index(content);
    return { svg, content, size: { width, height } };
  }

  /** @param {SVGGElement} content */
  index(content) {
    this.boxes = new Map();
    this.nodes = new Map();
    for (const element of groups(content, "g.node")) {
      const id = element.id.replace(/^node-/, "");
      element.setAttribute("tabindex", "-1");
      element.classList.toggle("opens", this.opens.has(id));
      this.nodes.set(id, element);
    }
    this.frames = new Map();
    for (const element of groups(content, "g.frame")) {
      const id = element.id.replace(/^frame-/, "");
      if (this.folds.has(id)) {
        element.classList.add("folds");
        element.setAttribute("role", "button");
        element.setAttribute("aria-expanded", "true");
      }
      this.frames.set(id, element);
    }
    this.edges = [...groups(content, "g.edge")].map((element) => ({
      element,
      source: element.dataset.source ?? "",
      target: element.dataset.target ?? "",
    }));
    this.links = new Links(this.edges, this.jumps);
  }

  /**
   * The element of a node or frame.
   * @param {string} id
   */
  element(id) {
    return this.nodes.get(id) ?? this.frames.get(id);
  }

  /**
   * The place of a node or frame; null where there is none.
   * @param {string | undefined} id
   * @returns {Box | null}
   */
  box(id) {
    const element = id === undefined ? undefined : this.element(id);
    if (id === undefined || !element) {
      return null;
    }
    const box = this.boxes.get(id) ?? parsedBox(element.dataset.box ?? null);
    this.boxes.set(id, box);
    return box;
  }

  /**
   * Nodes with their places.
   * @param {Iterable<string>} ids those that are no node are left out
   * @returns {Generator<[string, Box]>}
   */
  *nodeBoxes(ids = this.nodes.keys()) {
    for (const id of ids) {
      const box = this.nodes.has(id) ? this.box(id) : null;
      if (box) {
        yield [id, box];
      }
    }
  }

  /**
   * Where the graph begins: its first input, else what is highest (or leftmost).
   * @param {boolean} down whether it runs down
   * @returns {Box | null}
   */
  start(down) {
    const input = this.nodes.has("in0") ? this.box("in0") : null;
    const boxes = input ? [input] : [...this.nodeBoxes()].map(([, box]) => box);
    return boxes.length
      ? boxes.reduce((best, box) => ((down ? best.y <= box.y : best.x <= box.x) ? best : box))
      : null;
  }

  /**
   * The node next to `id` in a direction: among its neighbours first, then among all; null where there is none.
   * @param {string} id
   * @param {number} dx
   * @param {number} dy
   */
  neighbour(id, dx, dy) {
    const from = this.box(id);
    if (!from) {
      return null;
    }
    const linked = this.nodeBoxes(this.links.neighbours(id));
    return nearestInDirection(from, linked, dx, dy, 6) ?? nearestInDirection(from, this.nodeBoxes(), dx, dy, 2);
  }

  /**
   * What an element of the drawing that was pointed at belongs to: a node, or a frame whose name it is and that folds.
   * @param {EventTarget | null} target
   * @returns {{ id: string, node: SVGElement | null } | null}
   */
  hit(target) {
    const element = target instanceof Element ? target : null;
    const node = /** @type {SVGElement | null} */ (element?.closest("g.node") ?? null);
    if (node) {
      return { id: node.id.replace(/^node-/, ""), node };
    }
    const frame = element?.localName === "text" ? element.closest("g.frame.folds") : null;
    return frame && { id: frame.id.replace(/^frame-/, ""), node: null };
  }
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {NodeListOf<SVGElement>}
 */
function groups(root, selector) {
  return root.querySelectorAll(selector);
}
