// A window that slides over maps, pixel by pixel: convolution and pooling, with the sum behind each pixel written out.
// Needs window_map.js before it. Nothing is asked of a server. A move changes overlays and texts only; the maps are
// painted when a view is shown.

import { channel, limitsOf } from "../base/arrays.js";
import { ColourScale } from "../base/colour_scale.js";
import { element, filled } from "../base/dom.js";
import { digits } from "../base/number_format.js";
import { WindowMap, paintCells, worked } from "./window_map.js";

const MOST_NUMBERED = 12; // cells a side: a larger window is drawn without numbers
const MOST_ADDENDS = 9; // of a mean, written out one by one
const WINDOW_GAP = 12; // pixels between tiles

// Pixels a cell: whole ones where that is not too coarse.
function wholeCells(size) {
  return size >= 2 ? Math.floor(size) : Math.max(0.5, size);
}

// words: WORDS of window_view.py, translated. colours: the two scales of ColourScale.of. host: emptied, then filled.
export class WindowPanel {
  constructor(host, words, colours) {
    this.words = words;
    this.colours = colours;
    this.place = [0, 0];
    this.chosen = 0;
    this.speed = 6;
    this.title = element("h4", "title");
    this.inputs = element("div", "inputs");
    this.outputs = element("div", "outputs");
    this.outputs.tabIndex = 0;
    this.outputs.setAttribute("role", "application");
    this.outputs.setAttribute("aria-label", words.move);
    this.outputs.onkeydown = (event) => this.pressed(event);
    this.equation = element("div", "equation");
    this.live = element("p", "live");
    this.live.setAttribute("aria-live", "polite");
    const stage = element("div", "stage", this.inputs, this.outputs);
    const hint = element("p", "hint", words.hover);
    this.root = element("div", "window-panel", this.title, stage, hint, this.controls(), this.equation, this.live);
    host.replaceChildren(this.root);
    new ResizeObserver(() => this.view && this.root.clientWidth !== this.width && this.layout()).observe(this.root);
  }

  controls() {
    const button = (name, text, act) => {
      const made = element("button", name, text);
      made.type = "button";
      made.onclick = act;
      return made;
    };
    this.playing = button("play", this.words.play, () => this.play(!this.moving));
    const back = button("back", "‹", () => this.stepped(-1));
    const on = button("on", "›", () => this.stepped(1));
    [[back, this.words.back], [on, this.words.on]].forEach(([made, label]) => {
      made.title = label;
      made.setAttribute("aria-label", label);
    });
    const slider = element("input");
    Object.assign(slider, { type: "range", min: 1, max: 40, value: this.speed });
    slider.oninput = () => {
      this.speed = Number(slider.value);
    };
    this.where = element("span", "where");
    const speed = element("label", "speed", this.words.speed, slider);
    return element("div", "controls", back, this.playing, on, speed, this.where);
  }

  // Shows a view; the place and the chosen channel stay where the new view has them, unless it names a place.
  show(view) {
    this.view = view;
    this.taps = view.kernel ? view.kernel.shape.slice(-2) : [view.size, view.size];
    const { input, output, kernel } = view;
    this.chosen = Math.min(this.chosen, input.shape[0] - 1);
    this.scales = {
      input: ColourScale.of(this.colours, ...limitsOf(input.values)),
      kernel: kernel && this.signed(Math.max(...limitsOf(kernel.values).map(Math.abs))),
      output: ColourScale.of(this.colours, ...limitsOf(output.values)),
    };
    const most = (values) => Math.max(...limitsOf(values).map(Math.abs));
    const products = kernel ? this.signed(most(input.values) * most(kernel.values)) : this.scales.input;
    this.scales.products = products;
    this.title.textContent = view.title || "";
    this.title.hidden = !view.title;
    const form = JSON.stringify([view.kind, input.shape, output.shape, kernel?.shape, view.activation, this.taps]);
    if (form !== this.form) {
      this.form = form;
      this.built();
    }
    this.painted();
    const [rows, columns] = output.shape;
    const kept = this.shape && this.shape[0] === rows && this.shape[1] === columns;
    this.place = view.place || (kept ? this.place : this.strongest());
    this.shape = output.shape;
    this.layout();
  }

