// A small picture of the whole drawing with the part on the screen framed; a press or drag moves the view there.

/** @import { Drawing } from "./drawing.js" */
/** @import { Box } from "./geometry.js" */
/** @import { Viewport } from "./viewport.js" */

import { context2d } from "../base/dom.js";

const LONGER_SIDE = 150; // pixels at most
const LEAST_SIDE = 40; // pixels: a tall graph becomes a strip that can still be seen
const LEAST_STAGE = 420; // pixels of the stage's width
const EDGE = 0.75; // pixels that the frame keeps from the map's border, so that all its four sides are seen

export class Minimap {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Viewport} viewport
   * @param {Drawing} drawing
   */
  constructor(canvas, viewport, drawing) {
    this.canvas = canvas;
    this.viewport = viewport;
    this.drawing = drawing;
    /** @type {(Box & { fill: string })[] | null} worked out when the map is first needed */
    this.boxes = null;
    this.stretch = { x: 1, y: 1 };
    this.waiting = 0;
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.go(event);
      canvas.onpointermove = (moved) => this.go(moved);
    };
    canvas.onpointerup = canvas.onpointercancel = () => {
      canvas.onpointermove = null;
    };
  }

  /** Places or colours of the nodes have changed. */
  reset() {
    this.boxes = null;
  }

  /** To be called whenever the placement changes: the map shows only where a part of the drawing is out of sight. */
  draw() {
    const { stageSize, drawingSize: size, placement } = this.viewport;
    const isWhole =
      !size ||
      (size.width * placement.scale <= stageSize.width + 1 && size.height * placement.scale <= stageSize.height + 1);
    this.canvas.hidden = isWhole || stageSize.width < LEAST_STAGE;
    if (!this.canvas.hidden && !this.waiting) {
      this.waiting = requestAnimationFrame(() => {
        this.waiting = 0;
        this.paint();
      });
    }
  }

  paint() {
    const { stageSize, drawingSize: size, placement } = this.viewport;
    if (!size) {
      return;
    }
    const scale = Math.min(LONGER_SIDE / size.width, LONGER_SIDE / size.height);
    const across = Math.max(scale, Math.min(LEAST_SIDE / size.width, 1));
    const down = Math.max(scale, Math.min(LEAST_SIDE / size.height, 1));
    this.stretch = { x: across, y: down };
    const [width, height] = [size.width * across, size.height * down];
    const density = window.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * density, height: height * density });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const pen = context2d(this.canvas);
    pen.scale(density, density);
    this.boxes ??= [...this.drawing.nodeBoxes()].map(([id, box]) => ({ ...box, fill: fillColour(this.drawing.element(id)) }));
    for (const box of this.boxes) {
      pen.fillStyle = box.fill;
      pen.fillRect(
        (box.x - box.width / 2) * across, (box.y - box.height / 2) * down,
        Math.max(1.5, box.width * across), Math.max(1.5, box.height * down),
      );
    }
    const left = Math.max(EDGE, (-placement.x / placement.scale) * across);
    const top = Math.max(EDGE, (-placement.y / placement.scale) * down);
    const right = Math.min(width - EDGE, ((stageSize.width - placement.x) / placement.scale) * across);
    const bottom = Math.min(height - EDGE, ((stageSize.height - placement.y) / placement.scale) * down);
    pen.strokeStyle = getComputedStyle(this.canvas).color;
    pen.lineWidth = 1.5;
    pen.strokeRect(left, top, Math.max(2, right - left), Math.max(2, bottom - top));
  }

  /** @param {PointerEvent} event */
  go(event) {
    const box = this.canvas.getBoundingClientRect();
    const { stageSize, placement } = this.viewport;
    const x = (event.clientX - box.left) / this.stretch.x;
    const y = (event.clientY - box.top) / this.stretch.y;
    this.viewport.pan(
      stageSize.width / 2 - x * placement.scale - placement.x,
      stageSize.height / 2 - y * placement.scale - placement.y,
    );
  }
}

/** @param {SVGElement | undefined} node */
function fillColour(node) {
  // A card is filled first, its header over it; the outline, which has no fill, comes last.
  const fills = [...(node?.querySelectorAll("path, polygon") ?? [])].map(
    (shape) => /** @type {SVGElement} */ (shape).style.fill || shape.getAttribute("fill"),
  );
  return fills.findLast((fill) => fill && fill !== "none") ?? "#888";
}
