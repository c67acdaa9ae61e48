// Colours and widths that stand for numbers: laid over a drawing and taken off again, without a new layout; and the
// legend that explains them.

/** @import { Edge } from "./drawing.js" */

import { element, part } from "../base/dom.js";

/** @typedef {[fill: string, text: string, words: string]} NodeColours */

/** @typedef {{ title: string, colours: string[], low: string, high: string }} ScaleLegend */

export class OverlayColours {
  constructor() {
    /** @type {Set<Element>} */
    this.coloured = new Set();
  }

  /**
   * @param {Map<string, SVGElement>} nodes
   * @param {Record<string, NodeColours> | null} colours by box id; a box that is not named turns pale; null: the
   *   drawing's own colours
   */
  colourNodes(nodes, colours) {
    for (const [id, node] of nodes) {
      const entry = colours?.[id];
      node.classList.toggle("unmeasured", Boolean(colours) && !entry);
      if (entry) {
        colourNode(node, ...entry);
        this.coloured.add(node);
      } else if (this.coloured.delete(node)) {
        colourNode(node, "", "", "");
      }
    }
  }
}

/**
 * @param {Edge[]} edges
 * @param {Record<string, number> | null} widths pixels by the edge's place in the view; null: the drawing's own
 */
export function widenEdges(edges, widths) {
  for (const edge of edges) {
    const width = widths?.[edge.element.id.replace(/^edge-/, "")];
    for (const line of edge.element.querySelectorAll("path")) {
      line.style.strokeWidth = width ? `${width}` : "";
    }
  }
}

/**
 * @param {HTMLElement} list
 * @param {[title: string, colour: string][]} entries
 */
export function showLegend(list, entries) {
  list.replaceChildren(
    ...entries.map(([title, colour]) => {
      const swatch = element("span", "swatch");
      swatch.style.backgroundColor = colour;
      return element("li", "", swatch, title);
    }),
  );
}

/**
 * @param {HTMLElement} root
 * @param {ScaleLegend | null} scale
 */
export function showScale(root, scale) {
  root.hidden = !scale;
  if (scale) {
    part(root, ".title", HTMLElement).textContent = scale.title;
    part(root, ".bar", HTMLElement).style.background = `linear-gradient(to right, ${scale.colours.join(", ")})`;
    part(root, ".low", HTMLElement).textContent = scale.low;
    part(root, ".high", HTMLElement).textContent = scale.high;
  }
}

/**
 * @param {SVGElement} node
 * @param {string} fill "" for its own, as for the others
 * @param {string} text
 * @param {string} words
 */
function colourNode(node, fill, text, words) {
  for (const shape of node.querySelectorAll("path")) {
    if (!shape.classList.contains("outline")) {
      shape.style.fill = fill;
      shape.style.fillOpacity = fill ? "1" : "";
    }
  }
  for (const line of node.querySelectorAll("text")) {
    line.style.fill = text;
  }
  const title = node.querySelector("title");
  if (title) {
    title.dataset.own ??= title.textContent ?? "";
    title.textContent = words ? `${title.dataset.own}\n${words}` : title.dataset.own;
  }
}
