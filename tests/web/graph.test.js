// Pan, zoom and neighbours of a drawing; what feeds what; the search field's list.

import assert from "node:assert/strict";
import test from "node:test";

import { matchesName } from "../../explorer/web/fields/architecture_menu.js";
import {
  firstPlacement, fitted, nearestInDirection, panToSee, parsedBox, zoomedAbout,
} from "../../explorer/web/graph/geometry.js";
import { Links } from "../../explorer/web/graph/links.js";
import { hitsText, steppedHit } from "../../explorer/web/graph/search_field.js";
import { drawingAfterToggle, drawingAtDepth } from "../../explorer/web/offline/drawings.js";
import { searchNodes } from "../../explorer/web/offline/node_search.js";

const STAGE = { width: 800, height: 600 };
const onScreen = ({ scale, x, y }, box) => [box.x * scale + x, box.y * scale + y];
const close = (one, other) => assert.ok(one.every((value, place) => Math.abs(value - other[place]) < 1e-9), `${one} ${other}`);

test("a zoom keeps the point under the pointer, also at its limits", () => {
  for (const factor of [0.5, 1.25, 3, 1e-9, 1e9]) {
    const before = { scale: 0.8, x: -37, y: 12 };
    const after = zoomedAbout(before, factor, 123, 456);
    const point = { x: (123 - before.x) / before.scale, y: (456 - before.y) / before.scale };
    close(onScreen(after, point), [123, 456]);
    assert.ok(after.scale >= 0.05 && after.scale <= 8);
  }
});

test("a zoom there and back is none", () => {
  const before = { scale: 1, x: 10, y: 20 };
  const after = zoomedAbout(zoomedAbout(before, 1.25, 50, 60), 1 / 1.25, 50, 60);
  close([after.scale, after.x, after.y], [1, 10, 20]);
});

test("what is fitted lies on the stage, below the tools, in the middle", () => {
  for (const size of [{ width: 2000, height: 300 }, { width: 100, height: 5000 }, { width: 40, height: 30 }]) {
    const placement = fitted(size, STAGE, 2);
    const [left, top] = onScreen(placement, { x: 0, y: 0 });
    const [right, bottom] = onScreen(placement, { x: size.width, y: size.height });
    assert.ok(left >= 0 && right <= STAGE.width && top >= 49 && bottom <= STAGE.height, JSON.stringify(placement));
    assert.ok(Math.abs(left + right - STAGE.width) < 1e-9);
    assert.ok(placement.scale <= 2);
  }
});

test("a drawing that would be too small starts at its first node, readable", () => {
  const first = { x: 150, y: 20, width: 60, height: 20 };
  const down = firstPlacement({ width: 300, height: 9000 }, STAGE, (isDown) => (assert.ok(isDown), first));
  assert.ok(down.scale >= 0.8);
  assert.equal(onScreen(down, first)[0], STAGE.width / 2);
  const right = firstPlacement({ width: 9000, height: 300 }, STAGE, (isDown) => (assert.ok(!isDown), first));
  assert.equal(onScreen(right, first)[1], STAGE.height / 2);
  assert.equal(firstPlacement({ width: 100, height: 100 }, STAGE, () => null).scale, 1.25);
});

test("a drawing that can be read as a whole is first shown as a whole", () => {
  const drawing = { width: 300, height: 1000 };
  const first = firstPlacement(drawing, STAGE, () => assert.fail("no place to begin at is asked for"));
  assert.deepEqual(first, fitted(drawing, STAGE, 1.25));
  assert.ok(onScreen(first, { x: 0, y: drawing.height })[1] <= STAGE.height);
});

test("a box that is seen is not panned to, and one that is not comes just into sight", () => {
  const placement = { scale: 2, x: 0, y: 0 };
  const box = (x, y) => ({ x, y, width: 20, height: 10 });
  assert.deepEqual(Object.values(panToSee(placement, box(200, 150), STAGE)).map(Math.abs), [0, 0]);
  assert.deepEqual(panToSee(placement, box(-50, 150), STAGE), { x: 144, y: 0 }); // −100 − 20 − 24 pixels
  assert.deepEqual(panToSee(placement, box(200, 400), STAGE).y, -(800 + 10 + 24 - 600));
});

test("boxes are read from four numbers", () => {
  assert.deepEqual(parsedBox("4 8 30 20"), { x: 19, y: 18, width: 30, height: 20 });
  for (const text of [null, "", "1 2 3", "a b c d"]) {
    assert.deepEqual(parsedBox(text), { x: 0, y: 0, width: 0, height: 0 });
  }
});

