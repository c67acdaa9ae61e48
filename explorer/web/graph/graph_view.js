// A graph on a page: the drawing, what is selected in it, what lies over it, and the tools around it. Each part has a
// module of its own; this one joins them.

/** @import { DrawingActions } from "./drawing.js" */
/** @import { NodeColours, ScaleLegend } from "./overlay_colours.js" */
/** @import { SearchAnswer } from "./search_field.js" */

import { activeElement, part, writeWords } from "../base/dom.js";
import { DepthButtons } from "./depth_buttons.js";
import { Drawing } from "./drawing.js";
import { ZOOM_STEP } from "./geometry.js";
import { listenToKeys } from "./keyboard.js";
import { LateText } from "./late_text.js";
import { Minimap } from "./minimap.js";
import { OverlayColours, showLegend, showScale, widenEdges } from "./overlay_colours.js";
import { listenToPointer } from "./pointer.js";
import { SearchField } from "./search_field.js";
import { Selection } from "./selection.js";
import { Viewport } from "./viewport.js";

const SETTLED = 220; // ms without another arrow key until a selection is reported

/** @typedef {DrawingActions & { drawing?: string, svg: string, levels: number }} DrawingData */

/**
 * @typedef {{
 *   selected: string | null, legend: [string, string][], scale: ScaleLegend | null,
 *   colours: Record<string, NodeColours> | null, widths: Record<string, number> | null, search: SearchAnswer | null
 * }} OverlayData
 */

/**
 * What a person does: `toggle` opens a box or folds a frame, `level` opens (1) or folds (-1) one level of all, `depth`
 * opens to "first", "all" or a number of levels, `pick` selects a node, `search` asks for a query.
 * @typedef {"toggle" | "level" | "depth" | "pick" | "search"} GraphEvent
 */

export class GraphView {
  /** @param {HTMLElement} host the element of graph_view.html */
  constructor(host) {
    this.host = host;
    /** The name of what is shown; "" before the first. */
    this.name = "";
    /** @type {(event: GraphEvent, value: string | number) => void} */
    this.onevent = () => {};
    /** @type {(event: GraphEvent | null, value?: string, rest?: number) => void} what may be done next; null: nothing */
    this.onexpect = () => {};
    this.drawing = new Drawing();
    this.viewport = new Viewport(part(host, ".stage", HTMLElement), part(host, "[data-do=actual]", HTMLElement));
    this.selection = new Selection(this.drawing, (id) => this.onevent("pick", id));
    this.minimap = new Minimap(part(host, ".minimap", HTMLCanvasElement), this.viewport, this.drawing);
    this.lateText = new LateText();
    this.overlayColours = new OverlayColours();
    this.keys = part(host, ".keys", HTMLElement);
    this.depthButtons = new DepthButtons(
      part(host, ".depths", HTMLElement),
      (depth) => this.onevent("depth", depth),
      (depth) => (depth === null ? this.onexpect(null) : this.onexpect("depth", depth)),
    );
    this.search = new SearchField(
      part(host, ".search", HTMLElement),
      (query) => this.onevent("search", query),
      (id) => this.selection.pick(id),
    );
    /** @type {{ id: string, x: number, y: number } | null} what was toggled and where it was, in pixels of the stage */
    this.anchor = null;
    /** @type {string | undefined} the end of a stub that was last gone to */
    this.jumpedTo = undefined;
    this.viewport.onchange = (moved) => {
      this.minimap.draw();
      if (moved) {
        this.lateText.show();
      }
    };
    this.listen();
    host.inert = false; // until now a click would have been lost
  }

  listen() {
    const { viewport, selection } = this;
    listenToPointer(viewport, this.drawing, {
      use: (id) => this.use(id),
      toggle: (id) => this.toggle(id),
      expectToggle: (id, rest) => (id === null ? this.onexpect(null) : this.onexpect("toggle", id, rest)),
    });
    const actions = {
      zoom: (/** @type {number} */ factor) => viewport.zoom(factor),
      zoomToActualSize: () => viewport.zoomToActualSize(),
      fit: () => viewport.fit(),
      togglePath: () => {
        selection.toggleWhole();
        this.button("path").setAttribute("aria-pressed", String(selection.whole));
      },
      toggleKeys: (show = this.keys.hidden) => {
        this.keys.hidden = !show;
        this.button("keys").setAttribute("aria-expanded", String(show));
      },
    };
    listenToKeys(this.host, {
      ...actions,
      pan: (dx, dy) => viewport.pan(dx, dy),
      goTo: (dx, dy) => this.goTo(dx, dy),
      useFocused: () => {
        const id = this.focused();
        if (id !== null) {
          this.use(id);
        }
      },
      foldAround: () => this.foldAround(),
      changeDepth: (by) => this.onevent("level", by),
      openSearch: () => this.search.open(),
    });
    this.button("in").onclick = () => actions.zoom(ZOOM_STEP);
    this.button("out").onclick = () => actions.zoom(1 / ZOOM_STEP);
    this.button("fit").onclick = actions.fit;
    this.button("actual").onclick = actions.zoomToActualSize;
    this.button("path").onclick = actions.togglePath;
    this.button("keys").onclick = () => actions.toggleKeys();
  }

