// The search for nodes in an offline page.

/** @import { SearchAnswer } from "../graph/search_field.js" */
/** @import { NodeRecord } from "./node_panel.js" */

const MOST_HITS = 200; // that are listed

/**
 * Nodes with the query in their operation, names, module, outputs or shapes.
 * @param {Record<string, NodeRecord>} nodes by id
 * @param {string} query
 * @returns {SearchAnswer | null} null for an empty query
 */
export function searchNodes(nodes, query) {
  const wanted = query.toLowerCase().replace(/(\d)x(?=\d)/g, "$1×"); // 64x112 is a shape
  if (!wanted) {
    return null;
  }
  const matches = Object.entries(nodes).filter(([, node]) => searchText(node).includes(wanted));
  return {
    query,
    total: matches.length,
    message: "",
    hits: matches.slice(0, MOST_HITS).map(([id, node]) => [id, node.operation, node.scope || node.name]),
  };
}

/** @type {WeakMap<NodeRecord, string>} */
const texts = new WeakMap();

/** @param {NodeRecord} node */
function searchText(node) {
  let text = texts.get(node);
  if (text === undefined) {
    text = [node.operation, node.name, node.scope, ...node.outputs.flat()].join(" ").toLowerCase();
    texts.set(node, text);
  }
  return text;
}
