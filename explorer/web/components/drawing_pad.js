// The sheet to draw a digit on as a Streamlit component.

/** @import { PackedArray } from "../base/arrays.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { unpackArray } from "../base/arrays.js";
import { part } from "../base/dom.js";
import { DrawingPad } from "../lab/drawing_pad.js";
import { keptView } from "./streamlit.js";

/** @param {ComponentCall<{ words: Record<string, string>, first: PackedArray | null }>} call */
export default function ({ data, parentElement, setStateValue }) {
  const pad = keptView(part(parentElement, ".pad", HTMLElement), (host) => new DrawingPad(host));
  // A state and not a trigger: one that comes while the server still draws the one before must not be lost.
  pad.ondraw = (ink) => setStateValue("drawn", ink);
  pad.show(data.words, data.first && unpackArray(data.first));
}
