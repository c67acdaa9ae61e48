// The laboratory's arithmetic and layouts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { encodedInk } from "../../explorer/web/lab/drawing_pad.js";
import { inputShape, windowView } from "../../explorer/web/lab/network_detail.js";
import { mapSide, mapStep, networkScale, unflattened, volumeWidth } from "../../explorer/web/lab/network_layout.js";
import { Reports } from "../../explorer/web/base/reports.js";
import { tileSize, tilesPerRow } from "../../explorer/web/lab/tiles_layout.js";
import { computePixel, strongestPlace, windowPlaces } from "../../explorer/web/lab/window_arithmetic.js";
import { sumText } from "../../explorer/web/lab/window_equation.js";
import { dividedWidth, inputLayout, outputCell, wholeCells } from "../../explorer/web/lab/window_layout.js";

const { cases } = JSON.parse(readFileSync(new URL("window_cases.json", import.meta.url), "utf8"));
const array = (stored) => stored && { ...stored, values: Float32Array.from(stored.values) };
const views = cases.map((view) => ({
  ...view, input: array(view.input), kernel: array(view.kernel), output: array(view.output), activated: array(view.activated),
}));

test("every pixel of every output map is torch's", () => {
  assert.ok(views.length > 40);
  for (const view of views) {
    const [rows, columns] = view.output.shape;
    for (let place = 0; place < rows * columns; place += 1) {
      const result = computePixel(view, Math.floor(place / columns), place % columns);
      assert.ok(Math.abs(result.before - view.output.values[place]) < 1e-5, JSON.stringify(view));
      const after = (view.activated ?? view.output).values[place];
      assert.ok(Math.abs(result.after - after) < 1e-5);
    }
  }
});

test("the patch's winner holds its largest value, and no padding wins", () => {
  for (const view of views.filter(({ kind }) => kind === "max")) {
    const result = computePixel(view, 0, 0);
    assert.equal(result.inside[result.winner], 1);
    assert.equal(result.patches[0][result.winner], result.before);
  }
});

test("the places under a window: stride, padding and dilation", () => {
  const { inside, places } = windowPlaces([2, 2], [4, 5], { stride: 2, padding: 1, dilation: 3 }, 0, 1);
  assert.deepEqual([...inside], [0, 0, 1, 1]); // rows −1 and 2, columns 1 and 4
  assert.deepEqual([...places].slice(2), [11, 14]);
});

test("the strongest place is the farthest from zero", () => {
  assert.deepEqual(strongestPlace({ shape: [2, 3], values: Float32Array.from([1, 2, -3, -9, 4, 5]) }), [1, 0]);
});

test("a mean is written with its addends, a sum with its bias in brackets", () => {
  const words = { largest: "The largest of {n}", sum: "Sum {sum}", bias: "bias {bias}" };
  const result = { inside: Uint8Array.of(1, 1), patches: [Float32Array.of(2, -1)], sums: [1], bias: -0.5, before: 0.5 };
  assert.equal(sumText({ kind: "average" }, result, words, false), "(2 + (−1)) / 2 = ");
  assert.equal(sumText({ kind: "max" }, result, words, false), "The largest of 2 = ");
  assert.equal(sumText({ kind: "convolution", activation: "ReLU" }, result, words, false), "Sum 1 + bias (−0.5) = 0.5 → ReLU → ");
  assert.equal(sumText({ kind: "convolution" }, result, words, true), " + bias (−0.5) = ");
});

test("maps of a window fit into the width that there is", () => {
  for (const width of [320, 700, 1200]) {
    const { input, output, isBroad } = dividedWidth(width);
    assert.ok(isBroad ? input + output < width : input === width && output === width);
    for (const count of [1, 3, 16]) {
      const { cell, kernel, across } = inputLayout(input, [32, 32], count, true);
      assert.ok(across * (cell * 32 + kernel + 12) <= input + across * 16, `${width} ${count}`);
      assert.ok(cell >= 0.5 && (cell < 2 || Number.isInteger(cell)));
    }
    assert.ok(outputCell(output, [28, 28], 2) * 28 <= output);
  }
  assert.deepEqual([9.7, 2, 1.4, 0.1].map(wholeCells), [9, 2, 1.4, 0.5]);
});

