// Sizes of a network's volumes, for the width that there is. Nothing of the page is touched here.

const LEAST_UNIT = 0.55; // below it, maps would be too small, and the row scrolls
const MOST_UNIT = 1.25;
const LEAST_WIDTH = 600; // pixels: a small network is not drawn larger than this would make it
const NARROW = 640; // pixels of a page
const GAP = 26; // pixels between volumes
const LEAST_TARGET = 24; // pixels of what a finger can meet
const MAP_GAP = 6; // pixels between maps that stand beside each other

/**
 * What the sizes depend on. `shape`: (C, H, W) of maps, (N) of others.
 * @typedef {{ kind: "maps" | "vector" | "outputs", shape: number[] }} VolumeForm
 */

/**
 * How large everything is drawn, 1 for its natural size; on a narrow page, the outputs stand below the others.
 * @param {VolumeForm[]} volumes
 * @param {number} width pixels
 */
export function networkScale(volumes, width) {
  const isNarrow = width < NARROW;
  const inRow = volumes.filter(({ kind }) => !isNarrow || kind !== "outputs");
  const natural = inRow.reduce((sum, volume) => sum + volumeWidth(volume, 1) + GAP, 0);
  const unit = Math.max(LEAST_UNIT, Math.min(MOST_UNIT, width / Math.max(natural, isNarrow ? 1 : LEAST_WIDTH)));
  return { isNarrow, unit };
}

/**
 * Pixels of a map's side.
 * @param {VolumeForm} volume
 * @param {number} unit
 */
export function mapSide({ kind, shape }, unit) {
  return kind === "maps" ? Math.round((30 + Math.min(40, shape[2]) * 2.4) * unit) : 0;
}

/**
 * Pixels between a map and the one before it: all of them fit, however many there are.
 * @param {VolumeForm} volume
 * @param {number} unit
 */
export function mapStep({ shape }, unit) {
  const count = Math.max(1, shape[0] - 1);
  return { right: Math.min(16, 84 / count) * unit, down: Math.min(22, 150 / count) * unit };
}

/**
 * Where the maps stand on a wide page: one behind the other. Returns what `mapGrid` does.
 * @param {VolumeForm} volume
 * @param {number} unit
 */
export function mapPile(volume, unit) {
  const { right, down } = mapStep(volume, unit);
  const places = Array.from({ length: volume.shape[0] }, (_, map) => ({ left: map * right, top: map * down }));
  return { side: mapSide(volume, unit), places };
}

/**
 * Where the maps stand on a narrow page: beside each other, in as many rows as they need. One behind the other, as on a
 * wide page, each would leave a strip that no finger meets. Returns the pixels of a map's side, and left and top of each.
 * @param {VolumeForm} volume
 * @param {number} unit
 * @param {number} width pixels that there are
 */
export function mapGrid(volume, unit, width) {
  const side = Math.max(LEAST_TARGET, mapSide(volume, unit));
  const columns = Math.max(1, Math.floor((width + MAP_GAP) / (side + MAP_GAP)));
  const places = Array.from({ length: volume.shape[0] }, (_, map) => ({
    left: (map % columns) * (side + MAP_GAP),
    top: Math.floor(map / columns) * (side + MAP_GAP),
  }));
  return { side, places };
}

/**
 * @param {VolumeForm} volume
 * @param {number} unit
 */
export function volumeWidth(volume, unit) {
  if (volume.kind === "maps") {
    return mapSide(volume, unit) + (volume.shape[0] - 1) * mapStep(volume, unit).right;
  }
  return volume.kind === "vector" ? GAP * unit : 140;
}

/**
 * Width and height of a vector's strip.
 * @param {VolumeForm} volume
 * @param {number} unit
 */
export function stripSize({ shape }, unit) {
  return { width: 16 * unit, height: Math.min(300, 40 + shape[0] * 0.45) * unit };
}

/**
 * The map and the pixel that an element of a flattened (C, H, W) was.
 * @param {number} place
 * @param {number[]} shape
 */
export function unflattened(place, [, height, width]) {
  const rest = place % (height * width);
  return { map: Math.floor(place / (height * width)), row: Math.floor(rest / width), column: rest % width };
}