  signed(most) {
    return new ColourScale(this.colours.diverging, -(most || 1), most || 1);
  }

  // Where a newcomer looks first: the output that is farthest from zero.
  strongest() {
    const { values, shape } = this.view.output;
    const place = values.reduce((best, value, at) => (Math.abs(value) > Math.abs(values[best]) ? at : best), 0);
    return [Math.floor(place / shape[1]), place % shape[1]];
  }

  // The nodes of a view of another form: tiles of the channels, output maps, the equation.
  built() {
    const { view, words } = this;
    const count = view.input.shape[0];
    this.tiles = Array.from({ length: count }, (_unused, number) => {
      const label = count > 1 ? filled(words.channel, { n: number }) : words.input;
      const map = new WindowMap("input", label);
      map.root.onpointerdown = (event) => this.dragged(event, map, true);
      map.root.onpointermove = (event) => event.buttons && this.dragged(event, map, true);
      const kernel = view.kernel ? element("canvas", "kernel") : null;
      kernel?.setAttribute("role", "img");
      kernel?.setAttribute("aria-label", `${words.kernel}, ${label}`);
      const row = element("div", "pair", map.root, ...(kernel ? [kernel] : []));
      return { map, kernel, root: element("figure", "tile", element("figcaption", "", label), row) };
    });
    this.inputs.replaceChildren(...this.tiles.map((tile) => tile.root));
    const names = view.activation ? [words.before, filled(words.after, { activation: view.activation })] : [words.output];
    this.results = names.map((label) => {
      const map = new WindowMap("output", label);
      map.root.onpointerdown = (event) => this.dragged(event, map, false);
      map.root.onpointermove = (event) => this.hovered(event, map);
      return { map, root: element("figure", "tile", element("figcaption", "", label), map.root) };
    });
    this.outputs.replaceChildren(...this.results.map((result) => result.root));
    this.equation.replaceChildren(...this.sentence(count), this.grids());
  }

  // The line of the sum. Several channels are chips, which choose whose products are written out.
  sentence(count) {
    this.chips = !this.view.kernel || count < 2 ? [] : Array.from({ length: count }, (_unused, number) => {
      const value = element("b");
      const chip = element("button", "chip", element("small", "", filled(this.words.chip, { n: number })), value);
      chip.type = "button";
      chip.onclick = () => {
        this.chosen = number;
        this.soon();
      };
      return Object.assign(chip, { total: value });
    });
    const signs = this.chips.flatMap((chip, place) => (place ? [element("span", "sign", "+"), chip] : [chip]));
    this.line = element("span", "line");
    this.result = element("b", "result");
    const line = element("p", "sum", ...signs, this.line, this.result);
    return this.chips.length ? [element("p", "hint", this.words.sums), line] : [line];
  }

  grids() {
    const names = this.view.kernel ? ["patch", "kernel", "products"] : ["patch"];
    this.cells = Object.fromEntries(names.map((name) => [name, element("canvas", "cells")]));
    const parts = names.flatMap((name, place) => {
      const sign = place ? [element("span", "sign", place === 1 ? "×" : "=")] : [];
      const caption = element("figcaption", "", this.words[name]);
      return [element("figure", "grid", ...sign, element("div", "", caption, this.cells[name]))];
    });
    this.note = element("p", "note");
    return element("div", "grids", ...parts, this.note);
  }

  painted() {
    const { view, scales, taps } = this;
    const { padding = 0, dilation = 1 } = view;
    this.tiles.forEach(({ map }, place) => map.paint(channel(view.input, place), scales.input, padding, taps, dilation));
    const maps = [view.output, view.activated];
    this.results.forEach(({ map }, place) => map.paint(channel(maps[place], 0), scales.output, 0, [1, 1], 1));
  }

