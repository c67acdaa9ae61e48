// What lies over the drawing of a graph, as a Streamlit component: selection, colours, widths and search hits.

/** @import { OverlayData } from "../graph/graph_view.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { connectReport, sharedGraph, showSharedOverlay } from "./shared_graphs.js";

/** @param {ComponentCall<OverlayData & { key: string, drawing: string }>} call */
export default function ({ data, setTriggerValue }) {
  const graph = sharedGraph(data.key);
  graph.overlay = data;
  showSharedOverlay(graph);
  connectReport(graph, setTriggerValue);
}
