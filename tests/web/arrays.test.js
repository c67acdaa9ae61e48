// Arrays, colours and numbers as text.

import assert from "node:assert/strict";
import test from "node:test";

import { bytesFromBase64, channel, finiteRange, largestMagnitude, unpackArray } from "../../explorer/web/base/arrays.js";
import { ColourScale, bitmapAddress } from "../../explorer/web/base/colour_scale.js";
import { briefDigits, digits, fillTemplate } from "../../explorer/web/base/number_format.js";

const COLOURS = {
  sequential: [[0, "#000000"], [0.5, "#808080"], [1, "#ffffff"]],
  diverging: [[0, "#0000ff"], [0.5, "#ffffff"], [1, "#ff0000"]],
};

test("little-endian float32 is unpacked", () => {
  const bytes = Buffer.alloc(12);
  [1.5, -0.25, NaN].forEach((value, place) => bytes.writeFloatLE(value, 4 * place));
  const { shape, values } = unpackArray({ shape: [3], data: bytes.toString("base64") });
  assert.deepEqual(shape, [3]);
  assert.deepEqual([...values], [1.5, -0.25, NaN]);
});

test("bytes are unpacked between their low and high ends", () => {
  const data = Buffer.from([0, 51, 255]).toString("base64");
  const { values } = unpackArray({ shape: [1, 1, 3], data, low: -1, high: 4 });
  assert.deepEqual([...values], [-1, 0, 4]);
});

test("all bytes survive base64", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, place) => place);
  assert.deepEqual(bytesFromBase64(Buffer.from(bytes).toString("base64")), bytes);
});

test("a channel shares its array's memory", () => {
  const array = { shape: [2, 2, 3], values: Float32Array.from({ length: 12 }, (_, place) => place) };
  const second = channel(array, 1);
  assert.deepEqual([second.height, second.width, ...second.values], [2, 3, 6, 7, 8, 9, 10, 11]);
  second.values[0] = 99;
  assert.equal(array.values[6], 99);
  assert.deepEqual([...channel({ shape: [2, 2], values: array.values }, 0).values], [0, 1, 2, 3]);
});

test("ranges leave out what is not finite", () => {
  assert.deepEqual(finiteRange([NaN, 3, -Infinity, -2, Infinity]), [-2, 3]);
  assert.deepEqual(finiteRange([NaN]), [0, 0]);
  assert.deepEqual(finiteRange([]), [0, 0]);
  assert.equal(largestMagnitude([1, -4, 2]), 4);
});

test("a scale's ends and middle have their colours, and all between lies between", () => {
  const scale = ColourScale.of(COLOURS, 0, 10);
  assert.equal(scale.css(0), "rgb(0 0 0)");
  assert.equal(scale.css(10), "rgb(255 255 255)");
  assert.equal(scale.css(-5), scale.css(0));
  assert.equal(scale.css(99), scale.css(10));
  assert.equal(scale.css(NaN), "transparent");
  const greys = Array.from({ length: 101 }, (_, place) => Number(scale.css(place / 10).match(/\d+/)[0]));
  assert.deepEqual(greys, [...greys].sort((a, b) => a - b));
});

test("signed values have zero in the middle, however far each side reaches", () => {
  const scale = ColourScale.of(COLOURS, -1, 4);
  assert.deepEqual([scale.low, scale.high], [-4, 4]);
  const [red, green, blue] = scale.css(0).match(/\d+/g).map(Number);
  assert.ok(red >= 253 && green >= 253 && blue >= 253);
  assert.equal(scale.css(4), "rgb(255 0 0)");
  assert.equal(scale.css(-4), "rgb(0 0 255)");
  assert.deepEqual([ColourScale.signed(COLOURS, 0).low, ColourScale.signed(COLOURS, 0).high], [-1, 1]);
});

test("text is black on light colours and white on dark ones", () => {
  const scale = ColourScale.of(COLOURS, 0, 1);
  assert.equal(scale.textColour(1), "#15181e");
  assert.equal(scale.textColour(0), "#ffffff");
});

test("pixels are RGBA; what is not finite is transparent", () => {
  const scale = ColourScale.of(COLOURS, 0, 1);
  assert.deepEqual([...scale.pixels([0, NaN, 1])], [0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 255, 255]);
});

test("a bitmap file says its size and holds its pixels", () => {
  const address = bitmapAddress(Uint8ClampedArray.from([1, 2, 3, 4, 5, 6, 7, 8]), 2, 1);
  const bytes = Buffer.from(address.replace("data:image/bmp;base64,", ""), "base64");
  assert.equal(bytes.toString("latin1", 0, 2), "BM");
  assert.equal(bytes.readInt32LE(2), bytes.length);
  assert.equal(bytes.readInt32LE(18), 2);
  assert.equal(bytes.readInt32LE(22), -1); // the rows run from the top
  assert.deepEqual([...bytes.subarray(bytes.readInt32LE(10))], [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("numbers have four significant digits and a true minus", () => {
  assert.deepEqual([0, 1234.567, -0.001234567, 1e-7, 123456, NaN, -Infinity].map(digits),
    ["0", "1235", "−0.001235", "1.00e−7", "1.23e+5", "NaN", "−∞"]);
  assert.deepEqual([0.1234, 12.34, 123.4, 5678, 0].map((value) => briefDigits(value, 40)), ["0.12", "12.3", "123", "6e+3", "0"]);
});

test("a template keeps what has no value", () => {
  assert.equal(fillTemplate("{a} of {b}, {c}", { a: 1, b: "$&" }), "1 of $&, {c}");
});
