// The part of a drawing that the stage shows: pan, zoom and fit. It knows nothing of what is drawn.

/** @import { Box, Placement, Size } from "./geometry.js" */

import { firstPlacement, fitted, panToSee, zoomedAbout } from "./geometry.js";

export class Viewport {
  /**
   * @param {HTMLElement} stage holds the drawing
   * @param {HTMLElement} percent shows the scale
   */
  constructor(stage, percent) {
    this.stage = stage;
    this.percent = percent;
    /** @type {SVGGElement | null} what is moved */
    this.content = null;
    /** @type {Size | null} of the drawing, at scale 1 */
    this.drawingSize = null;
    /** @type {Placement} */
    this.placement = { scale: 1, x: 0, y: 0 };
    /** @type {Size} kept, because asking for it lays the page out */
    this.stageSize = { width: stage.clientWidth, height: stage.clientHeight };
    /** @type {((down: boolean) => Box | null) | null} where a drawing begins whose first placement is to be chosen */
    this.start = null;
    /** @type {((down: boolean) => Box | null) | null} of the first placement, until something moves the drawing */
    this.unmoved = null;
    /** Called when the placement or the stage's size has changed. */
    this.onchange = (/** @type {boolean} */ _moved) => {};
    new ResizeObserver(() => {
      this.stageSize = { width: stage.clientWidth, height: stage.clientHeight };
      this.start ??= this.unmoved; // in a stage of another size the first placement is another one, too
      this.pending ? this.begin() : this.onchange(false);
    }).observe(stage);
  }

  /** Whether the first placement is still to be chosen, because the stage has no size yet. */
  get pending() {
    return this.start !== null;
  }

  /**
   * Takes a new drawing; its placement is chosen by `moveTo` or `startAt`.
   * @param {SVGGElement} content
   * @param {Size} size
   */
  hold(content, size) {
    this.content = content;
    this.drawingSize = size;
  }

  /** @param {Placement} placement */
  moveTo(placement) {
    this.placement = placement;
    this.unmoved = null;
    const { scale, x, y } = placement;
    this.content?.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.percent.textContent = `${Math.round(scale * 100)} %`;
    this.onchange(true);
  }

  /** @param {(down: boolean) => Box | null} start where the graph begins that runs down or to the right */
  startAt(start) {
    this.start = start;
    this.begin();
  }

  begin() {
    const { width, height } = this.stageSize;
    if (!width || !height || !this.drawingSize || !this.start) {
      return; // not laid out yet: the resize observer calls again
    }
    const { start } = this;
    this.start = null;
    this.moveTo(firstPlacement(this.drawingSize, this.stageSize, start));
    this.unmoved = start;
  }

  fit(largest = 2) {
    if (this.drawingSize) {
      this.moveTo(fitted(this.drawingSize, this.stageSize, largest));
    }
  }

  /**
   * About the point (x, y) of the stage; about its middle where none is given.
   * @param {number} factor
   * @param {number} [x] pixels
   * @param {number} [y] pixels
   */
  zoom(factor, x = this.stageSize.width / 2, y = this.stageSize.height / 2) {
    this.moveTo(zoomedAbout(this.placement, factor, x, y));
  }

  zoomToActualSize() {
    this.zoom(1 / this.placement.scale);
  }

  /**
   * @param {number} dx pixels
   * @param {number} dy pixels
   */
  pan(dx, dy) {
    const { scale, x, y } = this.placement;
    this.moveTo({ scale, x: x + dx, y: y + dy });
  }

  /**
   * Pans no further than needed to see the box.
   * @param {Box} box
   */
  reveal(box) {
    const shift = panToSee(this.placement, box, this.stageSize);
    if (shift.x || shift.y) {
      this.pan(shift.x, shift.y);
    }
  }

  /**
   * The top middle of a box on the stage, in pixels.
   * @param {Box} box
   */
  topOf(box) {
    const { scale, x, y } = this.placement;
    return { x: box.x * scale + x, y: (box.y - box.height / 2) * scale + y };
  }

  /**
   * Moves the drawing so that the top middle of a box is at (x, y) of the stage.
   * @param {Box} box
   * @param {{ x: number, y: number }} at pixels
   */
  putTopAt(box, at) {
    const { scale } = this.placement;
    this.moveTo({ scale, x: at.x - box.x * scale, y: at.y - (box.y - box.height / 2) * scale });
  }
}
