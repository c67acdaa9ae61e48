// Sheets of small pictures as a Streamlit component.

/** @import { TilesData } from "../lab/tiles_view.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { part } from "../base/dom.js";
import { TilesView } from "../lab/tiles_view.js";
import { keptView } from "./streamlit.js";

/** @param {ComponentCall<TilesData>} call */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = keptView(part(parentElement, ".lab", HTMLElement), (host) => new TilesView(host));
  view.onpick = (sheet, tile) => setTriggerValue("picked", [sheet, tile]);
  view.show(data);
}
