// Sheets of small pictures. A change of values only repaints; hovering asks nothing of the server. The pictures of a
// sheet are painted on one canvas above their tiles: images would be loaded one by one, and a canvas each would be a
// layer of the page each.

import { channel, limitsOf, unpacked } from "../base/arrays.js";
import { ColourScale } from "../base/colour_scale.js";
import { element, filled, pixelated } from "../base/dom.js";
import { digits } from "../base/number_format.js";

export class TilesView {
  constructor(host) {
    this.host = host;
    this.body = element("div", "sheets");
    this.tip = element("div", "tip");
    this.tip.hidden = true;
    host.replaceChildren(this.body, this.tip);
    this.sheets = [];
    // Called before the frame is painted: tiles have got their places, or have moved.
    this.watch = new ResizeObserver((changes) => {
      const grids = new Set(changes.map(({ target }) => target));
      this.sheets.filter(({ grid }) => grids.has(grid)).forEach((view) => {
        this.measure(view);
        this.draw(view);
      });
    });
  }

  show(data) {
    const form = ({ title, tiles, side, least, columns }) => [title, tiles.shape, side, least, columns];
    const structure = JSON.stringify([data.words, data.pickable, data.beside, data.sheets.map(form)]);
    this.data = data;
    if (structure !== this.structure) {
      this.structure = structure;
      this.build();
    }
    data.sheets.forEach((sheet, place) => this.paint(this.sheets[place], sheet));
    this.host.dataset.shown = data.shown;
  }

  build() {
    const { words, pickable, beside, sheets } = this.data;
    this.body.classList.toggle("beside", beside);
    this.tip.hidden = true;
    this.watch.disconnect();
    this.sheets = sheets.map((sheet, place) => {
      const bar = pixelated("scalebar");
      const ends = element("span", "ends");
      const head = element("header", "head", element("b", "", sheet.title), element("span", "bar", bar, ends));
      const grid = element("div", "tiles");
      const board = element("canvas", "board");
      const found = { place, bar, ends, head, grid, board, tiles: [] };
      if (sheet.columns) {
        grid.style.gridTemplateColumns = `repeat(${sheet.columns}, max-content)`;
        grid.classList.add("columns");
      }
      found.tiles = Array.from({ length: sheet.tiles.shape[0] }, (_, tile) => this.tile(found, tile, sheet));
      grid.append(...found.tiles.map(({ frame }) => frame), board);
      const section = element("section", "sheet", head, grid);
      section.setAttribute("aria-label", sheet.title);
      if (!sheet.tiles.shape[0]) {
        grid.append(element("span", "none", words.none));
      }
      return { ...found, section };
    });
    this.body.replaceChildren(...this.sheets.map(({ section }) => section));
    this.sheets.forEach(({ grid }) => this.watch.observe(grid));
    this.body.classList.toggle("pickable", pickable);
  }

  tile(sheet, place, { side, least, tiles, captions }) {
    const tile = element("div", "tile");
    const caption = element("figcaption", "");
    const [, height, width] = tiles.shape;
    const unit = side / Math.max(height, width);
    const [wide, high] = [width, height].map((cells) => Math.max(cells * unit, least));
    tile.style.width = `${wide}px`;
    tile.style.height = `${high}px`;
    tile.cells = { width, height };
    tile.setAttribute("role", this.data.pickable ? "button" : "img");
    if (this.data.pickable) {
      tile.tabIndex = place === 0 ? 0 : -1;
      tile.onclick = () => this.pick(sheet.place, place);
      tile.onkeydown = (event) => this.key(event, sheet.place, place);
    }
    tile.onpointermove = (event) => this.tell(event, sheet.place, place);
    tile.onpointerleave = () => {
      this.tip.hidden = true;
    };
    const frame = element("figure", "", tile, caption);
    frame.style.width = `${Math.max(wide, captions.length ? 28 : 0)}px`; // room for a caption
    return { frame, tile, caption };
  }

  // ---- colours

  paint(view, sheet) {
    const array = unpacked(sheet.tiles);
    const dead = new Set(sheet.marks);
    view.values = array;
    const shared = sheet.limits ?? limitsOf(array.values);
    const common = sheet.own ? null : this.scale(sheet, shared);
    const [, height, width] = array.shape;
    const pixels = new Uint8ClampedArray(array.values.length * 4);
    view.tiles.forEach(({ tile, caption }, place) => {
      const { values } = channel(array, place);
      const empty = dead.has(place);
      if (!empty) {
        const scale = common ?? this.scale(sheet, limitsOf(values));
        pixels.set(scale.pixels(values), place * values.length * 4);
      } // else left empty, so that the cross behind it is seen
      tile.classList.toggle("dead", empty);
      tile.classList.toggle("picked", sheet.chosen === place);
      tile.setAttribute("aria-label", this.name(sheet, place));
      if (this.data.pickable) {
        tile.setAttribute("aria-pressed", String(sheet.chosen === place));
      }
      caption.textContent = sheet.captions[place] ?? "";
    });
    // All tiles one below the other, (T * H) rows of W pixels.
    view.picture = pixels.length && { pixels: new ImageData(pixels, width, pixels.length / width / 4), height, width };
    this.draw(view);
    this.explain(view, sheet, shared);
  }

