// The drawings that an offline page holds, and which of them shows what a person opens or folds. Nothing is drawn here.

/**
 * `boxes`, `folds`: ids of what it shows as boxes and as frames; `light`, `dark`: the SVG, gzipped and in base64;
 * `holder`: the box in which a node is that is not shown itself.
 * @typedef {{
 *   title: string, level: number, light: string, dark: string, opens: string[], folds: string[], boxes: string[],
 *   inside: Record<string, string>, jumps: Record<string, string[]>, holder: Record<string, string>
 * }} StoredDrawing
 */

/**
 * From few boxes to many.
 * @param {StoredDrawing[]} drawings
 */
export function orderedDrawings(drawings) {
  return [...drawings].sort((first, second) => first.boxes.length - second.boxes.length);
}

/**
 * The nearest drawing in which a box is a frame, or a frame is a box again.
 * @param {StoredDrawing[]} drawings
 * @param {StoredDrawing} current
 * @param {string} id of the box or frame
 */
export function drawingAfterToggle(drawings, current, id) {
  const ordered = orderedDrawings(drawings);
  if (!current.boxes.includes(id)) {
    return ordered.reverse().find(({ boxes }) => boxes.includes(id));
  }
  const count = current.boxes.length;
  return (
    ordered.find(({ folds, boxes }) => folds.includes(id) && boxes.length >= count) ??
    ordered.find(({ folds }) => folds.includes(id)) ??
    ordered.find(({ boxes }) => boxes.length > count && !boxes.includes(id))
  );
}

/**
 * The drawing with more (1) or fewer (-1) boxes.
 * @param {StoredDrawing[]} drawings
 * @param {StoredDrawing} current
 * @param {number} by
 */
export function drawingAtDepth(drawings, current, by) {
  const ordered = orderedDrawings(drawings);
  return ordered[ordered.indexOf(current) + by];
}

/**
 * The SVG of a drawing.
 * @param {Uint8Array<ArrayBuffer>} bytes gzipped
 */
export async function unzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}
