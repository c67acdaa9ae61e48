// Sheets of small pictures. A change of values only repaints; hovering asks nothing of the server. The pictures of a
// sheet are painted on one canvas above their tiles: images would be loaded one by one, and a canvas each would be a
// layer of the page each.

/** @import { NumberArray, PackedArray } from "../base/arrays.js" */
/** @import { ColourScales, ColourStops } from "../base/colour_scale.js" */

import { channel, finiteRange, unpackArray } from "../base/arrays.js";
import { ColourScale, paintImage, scaleBar } from "../base/colour_scale.js";
import { cellUnderPointer, context2d, element, placeTip } from "../base/dom.js";
import { digits, fillTemplate } from "../base/number_format.js";
import { tileSize, tilesPerRow } from "./tiles_layout.js";

/**
 * A sheet as tiles_view.py sends it. `tiles`: (T, H, W); `own`: each tile has a colour scale of its own; `limits`: of the
 * colours, null for the sheet's range; `marks`: dead tiles; `step`: rows and columns of a cell; `first`: of all numbers.
 * @typedef {{
 *   title: string, tiles: PackedArray, captions: string[], names: string[], side: number, least: number,
 *   columns: number, own: boolean, limits: [number, number] | null, signed: boolean, marks: number[], paper: boolean,
 *   chosen: number | null, missing: string, step: [number, number], flat: boolean, note: string, first: number
 * }} SheetData
 */

/**
 * @typedef {{
 *   sheets: SheetData[], pickable: boolean, beside: boolean, colours: ColourScales, paper: ColourStops,
 *   words: Record<string, string>, shown: string
 * }} TilesData `shown`: names what is drawn
 */

/** @typedef {{ frame: HTMLElement, tile: HTMLElement, caption: HTMLElement }} Tile */

/**
 * A sheet on the page. `boxes`: left, top, width and height of each tile on the board, in the page's pixels; `picture`:
 * all tiles one below the other, (T · H) rows of W pixels.
 * @typedef {{
 *   section: HTMLElement, head: HTMLElement, bar: HTMLImageElement, ends: HTMLElement, grid: HTMLElement,
 *   board: HTMLCanvasElement, tiles: Tile[], values: NumberArray, boxes: number[][],
 *   picture: { pixels: ImageData, height: number, width: number } | null
 * }} SheetView
 */

const LEAST_TARGET = 24; // pixels of what a finger can meet

