// The window that slides over maps as a Streamlit component. The panel stays while its words and colours do, so that the
// place is kept.

/** @import { PackedArray } from "../base/arrays.js" */
/** @import { ColourScales } from "../base/colour_scale.js" */
/** @import { WindowSettings } from "../lab/window_arithmetic.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { unpackArray } from "../base/arrays.js";
import { part } from "../base/dom.js";
import { WindowPanel } from "../lab/window_panel.js";

/**
 * @typedef {WindowSettings & {
 *   title: string, place: [number, number] | null,
 *   input: PackedArray, output: PackedArray, kernel: PackedArray | null, activated: PackedArray | null
 * }} PackedView
 */

/** @type {WeakMap<Element, { look: string, panel: WindowPanel }>} */
const panels = new WeakMap();

/** @param {ComponentCall<{ view: PackedView, words: Record<string, string>, colours: ColourScales }>} call */
export default function ({ data, parentElement }) {
  const host = part(parentElement, ".window-host", HTMLElement);
  const look = JSON.stringify([data.words, data.colours]);
  let kept = panels.get(host);
  if (kept?.look !== look) {
    kept?.panel.play(false);
    kept = { look, panel: new WindowPanel(host, data.words, data.colours) };
    panels.set(host, kept);
  }
  const { view } = data;
  kept.panel.show({
    ...view,
    input: unpackArray(view.input),
    output: unpackArray(view.output),
    kernel: view.kernel && unpackArray(view.kernel),
    activated: view.activated && unpackArray(view.activated),
  });
}
