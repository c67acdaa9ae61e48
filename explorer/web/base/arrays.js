// Arrays from the server, and their channels.

/**
 * An array as Python sends it, in base64 and row-major order: little-endian float32; or, where `low` and `high` are given,
 * a byte for each value, 0 for `low` and 255 for `high`.
 * @typedef {{ shape: number[], data: string, low?: number, high?: number }} PackedArray
 */

/**
 * An array of any shape; values are in row-major order.
 * @typedef {{ shape: number[], values: Float32Array }} NumberArray
 */

/**
 * A two-dimensional array; values are in row-major order.
 * @typedef {{ height: number, width: number, values: Float32Array }} Matrix
 */

/**
 * @param {string} text base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesFromBase64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let index = 0; index < letters.length; index += 1) {
    bytes[index] = letters.charCodeAt(index);
  }
  return bytes;
}

/**
 * @param {PackedArray} packed
 * @returns {NumberArray}
 */
export function unpackArray({ shape, data, low, high }) {
  const bytes = bytesFromBase64(data);
  const values =
    low === undefined || high === undefined
      ? new Float32Array(bytes.buffer)
      : Float32Array.from(bytes, (byte) => low + (byte / 255) * (high - low));
  return { shape, values };
}

/**
 * Channel `index` of (C, H, W), or the only one of (H, W). It shares the array's memory.
 * @param {NumberArray} array
 * @param {number} index
 * @returns {Matrix}
 */
export function channel(array, index) {
  const [height, width] = array.shape.slice(-2);
  const size = height * width;
  return { height, width, values: array.values.subarray(index * size, (index + 1) * size) };
}

/**
 * The smallest and the largest finite value; [0, 0] where there is none.
 * @param {ArrayLike<number>} values
 * @returns {[number, number]}
 */
export function finiteRange(values) {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? [0, 0] : [low, high];
}

/**
 * The largest absolute finite value; 0 where there is none.
 * @param {ArrayLike<number>} values
 */
export function largestMagnitude(values) {
  return Math.max(...finiteRange(values).map(Math.abs));
}