  // Where the tiles stand in their sheet, in the page's pixels.
  measure(view) {
    view.boxes = view.tiles.map(({ tile }) => [
      tile.offsetLeft, tile.offsetTop, tile.offsetWidth, tile.offsetHeight,
    ]);
  }

  draw({ board, boxes, picture }) {
    if (!boxes?.length || !picture) {
      return; // nothing to draw, or it comes with the places
    }
    const ratio = window.devicePixelRatio || 1;
    const across = Math.max(...boxes.map(([left, , width]) => left + width));
    const down = Math.max(...boxes.map(([, top, , height]) => top + height));
    const size = [Math.round(across * ratio), Math.round(down * ratio)];
    if (board.width !== size[0] || board.height !== size[1]) {
      [board.width, board.height] = size;
      board.style.width = `${across}px`;
      board.style.height = `${down}px`;
    }
    const { pixels, height, width } = picture;
    const source = new OffscreenCanvas(pixels.width, pixels.height);
    source.getContext("2d").putImageData(pixels, 0, 0);
    const context = board.getContext("2d");
    context.clearRect(0, 0, ...size);
    context.imageSmoothingEnabled = false; // after a change of the size it is on again
    boxes.forEach((box, place) => {
      const [left, top, wide, high] = box.map((length) => Math.round(length * ratio));
      context.drawImage(source, 0, place * height, width, height, left, top, wide, high);
    });
  }

  scale(sheet, [low, high]) {
    const { colours, paper } = this.data;
    if (sheet.paper) {
      return new ColourScale(paper, low, high);
    }
    if (sheet.signed) {
      const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
      return new ColourScale(colours.diverging, -most, most);
    }
    return new ColourScale(colours.sequential, sheet.limits ? low : Math.min(0, low), high || 1);
  }

  explain(view, sheet, shared) {
    const scale = this.scale(sheet, sheet.own ? [sheet.signed ? -1 : 0, 1] : shared);
    const steps = Array.from({ length: 64 }, (_, place) => scale.low + ((scale.high - scale.low) * place) / 63);
    scale.paint(view.bar, { height: 1, width: 64, values: steps });
    view.ends.textContent = sheet.own ? this.data.words.ends : `${digits(scale.low)} … ${digits(scale.high)}`;
    view.bar.parentElement.hidden = sheet.paper || !sheet.tiles.shape[0];
    view.head.hidden = !sheet.title && sheet.paper;
  }

  // ---- telling and choosing

  name(sheet, place) {
    const { words } = this.data;
    const counted = { title: sheet.title, n: place + 1, of: sheet.tiles.shape[0] };
    const named = sheet.names[place];
    const name = named ? [named] : [filled(words.tile, counted), sheet.captions[place]];
    const parts = [...name, sheet.marks.includes(place) ? words.dead : ""];
    return parts.filter(Boolean).join(" · ");
  }

  tell(event, at, place) {
    const sheet = this.data.sheets[at];
    const tile = event.currentTarget;
    const box = tile.getBoundingClientRect();
    const { width, height } = tile.cells;
    const column = Math.max(0, Math.min(width - 1, Math.floor(((event.clientX - box.left) / box.width) * width)));
    const row = Math.max(0, Math.min(height - 1, Math.floor(((event.clientY - box.top) / box.height) * height)));
    const value = this.sheets[at].values.values[(place * height + row) * width + column];
    const { words } = this.data;
    const where = sheet.flat
      ? filled(words.position, { n: row * width + column })
      : filled(words.pixel, { row: row * sheet.step[0], column: column * sheet.step[1] });
    const said = sheet.missing && Number.isNaN(value) ? sheet.missing : digits(value);
    this.tip.textContent = [this.name(sheet, place), where, said, sheet.note].filter(Boolean).join(" · ");
    this.tip.hidden = false;
    const home = this.host.getBoundingClientRect();
    const left = Math.max(0, Math.min(event.clientX - home.left + 14, home.width - this.tip.offsetWidth - 4));
    this.tip.style.transform = `translate(${left}px, ${event.clientY - home.top + 14}px)`;
  }

  key(event, at, place) {
    const { columns } = this.data.sheets[at];
    const row = columns || this.perRow(at);
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row };
    if (event.key === "Enter" || event.key === " ") {
      this.pick(at, place);
    } else if (event.key in moves) {
      const next = this.sheets[at].tiles[place + moves[event.key]];
      if (next) {
        event.currentTarget.tabIndex = -1;
        next.tile.tabIndex = 0;
        next.tile.focus();
      }
    } else {
      return;
    }
    event.preventDefault();
  }

  // How many tiles stand in the first row of a sheet that wraps.
  perRow(at) {
    const tops = this.sheets[at].tiles.map(({ frame }) => frame.offsetTop);
    const after = tops.findIndex((top) => top > tops[0] + 4);
    return after < 0 ? tops.length : after;
  }

  pick(at, place) {
    this.told?.("picked", [at, place]);
  }
}