test("a network is as broad as its page, and its volumes hold all their maps", () => {
  const volumes = [["maps", [1, 28, 28]], ["maps", [16, 14, 14]], ["vector", [512]], ["outputs", [10]]].map(([kind, shape]) => ({ kind, shape }));
  for (const width of [400, 800, 1400]) {
    const { unit, isNarrow } = networkScale(volumes, width);
    assert.equal(isNarrow, width < 640);
    assert.ok(unit >= 0.55 && unit <= 1.25);
    const maps = volumes[1];
    assert.equal(volumeWidth(maps, unit), mapSide(maps, unit) + 15 * mapStep(maps, unit).right);
  }
});

test("an element of a vector is the pixel that it was", () => {
  const shape = [3, 4, 5];
  const seen = Array.from({ length: 60 }, (_, place) => {
    const { map, row, column } = unflattened(place, shape);
    return (map * 4 + row) * 5 + column;
  });
  assert.deepEqual(seen, Array.from({ length: 60 }, (_, place) => place));
});

test("inputs of a dense layer are drawn as the maps that they were, else as a rectangle of as many cells", () => {
  assert.deepEqual(inputShape({ flat: true, shape: [60] }, { kind: "maps", shape: [3, 4, 5] }), [3, 4, 5]);
  for (const count of [1, 7, 512, 120]) {
    assert.equal(inputShape({ flat: false, shape: [count] }, undefined).reduce((a, b) => a * b), count);
  }
});

test("a map of a convolution gets its own kernel and bias, one of a pooling its own channel", () => {
  const before = { values: { shape: [2, 2, 2], values: Float32Array.from({ length: 8 }, (_, place) => place) } };
  const output = { shape: [2, 1, 1], values: Float32Array.of(10, 20) };
  const detail = { kind: "convolution", size: 2, activation: "ReLU" };
  const kernel = { shape: [2, 2, 2, 2], values: Float32Array.from({ length: 16 }, (_, place) => place) };
  const stage = { detail, kernel, bias: { values: [5, 6] }, before: output, values: output };
  const view = windowView(stage, before, 1);
  assert.deepEqual([view.bias, [...view.kernel.values], view.kernel.shape, [...view.output.values]],
    [6, [8, 9, 10, 11, 12, 13, 14, 15], [2, 2, 2], [20]]);
  const pooled = windowView({ detail: { kind: "max", size: 2, activation: "" }, values: output }, before, 1);
  assert.deepEqual([pooled.input.shape, [...pooled.input.values], pooled.kernel], [[1, 2, 2], [4, 5, 6, 7], null]);
  assert.equal(windowView({}, before, 0), null);
});

test("tiles keep their shape and their least edge; a row ends where the next begins", () => {
  assert.deepEqual(tileSize(28, 28, 64, 0), { width: 64, height: 64 });
  assert.deepEqual(tileSize(1, 32, 64, 10), { width: 64, height: 10 });
  assert.equal(tilesPerRow([0, 0, 0, 50, 50]), 3);
  assert.equal(tilesPerRow([0, 1, 2]), 3);
});

test("ink is the opacity, and a sheet without ink is empty", () => {
  const pixels = Uint8ClampedArray.of(9, 9, 9, 0, 1, 1, 1, 255);
  assert.deepEqual([...Buffer.from(encodedInk(pixels), "base64")], [0, 255]);
  assert.equal(encodedInk(Uint8ClampedArray.of(255, 255, 255, 3)), "");
});

test("an answer to a report is nothing new, however late it comes, and an address is", () => {
  const reports = new Reports();
  const at = (number) => ({ layer: "conv1", number });
  assert.equal(reports.isNew(at(1)), true); // the page's first words
  assert.equal(reports.isNew(at(1)), false); // said again
  reports.add(at(2));
  reports.add(at(3));
  assert.equal(reports.isNew({ number: 2, layer: "conv1" }), false); // the answer to the first report
  assert.equal(reports.isNew(at(3)), false);
  assert.equal(reports.isNew(at(2)), true); // back in the browser's history
  reports.add(at(4));
  assert.equal(reports.isNew(at(1)), true);
  assert.equal(reports.isNew(at(1)), false);
});