test("the nearest box in a direction", () => {
  const from = { x: 0, y: 0, width: 1, height: 1 };
  const boxes = [["near", [0, 50]], ["aside", [60, 40]], ["far", [0, 90]], ["back", [0, -10]]].map(([name, [x, y]]) => [name, { x, y }]);
  assert.equal(nearestInDirection(from, boxes, 0, 1, 2), "near");
  assert.equal(nearestInDirection(from, boxes, 0, -1, 2), "back");
  assert.equal(nearestInDirection(from, boxes, 1, 0, 2), "aside");
  assert.equal(nearestInDirection(from, boxes, -1, 0, 2), null);
});

test("what is before and after a box, across a stub", () => {
  const edges = [["a", "b"], ["b", "c"], ["b", "d"], ["x", "stub"]].map(([source, target]) => ({ source, target }));
  const links = new Links(edges, { stub: ["c"], unused: ["a"] });
  assert.deepEqual([...links.before("c", true)].sort(), ["a", "b", "c", "stub", "x"]);
  assert.deepEqual([...links.before("c", false)].sort(), ["b", "c", "stub"]);
  assert.deepEqual([...links.after("a", true)].sort(), ["a", "b", "c", "d"]);
  assert.deepEqual([...links.neighbours("b")].sort(), ["a", "c", "d"]);
  assert.deepEqual([...links.before("unused", true)], ["unused"]);
});

test("a circle of links ends", () => {
  const links = new Links([{ source: "a", target: "b" }, { source: "b", target: "a" }], {});
  assert.deepEqual([...links.after("a", true)], ["a", "b"]);
  assert.deepEqual([...links.neighbours("a")], ["b"]);
});

test("the list of hits is a ring", () => {
  assert.deepEqual([[-1, 1], [0, 1], [2, 1], [0, -1], [-1, -1]].map(([at, by]) => steppedHit(at, by, 3)), [0, 1, 0, 2, 2]);
});

test("hits are counted, the chosen one has its number, and none are told in words", () => {
  assert.deepEqual([[7, -1], [7, 2], [0, -1]].map(([total, at]) => hitsText(total, at, "no hits")), ["7", "3 / 7", "no hits"]);
});

test("architectures are matched by every word", () => {
  assert.ok(matchesName("shufflenet_v2_x1_0", " SHUFFLE x1"));
  assert.ok(matchesName("resnet18", ""));
  assert.ok(!matchesName("resnet18", "resnet 50"));
});

const node = (operation, name, scope, outputs) => ({ operation, name, scope, outputs });

test("nodes are found by operation, name, module, output and shape", () => {
  const nodes = {
    n0: node("Conv", "conv_1", "net.block", [["y", "float32 1×64×112×112"]]),
    n1: node("Relu", "act", "", [["z", "float32 1×64"]]),
  };
  const hits = (query) => searchNodes(nodes, query)?.hits.map(([id]) => id);
  assert.deepEqual(hits("conv"), ["n0"]);
  assert.deepEqual(hits("64x112"), ["n0"]);
  assert.deepEqual(hits("64"), ["n0", "n1"]);
  assert.deepEqual(hits("nothing"), []);
  assert.equal(searchNodes(nodes, ""), null);
  assert.deepEqual(searchNodes(nodes, "relu").hits, [["n1", "Relu", "act"]]);
});

test("no more than 200 hits are listed, and all are counted", () => {
  const nodes = Object.fromEntries(Array.from({ length: 300 }, (_, place) => [`n${place}`, node("Add", "", "", [])]));
  const answer = searchNodes(nodes, "add");
  assert.deepEqual([answer.total, answer.hits.length], [300, 200]);
});

test("an offline page turns to the nearest drawing that opens or folds", () => {
  const drawing = (boxes, folds) => ({ boxes, folds });
  const folded = drawing(["m"], []);
  const half = drawing(["a", "inner"], ["m"]);
  const open = drawing(["a", "b", "c"], ["m", "inner"]);
  const all = [half, open, folded];
  assert.equal(drawingAfterToggle(all, folded, "m"), half);
  assert.equal(drawingAfterToggle(all, half, "inner"), open);
  assert.equal(drawingAfterToggle(all, open, "inner"), half);
  assert.equal(drawingAfterToggle(all, open, "m"), folded);
  assert.equal(drawingAtDepth(all, half, 1), open);
  assert.equal(drawingAtDepth(all, folded, -1), undefined);
});