export class TilesView {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {(sheet: number, tile: number) => void} */
    this.onpick = () => {};
    this.body = element("div", "sheets");
    this.tip = element("div", "tip");
    this.tip.hidden = true;
    host.replaceChildren(this.body, this.tip);
    /** @type {TilesData | null} */
    this.data = null;
    /** @type {SheetView[]} */
    this.sheets = [];
    this.structure = "";
    // Called before the frame is painted: tiles have got their places, or have moved.
    this.resizes = new ResizeObserver((changes) => {
      const grids = new Set(changes.map(({ target }) => target));
      this.sheets.filter(({ grid }) => grids.has(grid)).forEach((view) => {
        view.boxes = view.tiles.map(({ tile }) => [tile.offsetLeft, tile.offsetTop, tile.offsetWidth, tile.offsetHeight]);
        drawBoard(view);
      });
    });
  }

  /** @param {TilesData} data */
  show(data) {
    const form = (/** @type {SheetData} */ { title, tiles, side, least, columns }) => [title, tiles.shape, side, least, columns];
    const structure = JSON.stringify([data.words, data.pickable, data.beside, data.sheets.map(form)]);
    this.data = data;
    if (structure !== this.structure) {
      this.structure = structure;
      this.build(data);
    }
    data.sheets.forEach((sheet, place) => this.paint(data, this.sheets[place], sheet));
    this.host.dataset.shown = data.shown;
  }

  /** @param {TilesData} data */
  build(data) {
    this.body.classList.toggle("beside", data.beside);
    this.body.classList.toggle("pickable", data.pickable);
    this.tip.hidden = true;
    this.resizes.disconnect();
    this.sheets = data.sheets.map((sheet, place) => this.sheet(data, sheet, place));
    this.body.replaceChildren(...this.sheets.map(({ section }) => section));
    this.sheets.forEach(({ grid }) => this.resizes.observe(grid));
  }

  /**
   * @param {TilesData} data
   * @param {SheetData} sheet
   * @param {number} place
   * @returns {SheetView}
   */
  sheet(data, sheet, place) {
    const count = sheet.tiles.shape[0];
    const bar = scaleBar();
    const ends = element("span", "ends");
    const head = element("header", "head", element("b", "", sheet.title), element("span", "bar", bar, ends));
    const board = element("canvas", "board");
    const tiles = Array.from({ length: count }, (_, index) => this.tile(data, sheet, place, index));
    const grid = element("div", "tiles", ...tiles.map(({ frame }) => frame), board);
    if (sheet.columns) {
      // On a narrow page they shrink, as long as a finger meets each.
      const [, rows, columns] = sheet.tiles.shape;
      const least = Math.min(LEAST_TARGET, tileSize(rows, columns, sheet.side, sheet.least).width);
      grid.style.gridTemplateColumns = `repeat(${sheet.columns}, minmax(${least}px, max-content))`;
      grid.classList.add("columns");
    }
    if (!count) {
      grid.append(element("span", "none", data.words.none));
    }
    const section = element("section", "sheet", head, grid);
    section.setAttribute("aria-label", sheet.title);
    const values = { shape: [0, 0, 0], values: new Float32Array() };
    return { section, head, bar, ends, grid, board, tiles, values, boxes: [], picture: null };
  }

  /**
   * @param {TilesData} data
   * @param {SheetData} sheet
   * @param {number} place of the sheet
   * @param {number} index of the tile
   * @returns {Tile}
   */
  tile({ pickable }, { side, least, tiles, captions }, place, index) {
    const tile = element("div", "tile");
    const caption = element("figcaption");
    const [, rows, columns] = tiles.shape;
    const { width, height } = tileSize(rows, columns, side, least);
    tile.style.width = `${width}px`;
    tile.style.aspectRatio = `${width} / ${height}`;
    tile.setAttribute("role", pickable ? "button" : "img");
    if (pickable) {
      tile.tabIndex = index === 0 ? 0 : -1;
      tile.onclick = () => this.onpick(place, index);
      tile.onkeydown = (event) => this.press(event, place, index);
    }
    tile.onpointermove = (event) => this.explain(event, tile, place, index);
    tile.onpointerleave = () => {
      this.tip.hidden = true;
    };
    const frame = element("figure", "", tile, caption);
    frame.style.width = `${Math.max(width, captions.length ? 28 : 0)}px`; // wide enough for a caption
    return { frame, tile, caption };
  }

  // ---- colours

  /**
   * @param {TilesData} data
   * @param {SheetView} view
   * @param {SheetData} sheet
   */
  paint(data, view, sheet) {
    const array = unpackArray(sheet.tiles);
    view.values = array;
    const dead = new Set(sheet.marks);
    const range = sheet.limits ?? finiteRange(array.values);
    const common = sheet.own ? null : sheetScale(data, sheet, range);
    const [, height, width] = array.shape;
    const pixels = new Uint8ClampedArray(array.values.length * 4);
    view.tiles.forEach(({ tile, caption }, place) => {
      const { values } = channel(array, place);
      if (!dead.has(place)) {
        const scale = common ?? sheetScale(data, sheet, finiteRange(values));
        pixels.set(scale.pixels(values), place * values.length * 4);
      } // else left empty, so that the cross behind it is seen
      tile.classList.toggle("dead", dead.has(place));
      tile.classList.toggle("picked", sheet.chosen === place);
      tile.setAttribute("aria-label", tileName(data.words, sheet, place));
      if (data.pickable) {
        tile.setAttribute("aria-pressed", String(sheet.chosen === place));
      }
      caption.textContent = sheet.captions[place] ?? "";
    });
    const image = pixels.length ? new ImageData(pixels, width, pixels.length / width / 4) : null;
    view.picture = image && { pixels: image, height, width };
    drawBoard(view);
    const bar = sheetScale(data, sheet, sheet.own ? [sheet.signed ? -1 : 0, 1] : range);
    paintImage(view.bar, bar.bar(), bar);
    view.ends.textContent = sheet.own ? data.words.ends : `${digits(bar.low)} … ${digits(bar.high)}`;
    if (view.bar.parentElement) {
      view.bar.parentElement.hidden = sheet.paper || !sheet.tiles.shape[0];
    }
    view.head.hidden = !sheet.title && sheet.paper;
  }

  // ---- pointing and choosing

  /**
   * Writes beside the pointer which number it is on.
   * @param {PointerEvent} event
   * @param {HTMLElement} tile
   * @param {number} place of the sheet
   * @param {number} index of the tile
   */
  explain(event, tile, place, index) {
    const sheet = this.data?.sheets[place];
    if (!sheet) {
      return;
    }
    const words = this.data?.words ?? {};
    const { shape, values } = this.sheets[place].values;
    const [, height, width] = shape;
    const { row, column } = cellUnderPointer(event, tile, { width, height });
    const value = values[(index * height + row) * width + column];
    const where = sheet.flat
      ? fillTemplate(words.position, { n: row * width + column + sheet.first })
      : fillTemplate(words.pixel, { row: row * sheet.step[0] + sheet.first, column: column * sheet.step[1] + sheet.first });
    const text = sheet.missing && Number.isNaN(value) ? sheet.missing : digits(value);
    this.tip.textContent = [tileName(words, sheet, index), where, text, sheet.note].filter(Boolean).join(" · ");
    this.tip.hidden = false;
    placeTip(this.tip, this.host, event);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} place of the sheet
   * @param {number} index of the tile
   */
  press(event, place, index) {
    const { tiles } = this.sheets[place];
    const row = this.data?.sheets[place].columns || tilesPerRow(tiles.map(({ frame }) => frame.offsetTop));
    /** @type {Record<string, number>} */
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row };
    if (event.key === "Enter" || event.key === " ") {
      this.onpick(place, index);
    } else if (event.key in moves) {
      const next = tiles[index + moves[event.key]];
      if (next) {
        tiles[index].tile.tabIndex = -1;
        next.tile.tabIndex = 0;
        next.tile.focus();
      }
    } else {
      return;
    }
    event.preventDefault();
  }
}

