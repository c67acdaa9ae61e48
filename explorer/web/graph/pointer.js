// What mouse, finger and wheel do with a drawing: pan, zoom, click, and what a click may do next.

/** @import { Drawing } from "./drawing.js" */
/** @import { Viewport } from "./viewport.js" */

const STILL = 4; // pixels up to which a press is a click and not a drag

/**
 * What a click does.
 * @typedef {object} ClickTarget
 * @property {(id: string) => void} use a node was clicked
 * @property {(id: string) => void} toggle the name of a frame was clicked
 * @property {(id: string | null, rest?: number) => void} expectToggle the box or frame that a click may open or fold
 *   next, null for none; `rest`: ms until that is likely
 */

/**
 * @param {Viewport} viewport
 * @param {Drawing} drawing
 * @param {ClickTarget} target
 */
export function listenToPointer(viewport, drawing, target) {
  const { stage } = viewport;
  const expect = (/** @type {EventTarget | null} */ element, /** @type {number} */ rest) => {
    const hit = drawing.hit(element);
    target.expectToggle(hit && (!hit.node || drawing.opens.has(hit.id)) ? hit.id : null, rest);
  };
  stage.onwheel = (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0016));
    viewport.zoom(factor, event.clientX - box.left, event.clientY - box.top);
  };
  stage.ondblclick = (event) => {
    if (!drawing.hit(event.target)?.node) {
      const box = stage.getBoundingClientRect();
      viewport.zoom(event.shiftKey ? 1 / 2 : 2, event.clientX - box.left, event.clientY - box.top);
    }
  };
  stage.onpointerdown = (event) => {
    if (event.button === 0) {
      expect(event.target, 0);
      const hit = drawing.hit(event.target);
      followPress(event, viewport, () => {
        stage.focus({ preventScroll: true });
        if (hit?.node) {
          hit.node.focus({ preventScroll: true });
          target.use(hit.id);
        } else if (hit) {
          target.toggle(hit.id);
        }
      });
    }
  };
  for (const kind of ["pointerover", "pointermove", "focusin"]) {
    stage.addEventListener(kind, (event) => expect(event.target, REST));
  }
  for (const kind of ["pointerleave", "focusout"]) {
    stage.addEventListener(kind, () => target.expectToggle(null));
  }
}

/** ms that the pointer stands still, or the focus stays, until a click is likely: a moving hand sends events all the time. */
export const REST = 40;

/**
 * Pans while the button is pressed; calls `clicked` where the pointer has hardly moved.
 * @param {PointerEvent} pressed
 * @param {Viewport} viewport
 * @param {() => void} clicked
 */
function followPress(pressed, viewport, clicked) {
  const { stage } = viewport;
  let last = { x: pressed.clientX, y: pressed.clientY };
  let travelled = 0;
  stage.setPointerCapture(pressed.pointerId);
  stage.onpointermove = (moved) => {
    travelled += Math.abs(moved.clientX - last.x) + Math.abs(moved.clientY - last.y);
    if (travelled > STILL) {
      stage.classList.add("dragging");
      viewport.pan(moved.clientX - last.x, moved.clientY - last.y);
      last = { x: moved.clientX, y: moved.clientY };
    }
  };
  const release = () => {
    stage.onpointermove = stage.onpointerup = stage.onpointercancel = null;
    stage.classList.remove("dragging");
  };
  stage.onpointerup = () => {
    release();
    if (travelled <= STILL) {
      clicked();
    }
  };
  stage.onpointercancel = release;
}
