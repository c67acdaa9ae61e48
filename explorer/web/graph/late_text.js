// The text of a large drawing. Laying it out takes the browser most of its time: what is out of sight comes after the
// first picture, a few groups at a time, or all at once where the placement changes. Until then, CSS hides it.

/** @import { Drawing } from "./drawing.js" */
/** @import { Viewport } from "./viewport.js" */

import { afterPaint } from "../base/dom.js";
import { parsedBox } from "./geometry.js";

const LARGE = 150; // nodes of a drawing that is large
const BATCH = 40; // nodes, frames and edges whose text comes together
const NEAR = 250; // pixels around the stage where text counts as seen: a card is smaller

export class LateText {
  constructor() {
    /** @type {Element[]} */
    this.waiting = [];
  }

  /**
   * Hides what is out of sight, for now. To be called when a new drawing has its placement and nothing of it has been
   * painted yet.
   * @param {Drawing} drawing
   * @param {Viewport} viewport
   */
  begin(drawing, viewport) {
    this.waiting = [];
    if (drawing.nodes.size < LARGE || viewport.pending) {
      return;
    }
    const elements = [...drawing.nodes.values(), ...drawing.frames.values(), ...drawing.edges.map(({ element }) => element)];
    for (const element of elements) {
      if (!isNear(element, viewport) && element.querySelector(":scope > text")) {
        element.classList.add("later");
        this.waiting.push(element);
      }
    }
    afterPaint(() => this.next());
  }

  next() {
    this.show(BATCH);
    if (this.waiting.length) {
      afterPaint(() => this.next());
    }
  }

  show(count = this.waiting.length) {
    for (const element of this.waiting.splice(0, count)) {
      element.classList.remove("later");
    }
  }
}

/**
 * Whether an element's text is on the stage or near it.
 * @param {Element} element
 * @param {Viewport} viewport
 */
function isNear(element, { placement, stageSize }) {
  const words = element.getAttribute("data-words")?.split(" ").map(Number);
  const box = parsedBox(element.getAttribute("data-box"));
  const [left, top] = words ?? [box.x - box.width / 2, box.y - box.height / 2];
  const x = left * placement.scale + placement.x;
  const y = top * placement.scale + placement.y;
  return x > -NEAR && x < stageSize.width + NEAR && y > -NEAR && y < stageSize.height + NEAR;
}
