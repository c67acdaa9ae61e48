// The arithmetic of a window that slides over maps, cells with their numbers, and a map with a frame that moves over it.
// What a person does with them is window_panel.js's business.

import { channel } from "../base/arrays.js";
import { element } from "../base/dom.js";
import { digits } from "../base/number_format.js";

const WINDOW_ACTIVATIONS = {
  relu: (value) => Math.max(0, value),
  tanh: Math.tanh,
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  leakyrelu: (value) => (value > 0 ? value : 0.01 * value),
};

// What lies under the window at an output pixel, and all that is worked out of it. input: (C, H, W).
// patches, products: an array of kh · kw numbers a channel; sums: one number a channel. inside: 0 where the window lies
// on the padding. winner: the largest one's place in the patch, -1 where nothing is chosen.
export function worked(view, row, column) {
  const [channels, rows, columns] = view.input.shape;
  const [height, width] = view.kernel ? view.kernel.shape.slice(-2) : [view.size, view.size];
  const { stride = 1, padding = 0, dilation = 1 } = view;
  const area = height * width;
  const inside = new Uint8Array(area);
  const places = new Int32Array(area);
  for (let tap = 0; tap < area; tap += 1) {
    const y = row * stride - padding + Math.floor(tap / width) * dilation;
    const x = column * stride - padding + (tap % width) * dilation;
    inside[tap] = y >= 0 && y < rows && x >= 0 && x < columns ? 1 : 0;
    places[tap] = y * columns + x;
  }
  const found = { patches: [], products: [], sums: [], bias: view.kernel ? view.bias || 0 : 0, inside, winner: -1 };
  for (let number = 0; number < channels; number += 1) {
    const { values } = channel(view.input, number);
    const outside = view.kind === "max" ? -Infinity : 0;
    const patch = Float32Array.from(places, (place, tap) => (inside[tap] ? values[place] : outside));
    const weights = view.kernel ? channel(view.kernel, number).values : null;
    const products = Float64Array.from(patch, (value, tap) => (weights ? value * weights[tap] : value));
    found.patches.push(patch);
    found.products.push(products);
    found.sums.push(view.kind === "max" ? products[largestOf(patch, inside)] : products.reduce((a, b) => a + b, 0));
  }
  if (view.kind === "max") {
    found.winner = largestOf(found.patches[0], inside);
    found.before = found.sums[0];
  } else if (view.kind === "average") {
    found.before = found.sums[0] / area;
  } else {
    found.before = found.sums.reduce((a, b) => a + b, 0) + found.bias;
  }
  const act = WINDOW_ACTIVATIONS[(view.activation || "").toLowerCase().replaceAll("_", "")];
  const stored = view.activated?.values[row * view.output.shape[1] + column];
  found.after = act ? act(found.before) : view.activation ? stored : found.before;
  return found;
}

// The first of the largest, as torch has it; a NaN wins over everything.
function largestOf(values, inside) {
  let best = -1;
  values.forEach((value, place) => {
    if (inside[place] && (best < 0 || value > values[best] || Number.isNaN(value))) {
      best = place;
    }
  });
  return best;
}

// A number that fits a cell of `side` pixels.
function brief(value, side) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) {
    return digits(value);
  }
  const least = side < 38 ? 2 : 3;
  const far = size >= 1000 || (size !== 0 && size < 0.5 * 10 ** -least);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : least;
  const text = far ? value.toExponential(0) : String(Number(value.toFixed(places)));
  return text.replaceAll("-", "−");
}

// Cells with their numbers on a canvas, `side` pixels each. faded: cells that count for nothing; framed: a place or -1.
export function paintCells(canvas, { values, columns, side, scale, font, faded = null, framed = -1 }) {
  const rows = values.length / columns;
  const density = window.devicePixelRatio || 1;
  const [width, height] = [columns * side, rows * side];
  if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const brush = canvas.getContext("2d");
  brush.setTransform(density, 0, 0, density, 0, 0);
  brush.clearRect(0, 0, width, height);
  brush.font = `${Math.max(9, Math.min(12, side * 0.3))}px ${font}`;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  const numbered = side >= 26;
  values.forEach((value, place) => {
    const [x, y] = [(place % columns) * side, Math.floor(place / columns) * side];
    const off = faded !== null && faded[place];
    brush.globalAlpha = off ? 0.3 : 1;
    brush.fillStyle = scale.css(value);
    brush.fillRect(x, y, numbered ? side - 1 : side, numbered ? side - 1 : side);
    if (numbered) {
      brush.globalAlpha = off ? 0.6 : 1;
      brush.fillStyle = off || !Number.isFinite(value) ? canvas.ink : scale.ink(value);
      brush.fillText(brief(value, side), x + side / 2, y + side / 2);
    }
  });
  brush.globalAlpha = 1;
  if (framed >= 0) {
    const [x, y] = [(framed % columns) * side, Math.floor(framed / columns) * side];
    brush.strokeStyle = canvas.lit;
    brush.lineWidth = 3;
    brush.strokeRect(x + 1, y + 1, side - 3, side - 3);
  }
}

// A map of pixels with its padding around it and a frame that moves over it. Everything is placed in cells.
export class WindowMap {
  constructor(className, label) {
    this.canvas = element("canvas");
    this.frame = element("div", "frame");
    this.crown = element("div", "crown");
    this.frame.append(this.crown);
    this.root = element("div", `map ${className}`, this.canvas, this.frame);
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
  }

  // taps: (rows, columns) of the window; what lies between dilated taps is shaded.
  paint(map, scale, padding, taps, dilation) {
    scale.paint(this.canvas, map);
    this.padding = padding;
    this.cells = [map.height + 2 * padding, map.width + 2 * padding];
    this.extent = taps.map((count) => (count - 1) * dilation + 1);
    this.gaps = dilation > 1 && this.extent.some((size) => size > 1);
    this.frame.replaceChildren(this.crown);
    this.crown.hidden = true;
    if (this.gaps) {
      const shade = element("canvas");
      [shade.height, shade.width] = this.extent;
      const brush = shade.getContext("2d");
      brush.fillStyle = "rgb(128 128 128 / 60%)";
      brush.fillRect(0, 0, shade.width, shade.height);
      for (let y = 0; y < shade.height; y += dilation) {
        for (let x = 0; x < shade.width; x += dilation) {
          brush.clearRect(x, y, 1, 1);
        }
      }
      this.frame.prepend(shade);
    }
  }

  fit(cell) {
    this.cell = cell;
    const [height, width] = this.cells.map((count) => `${count * cell}px`);
    Object.assign(this.root.style, { width, height });
    this.canvas.style.inset = `${this.padding * cell}px`;
    this.canvas.style.width = this.canvas.width * cell + "px";
    this.canvas.style.height = this.canvas.height * cell + "px";
    [this.frame.style.height, this.frame.style.width] = this.extent.map((count) => `${count * cell}px`);
    this.crown.style.width = this.crown.style.height = `${cell}px`;
  }

  // row, column: of the window's first cell, the padding counted.
  move(row, column) {
    this.frame.style.transform = `translate(${column * this.cell}px, ${row * this.cell}px)`;
  }

  crowned(row, column) {
    this.crown.hidden = row < 0;
    this.crown.style.transform = `translate(${column * this.cell}px, ${row * this.cell}px)`;
  }

  // The cell under the pointer, the padding counted; it may lie outside while something is dragged.
  under(event) {
    const box = this.root.getBoundingClientRect();
    return [Math.floor((event.clientY - box.top) / this.cell), Math.floor((event.clientX - box.left) / this.cell)];
  }
}
