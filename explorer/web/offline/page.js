// A graph's page without a server: everything comes from the JSON in it. Text from a model is only ever put in as text.

/** @import { ColourScales } from "../base/colour_scale.js" */
/** @import { GraphEvent } from "../graph/graph_view.js" */
/** @import { SearchAnswer } from "../graph/search_field.js" */
/** @import { StoredDrawing } from "./drawings.js" */
/** @import { GraphRecords } from "./node_panel.js" */

import { bytesFromBase64 } from "../base/arrays.js";
import { part, writeWords } from "../base/dom.js";
import { fillTemplate } from "../base/number_format.js";
import { GraphView } from "../graph/graph_view.js";
import { drawingAfterToggle, drawingAtDepth, orderedDrawings, unzipped } from "./drawings.js";
import { NodePanel } from "./node_panel.js";
import { searchNodes } from "./node_search.js";

/**
 * What the page holds. `legend`: title, light and dark colour of each category.
 * @typedef {GraphRecords & {
 *   theme: "auto" | "light" | "dark", drawings: StoredDrawing[], legend: [string, string, string][],
 *   colours: { light: ColourScales, dark: ColourScales }
 * }} HeldData
 */

class OfflinePage {
  /** @param {HeldData} held */
  constructor(held) {
    this.held = held;
    this.view = new GraphView(part(document, ".graph", HTMLElement));
    this.panel = new NodePanel(part(document, "#panel", HTMLElement), held);
    this.choice = part(document, "#drawings", HTMLSelectElement);
    this.prefersDark = matchMedia("(prefers-color-scheme: dark)");
    /** @type {SearchAnswer | null} */
    this.answer = null;
    this.current = held.drawings[0];
    /** @type {string | null} */
    this.selected = null;
    writeWords(document, held.words);
    this.view.setWords(held.words);
    this.view.onevent = (event, value) => this.handle(event, value);
    held.drawings.forEach((drawing, place) => {
      const title = fillTemplate(held.words[drawing.title], { n: drawing.level });
      this.choice.append(new Option(title, String(place)));
    });
    this.choice.onchange = () => this.draw(held.drawings[Number(this.choice.value)]);
    this.prefersDark.onchange = () => this.draw(this.current);
    document.documentElement.dataset.theme = held.theme;
  }

  isDark() {
    return this.held.theme === "dark" || (this.held.theme === "auto" && this.prefersDark.matches);
  }

  colours() {
    return this.isDark() ? this.held.colours.dark : this.held.colours.light;
  }

  /**
   * Only the newest drawing that is asked for is shown: unpacking takes a moment.
   * @param {StoredDrawing} drawing
   */
  async draw(drawing) {
    this.current = drawing;
    const isDark = this.isDark();
    const svg = await unzipped(bytesFromBase64(isDark ? drawing.dark : drawing.light));
    if (this.current !== drawing || isDark !== this.isDark()) {
      return;
    }
    this.choice.value = String(this.held.drawings.indexOf(drawing));
    this.view.show({ ...drawing, svg, levels: 0 }); // depths are chosen by a menu of its own
    this.panel.show(this.selected, this.colours());
    this.showOverlay();
  }

  showOverlay() {
    const selected = this.selected === null ? null : (this.current.holder[this.selected] ?? this.selected);
    /** @type {[string, string][]} */
    const legend = this.held.legend.map(([title, light, dark]) => [title, this.isDark() ? dark : light]);
    this.view.showOverlay({ selected, legend, scale: null, colours: null, widths: null, search: this.answer });
  }

  /**
   * @param {GraphEvent} event
   * @param {string | number} value
   */
  handle(event, value) {
    if (event === "pick") {
      this.pick(String(value));
    } else if (event === "search") {
      this.answer = searchNodes(this.held.nodes, String(value));
      this.showOverlay();
    } else if (event === "toggle") {
      this.turnTo(drawingAfterToggle(this.held.drawings, this.current, String(value)));
    } else if (event === "level") {
      this.turnTo(drawingAtDepth(this.held.drawings, this.current, Number(value)));
    }
  }

  /** @param {StoredDrawing | undefined} drawing undefined: there is none */
  turnTo(drawing) {
    if (drawing) {
      this.draw(drawing);
    } else {
      this.view.anchor = null;
    }
  }

  /** @param {string} id */
  pick(id) {
    const { boxes, folds } = this.current;
    this.selected = id;
    if (this.held.nodes[id] && !boxes.includes(id) && !folds.includes(id)) {
      this.turnTo(orderedDrawings(this.held.drawings).find((drawing) => drawing.boxes.includes(id)));
    }
    this.showOverlay();
    this.panel.show(id, this.colours());
  }
}

/** Shows the page that holds this script. */
export function showPage() {
  const page = new OfflinePage(JSON.parse(part(document, "#held", HTMLElement).textContent ?? ""));
  page.panel.show(null, page.colours());
  page.draw(page.current);
}
