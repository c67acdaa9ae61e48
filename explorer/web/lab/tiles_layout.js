// Sizes of small pictures in a sheet. Nothing of the page is touched here.

/**
 * Pixels of a tile of `height` × `width` values.
 * @param {number} height
 * @param {number} width
 * @param {number} side pixels of its longer edge
 * @param {number} least pixels of its shorter edge at least
 */
export function tileSize(height, width, side, least) {
  const unit = side / Math.max(height, width);
  return { width: Math.max(width * unit, least), height: Math.max(height * unit, least) };
}

/**
 * How many tiles are in the first row of a sheet that wraps.
 * @param {number[]} tops of its tiles, in their order, in pixels
 */
export function tilesPerRow(tops) {
  const next = tops.findIndex((top) => top > tops[0] + 4);
  return next < 0 ? tops.length : next;
}