/**
 * The colours of a sheet whose values lie in a range.
 * @param {TilesData} data
 * @param {SheetData} sheet
 * @param {[number, number]} range
 */
function sheetScale({ colours, paper }, sheet, [low, high]) {
  if (sheet.paper) {
    return new ColourScale(paper, low, high);
  }
  if (sheet.signed) {
    return ColourScale.signed(colours, Math.max(Math.abs(low), Math.abs(high)));
  }
  return new ColourScale(colours.sequential, sheet.limits ? low : Math.min(0, low), high || 1);
}

/**
 * What a tile is called.
 * @param {Record<string, string>} words
 * @param {SheetData} sheet
 * @param {number} index
 */
function tileName(words, sheet, index) {
  const counted = { title: sheet.title, n: index + 1, of: sheet.tiles.shape[0] };
  const name = sheet.names[index] ? [sheet.names[index]] : [fillTemplate(words.tile, counted), sheet.captions[index]];
  return [...name, sheet.marks.includes(index) ? words.dead : ""].filter(Boolean).join(" · ");
}

/** @param {SheetView} view its tiles have no places before the first layout */
function drawBoard({ board, boxes, picture }) {
  if (!boxes.length || !picture) {
    return;
  }
  const ratio = window.devicePixelRatio || 1;
  const across = Math.max(...boxes.map(([left, , width]) => left + width));
  const down = Math.max(...boxes.map(([, top, , height]) => top + height));
  const [boardWidth, boardHeight] = [Math.round(across * ratio), Math.round(down * ratio)];
  if (board.width !== boardWidth || board.height !== boardHeight) {
    [board.width, board.height] = [boardWidth, boardHeight];
    board.style.width = `${across}px`;
    board.style.height = `${down}px`;
  }
  const { pixels, height, width } = picture;
  const source = new OffscreenCanvas(pixels.width, pixels.height);
  context2d(source).putImageData(pixels, 0, 0);
  const pen = context2d(board);
  pen.clearRect(0, 0, boardWidth, boardHeight);
  pen.imageSmoothingEnabled = false; // after a change of the size it is on again
  boxes.forEach((box, place) => {
    const [left, top, wide, high] = box.map((length) => Math.round(length * ratio));
    pen.drawImage(source, 0, place * height, width, height, left, top, wide, high);
  });
}
