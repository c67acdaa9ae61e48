// Where a drawing and what lies over it come together, by their key: Streamlit knows them as two components, so that a
// selection or a colour does not send the drawing again.

/** @import { OverlayData, GraphView } from "../graph/graph_view.js" */
/** @import { Action, DrawingRequests } from "../graph/drawing_requests.js" */

/**
 * @typedef {object} SharedGraph
 * @property {GraphView | null} view
 * @property {DrawingRequests | null} requests
 * @property {(OverlayData & { drawing: string }) | null} overlay
 * @property {Report} report tells the page of selections and searches
 * @property {Map<string, string | number>} unreported the newest of each event from before the overlay was there
 */

/** @typedef {(event: string, value: string | number) => void} Report */

/** @type {Map<string, SharedGraph>} */
const graphs = new Map();

/**
 * @param {string} key
 * @returns {SharedGraph}
 */
export function sharedGraph(key) {
  let graph = graphs.get(key);
  if (!graph) {
    /** @type {SharedGraph["unreported"]} */
    const unreported = new Map();
    // The drawing comes before the overlay, and a person may be quicker than that: nothing that is picked is lost.
    graph = { view: null, requests: null, overlay: null, report: (event, value) => unreported.set(event, value), unreported };
    graphs.set(key, graph);
  }
  return graph;
}

/**
 * The overlay's component is there, and takes what was picked before it was.
 * @param {SharedGraph} graph
 * @param {Report} report
 */
export function connectReport(graph, report) {
  graph.report = report;
  const waiting = [...graph.unreported];
  graph.unreported.clear();
  for (const [event, value] of waiting) {
    report(event, value);
  }
}

/**
 * Lays the overlay over the drawing, where it belongs to the drawing that is shown; else it waits for that.
 * @param {SharedGraph} graph
 */
export function showSharedOverlay({ view, overlay }) {
  if (view && overlay && view.name === overlay.drawing) {
    view.showOverlay(overlay);
  }
}

/**
 * Another graph was chosen: its drawing is requested at once, where one is on the page; Python is informed after it.
 * @param {string} key
 * @param {string} id
 * @param {(action: Action | undefined) => void} report
 */
export function chooseGraph(key, id, report) {
  const { view, requests } = sharedGraph(key);
  if (view?.host.isConnected && requests) {
    requests.perform("choose", id, (actions) => report(actions.at(-1)));
  } else {
    report([Date.now(), "choose", id]);
  }
}
