// A map of pixels with a frame that moves over it, and cells with their numbers. What a person does with them is
// window_panel.js's subject.

/** @import { Matrix } from "../base/arrays.js" */
/** @import { ColourScale } from "../base/colour_scale.js" */

import { paintCanvas } from "../base/colour_scale.js";
import { context2d, element } from "../base/dom.js";
import { briefDigits } from "../base/number_format.js";

const NUMBERED_CELL = 26; // pixels of a cell from which on its number is written into it

/** @typedef {{ font: string, text: string, frame: string }} CellStyle a font family and CSS colours */

/**
 * Cells with their numbers on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {object} cells
 * @param {ArrayLike<number>} cells.values
 * @param {number} cells.columns
 * @param {number} cells.side pixels of a cell
 * @param {ColourScale} cells.scale
 * @param {CellStyle} cells.style
 * @param {ArrayLike<number> | null} [cells.faded] 1 for each cell that counts for nothing
 * @param {number} [cells.framed] place of the cell with a frame; -1 for none
 */
export function paintCells(canvas, { values, columns, side, scale, style, faded = null, framed = -1 }) {
  const density = window.devicePixelRatio || 1;
  const [width, height] = [columns * side, (values.length / columns) * side];
  if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const brush = context2d(canvas);
  brush.setTransform(density, 0, 0, density, 0, 0);
  brush.clearRect(0, 0, width, height);
  brush.font = `${Math.max(9, Math.min(12, side * 0.3))}px ${style.font}`;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  const numbered = side >= NUMBERED_CELL;
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place];
    const [x, y] = [(place % columns) * side, Math.floor(place / columns) * side];
    const off = faded !== null && faded[place];
    brush.globalAlpha = off ? 0.3 : 1;
    brush.fillStyle = scale.css(value);
    brush.fillRect(x, y, numbered ? side - 1 : side, numbered ? side - 1 : side);
    if (numbered) {
      brush.globalAlpha = off ? 0.6 : 1;
      brush.fillStyle = off || !Number.isFinite(value) ? style.text : scale.textColour(value);
      brush.fillText(briefDigits(value, side), x + side / 2, y + side / 2);
    }
  }
  brush.globalAlpha = 1;
  if (framed >= 0) {
    const [x, y] = [(framed % columns) * side, Math.floor(framed / columns) * side];
    brush.strokeStyle = style.frame;
    brush.lineWidth = 3;
    brush.strokeRect(x + 1, y + 1, side - 3, side - 3);
  }
}

/** A map with its padding around it and a frame that moves over it. Everything is placed in cells. */
export class WindowMap {
  /**
   * @param {string} className
   * @param {string} label
   */
  constructor(className, label) {
    this.canvas = element("canvas");
    this.crown = element("div", "crown"); // marks the largest value under the frame
    this.frame = element("div", "frame", this.crown);
    this.root = element("div", `map ${className}`, this.canvas, this.frame);
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
    this.padding = 0;
    this.cell = 1; // pixels
    /** Rows and columns, padding counted. */
    this.cells = [1, 1];
    /** Rows and columns of the frame, gaps counted. */
    this.extent = [1, 1];
  }

  /**
   * @param {Matrix} map
   * @param {ColourScale} scale
   * @param {number} padding
   * @param {number[]} size rows and columns of the window; what lies between the cells of a dilated one is shaded
   * @param {number} dilation
   */
  paint(map, scale, padding, size, dilation) {
    paintCanvas(this.canvas, map, scale);
    this.padding = padding;
    this.cells = [map.height + 2 * padding, map.width + 2 * padding];
    this.extent = size.map((count) => (count - 1) * dilation + 1);
    this.frame.replaceChildren(this.crown);
    this.crown.hidden = true;
    if (dilation > 1 && this.extent.some((length) => length > 1)) {
      this.frame.prepend(gapShade(this.extent, dilation));
    }
  }

  /** @param {number} cell pixels */
  fit(cell) {
    this.cell = cell;
    const [height, width] = this.cells.map((count) => `${count * cell}px`);
    Object.assign(this.root.style, { width, height });
    this.canvas.style.inset = `${this.padding * cell}px`;
    this.canvas.style.width = `${this.canvas.width * cell}px`;
    this.canvas.style.height = `${this.canvas.height * cell}px`;
    [this.frame.style.height, this.frame.style.width] = this.extent.map((count) => `${count * cell}px`);
    this.crown.style.width = this.crown.style.height = `${cell}px`;
  }

  /**
   * @param {number} row of the window's first cell, padding counted
   * @param {number} column
   */
  move(row, column) {
    this.frame.style.transform = `translate(${column * this.cell}px, ${row * this.cell}px)`;
  }

  /**
   * @param {number} row of the largest value within the window
   * @param {number} column
   */
  crownAt(row, column) {
    this.crown.hidden = row < 0;
    this.crown.style.transform = `translate(${column * this.cell}px, ${row * this.cell}px)`;
  }

  /**
   * The cell under the pointer, padding counted; it may lie outside while something is dragged.
   * @param {PointerEvent} event
   * @returns {[number, number]} row, column
   */
  under(event) {
    const box = this.root.getBoundingClientRect();
    return [Math.floor((event.clientY - box.top) / this.cell), Math.floor((event.clientX - box.left) / this.cell)];
  }
}

/**
 * A grey sheet over a window, with holes where its cells are.
 * @param {number[]} extent rows and columns
 * @param {number} dilation
 */
function gapShade([rows, columns], dilation) {
  const shade = element("canvas");
  shade.height = rows;
  shade.width = columns;
  const brush = context2d(shade);
  brush.fillStyle = "rgb(128 128 128 / 60%)";
  brush.fillRect(0, 0, columns, rows);
  for (let y = 0; y < rows; y += dilation) {
    for (let x = 0; x < columns; x += dilation) {
      brush.clearRect(x, y, 1, 1);
    }
  }
  return shade;
}
