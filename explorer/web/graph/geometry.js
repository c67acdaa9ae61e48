// What part of a drawing is on the screen, as numbers: zoom, fit, first view. Nothing of the page is touched here.

/**
 * A point of the drawing is on the screen at `scale` times its coordinates plus (x, y), in pixels.
 * @typedef {{ scale: number, x: number, y: number }} Placement
 */

/** @typedef {{ width: number, height: number }} Size */

/**
 * The centre and the size of a box, in the drawing's coordinates.
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 */

export const ZOOM_STEP = 1.25;
const SMALLEST = 0.05;
const LARGEST = 8;
const LEAST_WHOLE = 0.5; // scale down to which a drawing is first shown as a whole; its titles can just be read
const READABLE = 0.8; // scale at which a larger drawing is first shown, from its beginning
const TOP = 50; // pixels at the top of the stage that buttons and the search field lie over
const MARGIN = 24; // pixels around a box that is panned into sight

/**
 * Left, top, width and height, separated by blanks, as a box.
 * @param {string | null} text such as "4 8 30 20"; null or anything else gives a box of no size at the origin
 * @returns {Box}
 */
export function parsedBox(text) {
  const [left, top, width, height] = (text ?? "").split(" ").map(Number);
  return Number.isFinite(height)
    ? { x: left + width / 2, y: top + height / 2, width, height }
    : { x: 0, y: 0, width: 0, height: 0 };
}

/**
 * The placement after a zoom that keeps the point at (x, y) on the screen where it is.
 * @param {Placement} placement
 * @param {number} factor
 * @param {number} x pixels
 * @param {number} y pixels
 * @returns {Placement}
 */
export function zoomedAbout(placement, factor, x, y) {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, placement.scale * factor));
  const ratio = scale / placement.scale;
  return { scale, x: x - (x - placement.x) * ratio, y: y - (y - placement.y) * ratio };
}

/**
 * The placement in which the whole drawing is seen, in the middle.
 * @param {Size} drawing
 * @param {Size} stage pixels
 * @param {number} largest scale
 * @returns {Placement}
 */
export function fitted(drawing, stage, largest) {
  const below = stage.height - TOP - 8;
  const scale = Math.min(largest, (stage.width - 16) / drawing.width, below / drawing.height);
  return {
    scale: Math.max(SMALLEST, scale),
    x: (stage.width - drawing.width * scale) / 2,
    y: TOP + (below - drawing.height * scale) / 2,
  };
}

/**
 * The first placement: everything where its titles can be read, else the beginning of the graph at a readable scale.
 * @param {Size} drawing
 * @param {Size} stage pixels
 * @param {(down: boolean) => Box | null} start where the graph begins that runs down or to the right
 * @returns {Placement}
 */
export function firstPlacement(drawing, stage, start) {
  const whole = fitted(drawing, stage, 1.25);
  if (whole.scale >= LEAST_WHOLE) {
    return whole;
  }
  // The graph runs along its longer side: start at that side's beginning, with the first node in the middle.
  const down = drawing.height / stage.height > drawing.width / stage.width;
  const across = down ? stage.width / drawing.width : stage.height / drawing.height;
  const scale = Math.max(READABLE, Math.min(1, across));
  const box = start(down) ?? { x: 0, y: 0 };
  return down
    ? { scale, x: stage.width / 2 - box.x * scale, y: TOP }
    : { scale, x: 0, y: stage.height / 2 - box.y * scale };
}

/**
 * How far to pan, in pixels and no further than needed, to see a box.
 * @param {Placement} placement
 * @param {Box} box
 * @param {Size} stage pixels
 */
export function panToSee({ scale, x, y }, box, stage) {
  const shift = (/** @type {number} */ centre, /** @type {number} */ half, /** @type {number} */ extent) => {
    const low = centre - half - MARGIN;
    const high = centre + half + MARGIN - extent;
    return low < 0 ? -low : high > 0 ? -Math.min(high, low) : 0;
  };
  return {
    x: shift(box.x * scale + x, (box.width * scale) / 2, stage.width),
    y: shift(box.y * scale + y, (box.height * scale) / 2, stage.height),
  };
}

/**
 * The box among `boxes` that lies nearest to `from` in a direction; null where there is none.
 * @template T
 * @param {Box} from
 * @param {Iterable<[T, Box]>} boxes
 * @param {number} dx 1 to the right, -1 to the left, 0 for up and down
 * @param {number} dy
 * @param {number} slack how far aside a box may lie, as a share of its distance along the direction
 * @returns {T | null}
 */
export function nearestInDirection(from, boxes, dx, dy, slack) {
  let best = null;
  let least = Infinity;
  for (const [key, to] of boxes) {
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    if (along > 1 && aside <= along * slack && along + 2 * aside < least) {
      best = key;
      least = along + 2 * aside;
    }
  }
  return best;
}
