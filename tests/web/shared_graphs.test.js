// Where a drawing and its overlay come together: what a person picks before the overlay is there is not lost.

import assert from "node:assert/strict";
import test from "node:test";

import { connectReport, sharedGraph } from "../../explorer/web/components/shared_graphs.js";

test("a pick before the overlay is there is reported when it comes, the newest of each kind, once", () => {
  const graph = sharedGraph("early");
  graph.report("pick", "n0");
  graph.report("pick", "n1");
  graph.report("search", "relu");
  /** @type {[string, string | number][]} */
  const reported = [];
  connectReport(graph, (event, value) => reported.push([event, value]));
  assert.deepEqual(reported, [["pick", "n1"], ["search", "relu"]]);
  connectReport(graph, (event, value) => reported.push([event, value])); // Streamlit calls a component again and again
  graph.report("pick", "n2");
  assert.deepEqual(reported.slice(2), [["pick", "n2"]]);
});

test("each key has a graph of its own, the same one each time", () => {
  assert.equal(sharedGraph("a"), sharedGraph("a"));
  assert.notEqual(sharedGraph("a"), sharedGraph("b"));
});