  // Sizes for the room there is: cells of whole pixels where they can be.
  layout() {
    this.width = this.root.clientWidth;
    const style = getComputedStyle(this.root);
    this.font = style.fontFamily;
    const wide = this.width >= 680;
    const room = this.width || 320;
    this.root.classList.toggle("narrow", !wide);
    const area = wide ? room * 0.6 : room;
    const [cell, kernel, across] = this.tiled(area);
    this.inputs.style.maxWidth = wide ? `${area}px` : "100%";
    this.inputs.style.gridTemplateColumns = `repeat(${across}, max-content)`;
    this.tiles.forEach(({ map }) => map.fit(cell));
    this.kernelSide = Math.max(1, Math.floor(kernel / Math.max(...this.taps)));
    const beside = wide ? room - area - WINDOW_GAP : room;
    const each = this.results.length > 1 && beside > 380 ? beside / 2 - WINDOW_GAP : beside;
    const most = this.results.length > 1 ? 236 : 330;
    const [high, broad] = this.results[0].map.cells;
    this.results.forEach(({ map }) => map.fit(wholeCells(Math.min(each - 10, most) / Math.max(high, broad))));
    const count = Object.keys(this.cells).length;
    const [, taps] = this.taps;
    const aside = Math.floor((room - 40 * count) / (count * taps));
    const alone = Math.floor((room - 34) / taps);
    this.side = taps > MOST_NUMBERED ? Math.max(2, Math.floor(220 / taps)) : Math.min(44, aside >= 28 ? aside : alone);
    Object.values(this.cells).forEach((canvas) => {
      canvas.ink = style.color;
      canvas.lit = style.getPropertyValue("--lit");
    });
    this.fixed();
    this.draw();
  }

  // The largest cells with which all tiles fit into `area` pixels of width and a map's usual height;
  // then the kernels' room, and the tiles in a row.
  tiled(area) {
    const [rows, columns] = this.tiles[0].map.cells;
    const count = this.tiles.length;
    const most = this.view.kernel ? (count === 1 ? 132 : 62) : 0;
    let best = [0, 0, 1];
    for (let across = 1; across <= count; across += 1) {
      const share = area / across - WINDOW_GAP - 20;
      const kernel = Math.min(most, share * 0.36);
      const broad = (share - kernel) / columns;
      const high = ((count > 1 ? 400 : 330) / Math.ceil(count / across) - (count > 1 ? 44 : 0)) / rows;
      const cell = Math.min(broad, Math.max(high, 72 / rows));
      best = cell > best[0] + 0.01 ? [cell, kernel, across] : best;
    }
    return [wholeCells(best[0]), best[1], best[2]];
  }

  // The small kernels beside their maps: they change with the view only.
  fixed() {
    this.tiles.forEach(({ kernel }, place) => {
      if (kernel) {
        const { values, width } = channel(this.view.kernel, place);
        paintCells(kernel, { values, columns: width, side: this.kernelSide, scale: this.scales.kernel, font: this.font });
      }
    });
  }

