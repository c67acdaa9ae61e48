// What the keys do with a drawing. The key map is shown in graph_view.html.

import { ZOOM_STEP } from "./geometry.js";

const PAN = 60; // pixels that an arrow key with Shift pans

/**
 * @typedef {object} KeyTarget
 * @property {(factor: number) => void} zoom
 * @property {() => void} zoomToActualSize
 * @property {() => void} fit
 * @property {(dx: number, dy: number) => void} pan
 * @property {(dx: number, dy: number) => void} goTo the next node in a direction
 * @property {() => void} useFocused what a click on the node with the focus does
 * @property {() => void} foldAround the module around the node with the focus
 * @property {(by: 1 | -1) => void} changeDepth of all modules
 * @property {() => void} togglePath
 * @property {(show?: boolean) => void} toggleKeys
 * @property {() => void} openSearch
 */

/**
 * @param {HTMLElement} host
 * @param {KeyTarget} target
 */
export function listenToKeys(host, target) {
  /** @type {Record<string, () => void>} */
  const everywhere = {
    "+": () => target.zoom(ZOOM_STEP),
    "=": () => target.zoom(ZOOM_STEP),
    "-": () => target.zoom(1 / ZOOM_STEP),
    0: () => target.fit(),
    f: () => target.fit(),
    1: () => target.zoomToActualSize(),
    p: () => target.togglePath(),
    "/": () => target.openSearch(),
    "[": () => target.changeDepth(-1),
    "]": () => target.changeDepth(1),
    "?": () => target.toggleKeys(),
    Escape: () => target.toggleKeys(false),
  };
  /** @type {Record<string, () => void>} */
  const onDrawing = {
    Enter: () => target.useFocused(),
    " ": () => target.useFocused(),
    Backspace: () => target.foldAround(),
  };
  /** @type {Record<string, [number, number]>} */
  const arrows = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const move = (/** @type {[number, number]} */ [dx, dy], /** @type {boolean} */ pans) =>
    pans ? target.pan(-dx * PAN, -dy * PAN) : target.goTo(dx, dy);

  host.onkeydown = (event) => {
    const element = event.target instanceof Element ? event.target : host;
    if (event.ctrlKey || event.metaKey || event.altKey || element.closest("input")) {
      return;
    }
    const arrow = arrows[event.key];
    const local = arrow ? () => move(arrow, event.shiftKey) : onDrawing[event.key];
    const action = element.closest("button") ? everywhere[event.key] : (local ?? everywhere[event.key]);
    if (action) {
      event.preventDefault();
      event.stopPropagation(); // Streamlit has keys of its own
      action();
    }
  };
}
