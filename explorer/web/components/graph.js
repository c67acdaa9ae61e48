// The drawing of a graph as a Streamlit component.

/** @import { DrawingData, GraphEvent } from "../graph/graph_view.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { part } from "../base/dom.js";
import { DrawingRequests } from "../graph/drawing_requests.js";
import { GraphView } from "../graph/graph_view.js";
import { sharedGraph, showSharedOverlay } from "./shared_graphs.js";
import { keptView } from "./streamlit.js";

/** @type {Set<GraphEvent | null>} events that ask for another drawing */
const DRAWING_EVENTS = new Set(["toggle", "level", "depth"]);

/**
 * `key`: the same as the overlay's; `page`: names this page to the server; `turn`: of the last action that this drawing
 * shows; `height`: in pixels.
 * @typedef {DrawingData & {
 *   key: string, words: Record<string, string>, height: number, page: string, turn: number
 * }} GraphData
 */

/** @param {ComponentCall<GraphData>} call */
export default function ({ data, parentElement, setTriggerValue }) {
  const graph = sharedGraph(data.key);
  const host = part(parentElement, ".graph", HTMLElement);
  const view = keptView(host, () => new GraphView(host));
  if (graph.view !== view || !graph.requests) {
    graph.view = view;
    graph.requests = new DrawingRequests(view);
  }
  const { requests } = graph;
  requests.page = data.page;
  view.onevent = (event, value) => {
    if (DRAWING_EVENTS.has(event)) {
      requests.perform(event, value, (actions) => setTriggerValue("actions", actions));
    } else {
      graph.report(event, value);
    }
  };
  view.onexpect = (event, value, rest) => requests.expect(event, value, rest);
  // With its tools in the window, where that leaves enough of it.
  host.style.height = `min(${data.height}px, max(30rem, calc(100vh - 25rem)))`;
  view.setWords(data.words);
  if (requests.confirm(data.turn)) {
    view.show(data);
  }
  showSharedOverlay(graph);
}
