// Sizes of the maps of a sliding window, for the width that there is. Nothing of the page is touched here.

export const GAP = 12; // pixels between maps
const BROAD = 680; // pixels from which on the output stands beside the input
const INPUT_SHARE = 0.6; // of the width, beside the output

/**
 * Pixels of a cell: whole ones where that is not too coarse.
 * @param {number} size
 */
export function wholeCells(size) {
  return size >= 2 ? Math.floor(size) : Math.max(0.5, size);
}

/**
 * The largest cells with which all input maps fit into `area` pixels of width and a map's usual height.
 * @param {number} area
 * @param {number[]} cells rows and columns of a map, padding counted
 * @param {number} count of maps
 * @param {boolean} hasKernels whether a kernel is drawn beside each map
 * @returns {{ cell: number, kernel: number, across: number }} pixels of a cell and of a kernel; maps in a row
 */
export function inputLayout(area, [rows, columns], count, hasKernels) {
  const largestKernel = hasKernels ? (count === 1 ? 132 : 62) : 0;
  let best = { cell: 0, kernel: 0, across: 1 };
  for (let across = 1; across <= count; across += 1) {
    const share = area / across - GAP - 20;
    const kernel = Math.min(largestKernel, share * 0.36);
    const broad = (share - kernel) / columns;
    const high = ((count > 1 ? 400 : 330) / Math.ceil(count / across) - (count > 1 ? 44 : 0)) / rows;
    const cell = Math.min(broad, Math.max(high, 72 / rows));
    best = cell > best.cell + 0.01 ? { cell, kernel, across } : best;
  }
  return { ...best, cell: wholeCells(best.cell) };
}

/**
 * How the page's width is divided.
 * @param {number} width pixels
 */
export function dividedWidth(width) {
  const isBroad = width >= BROAD;
  const all = width || 320; // not laid out yet
  const input = isBroad ? all * INPUT_SHARE : all;
  return { isBroad, all, input, output: isBroad ? all - input - GAP : all };
}

/**
 * Pixels of a cell of the output maps.
 * @param {number} area pixels of width
 * @param {number[]} cells rows and columns of a map
 * @param {number} count 1, or 2 with the map after the activation
 */
export function outputCell(area, [rows, columns], count) {
  const each = count > 1 && area > 380 ? area / 2 - GAP : area;
  const most = count > 1 ? 236 : 330;
  return wholeCells(Math.min(each - 10, most) / Math.max(rows, columns));
}