  move(row, column) {
    const [rows, columns] = this.view.output.shape;
    const next = [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(columns - 1, column))];
    if (next[0] !== this.place[0] || next[1] !== this.place[1]) {
      this.place = next;
      this.soon();
    }
  }

  soon() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = undefined;
      this.draw();
    });
  }

  hovered(event, map) {
    if (event.buttons || !this.moving) {
      this.move(...map.under(event));
    }
  }

  // The output pixel follows the pointer, or the window does, held at its middle.
  dragged(event, map, held) {
    if (event.type === "pointerdown") {
      this.play(false);
      map.root.setPointerCapture(event.pointerId);
    }
    const [row, column] = map.under(event);
    const { stride = 1 } = this.view;
    const middle = (at, axis) => Math.round((at - (map.extent[axis] - 1) / 2) / stride);
    this.move(...(held ? [middle(row, 0), middle(column, 1)] : [row, column]));
  }

  pressed(event) {
    const [row, column] = this.place;
    const far = this.view.output.shape[1] - 1;
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1], Home: [event.ctrlKey ? 0 : row, 0], End: [event.ctrlKey ? Infinity : row, far],
    };
    if (event.key in moves) {
      this.play(false);
      this.move(...moves[event.key]);
    } else if (event.key === " ") {
      this.play(!this.moving);
    } else {
      return;
    }
    event.preventDefault();
  }

  // One place on or back in reading order; after the last comes the first.
  stepped(by, keep = false) {
    const [rows, columns] = this.view.output.shape;
    const next = (this.place[0] * columns + this.place[1] + by + rows * columns) % (rows * columns);
    if (!keep) {
      this.play(false);
    }
    this.move(Math.floor(next / columns), next % columns);
  }

  play(moving) {
    if (moving === Boolean(this.moving)) {
      return;
    }
    this.moving = moving;
    this.playing.textContent = moving ? this.words.pause : this.words.play;
    let last = performance.now();
    const on = (now) => {
      if (!this.root.isConnected) {
        this.play(false);
      }
      if (!this.moving) {
        return;
      }
      const steps = Math.floor(((now - last) * this.speed) / 1000);
      if (steps > 0) {
        last += (steps * 1000) / this.speed;
        this.stepped(steps, true);
      }
      requestAnimationFrame(on);
    };
    requestAnimationFrame(on);
  }

  draw() {
    const { view, place } = this;
    const found = worked(view, ...place);
    const { stride = 1, dilation = 1 } = view;
    const [row, column] = place.map((at) => at * stride);
    const width = this.taps[1];
    this.tiles.forEach(({ map, root }, number) => {
      map.move(row, column);
      root.classList.toggle("chosen", this.chips.length > 0 && number === this.chosen);
      if (found.winner >= 0) {
        map.crowned(Math.floor(found.winner / width) * dilation, (found.winner % width) * dilation);
      }
    });
    this.results.forEach(({ map }) => map.move(...place));
    this.where.textContent = filled(this.words.where, { row: place[0], column: place[1] });
    this.written(found);
    this.told(found);
  }

  // The sum in numbers, and the grids of the chosen channel.
  written(found) {
    const { view, words, chosen } = this;
    const { scales, side, font } = this;
    const columns = this.taps[1];
    const outside = found.inside.map((inside) => 1 - inside);
    const lost = found.inside.map((_inside, place) => (place === found.winner ? 0 : 1));
    const patch = found.patches[chosen];
    const faded = found.winner < 0 ? outside : lost;
    paintCells(this.cells.patch, { values: patch, columns, side, scale: scales.input, font, faded, framed: found.winner });
    if (view.kernel) {
      const { values } = channel(view.kernel, chosen);
      paintCells(this.cells.kernel, { values, columns, side, scale: scales.kernel, font });
      const products = found.products[chosen];
      paintCells(this.cells.products, { values: products, columns, side, scale: scales.products, font, faded: outside });
    }
    this.chips.forEach((chip, number) => {
      chip.total.textContent = digits(found.sums[number]);
      chip.setAttribute("aria-pressed", String(number === chosen));
    });
    this.line.textContent = this.lineOf(found);
    this.result.textContent = digits(found.after);
    const notes = [found.inside.includes(0) ? (view.kind === "max" ? words.never : words.zero) : ""];
    if (this.chips.length) {
      notes.unshift(filled(words.written, { n: chosen, sum: digits(found.sums[chosen]) }));
    }
    this.note.textContent = notes.filter(Boolean).join(" ");
  }

  // Everything of the sum but its result, which stands after it.
  lineOf(found) {
    const { view, words } = this;
    const count = found.inside.length;
    if (view.kind === "max") {
      return `${filled(words.largest, { n: found.inside.reduce((a, b) => a + b, 0) })} = `;
    }
    if (view.kind === "average") {
      const all = Array.from(found.patches[0], (value) => (value < 0 ? `(${digits(value)})` : digits(value)));
      return `${count <= MOST_ADDENDS ? `(${all.join(" + ")})` : `Σ ${digits(found.sums[0])}`} / ${count} = `;
    }
    const sum = this.chips.length ? "" : filled(words.sum, { sum: digits(found.sums[0]) });
    const bias = filled(words.bias, { bias: found.bias < 0 ? `(${digits(found.bias)})` : digits(found.bias) });
    const before = `${sum} + ${bias} = `;
    return view.activation ? `${before}${digits(found.before)} → ${view.activation} → ` : before;
  }

  // The same in a sentence for those who listen, once the window has come to rest.
  told(found) {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const [row, column] = this.place;
      const chips = this.chips.map((chip) => chip.total.textContent).join(" + ");
      const sum = `${chips}${this.line.textContent}${digits(found.after)}`;
      this.live.textContent = filled(this.words.told, { row, column, sum });
    }, 500);
  }
}