  /** @param {string} name */
  button(name) {
    return part(this.host, `.tools [data-do=${name}]`, HTMLButtonElement);
  }

  /** @param {DrawingData} data a drawing that is shown already stays as it is */
  show(data) {
    const { drawing, viewport } = this;
    this.name = data.drawing ?? "";
    this.depthButtons.show(data.levels);
    drawing.setActions(data);
    if (data.svg === drawing.text) {
      return;
    }
    const result = drawing.read(data.svg);
    if (!result) {
      return;
    }
    const before = viewport.drawingSize;
    const { stage } = viewport;
    stage.replaceChildren(result.svg);
    viewport.hold(result.content, result.size);
    this.minimap.reset();
    const box = before && this.anchor ? drawing.box(this.anchor.id) : null;
    if (this.anchor && box) {
      viewport.putTopAt(box, this.anchor);
    } else if (before && before.width === result.size.width && before.height === result.size.height) {
      viewport.moveTo(viewport.placement);
    } else {
      viewport.startAt((down) => drawing.start(down));
    }
    this.lateText.begin(drawing, viewport);
    this.selection.mark();
    if (this.anchor) {
      this.refocus(this.anchor.id);
    }
    this.anchor = null;
    stage.dataset.drawn = String(Number(stage.dataset.drawn ?? 0) + 1);
  }

  /** @param {Record<string, string>} words */
  setWords(words) {
    writeWords(this.host, words);
    this.depthButtons.setWords(words);
    this.search.noHits = words.no_hits;
  }

  /**
   * Lays selection, colours, widths and search hits over the drawing, which stays.
   * @param {OverlayData} data
   */
  showOverlay({ selected, legend, scale, colours, widths, search }) {
    if (this.selection.receive(selected)) {
      this.reveal(selected);
    }
    showLegend(part(this.host, ".legend", HTMLElement), legend);
    showScale(part(this.host, ".scale", HTMLElement), scale);
    this.overlayColours.colourNodes(this.drawing.nodes, colours);
    widenEdges(this.drawing.edges, widths);
    this.search.show(search);
    this.minimap.reset();
    this.minimap.draw();
  }

  /** @param {boolean} isBusy a new drawing is being made: the old one is still shown */
  setBusy(isBusy) {
    this.host.classList.toggle("busy", isBusy);
    this.host.setAttribute("aria-busy", String(isBusy));
  }

  /** Another graph is about to come: what was selected in this one, and where it was, means nothing there. */
  forget() {
    this.selection.forget();
    this.anchor = null;
  }

  // ---- folding

  /**
   * Asks the page to open a box or fold a frame; it will be at the same place in the new drawing.
   * @param {string} id
   */
  toggle(id) {
    const box = this.drawing.box(id);
    if (box) {
      this.anchor = { id, ...this.viewport.topOf(box) };
      this.onevent("toggle", id);
    }
  }

  foldAround() {
    const frame = this.drawing.inside[this.focused() ?? this.selection.id ?? ""];
    if (frame) {
      this.toggle(frame);
    }
  }

  /**
   * The focus was on what has been opened or folded: it goes to what came of it, so that keys go on from there.
   * @param {string} id
   */
  refocus(id) {
    const { nodes, inside } = this.drawing;
    const inner = Object.keys(inside).find((box) => inside[box] === id && nodes.has(box));
    const element = nodes.get(id) ?? nodes.get(inner ?? "");
    if (element && !activeElement(this.host)) {
      element.focus({ preventScroll: true });
    }
  }

  // ---- selecting

  /** @param {string | null} id */
  reveal(id) {
    const box = id !== null && this.drawing.nodes.has(id) ? this.drawing.box(id) : null;
    if (box && !this.viewport.pending) {
      this.viewport.reveal(box);
    }
  }

  /**
   * What a click or Enter does: a folded box opens, a stub leads to its other end, an operation is selected.
   * @param {string} id
   */
  use(id) {
    const ends = this.drawing.jumps[id];
    if (ends?.length) {
      const next = ends[(ends.indexOf(this.jumpedTo ?? "") + 1) % ends.length];
      this.jumpedTo = next;
      this.use(next);
      this.focus(next);
    } else if (this.drawing.opens.has(id)) {
      this.toggle(id);
    } else {
      this.selection.pick(id);
    }
  }

  /**
   * An arrow key: the focus moves on; operations are also selected, once the key rests.
   * @param {number} dx
   * @param {number} dy
   */
  goTo(dx, dy) {
    const { drawing, selection } = this;
    const from = this.focused() ?? selection.id;
    const next = from !== null && drawing.nodes.has(from) ? drawing.neighbour(from, dx, dy) : [...drawing.nodes.keys()][0];
    if (!next) {
      return;
    }
    if (drawing.opens.has(next) || drawing.jumps[next]) {
      selection.cancelReport();
    } else {
      selection.pick(next, SETTLED);
    }
    this.focus(next);
  }

  /** @param {string} id */
  focus(id) {
    this.drawing.nodes.get(id)?.focus({ preventScroll: true });
    this.reveal(id);
  }

  /** The node that has the focus; null where none has. */
  focused() {
    return this.drawing.hit(activeElement(this.host))?.node?.id.replace(/^node-/, "") ?? null;
  }
}
