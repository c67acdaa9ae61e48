// The network with its live maps as a Streamlit component.

/** @import { NetworkData } from "../lab/network_view.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { part } from "../base/dom.js";
import { NetworkView } from "../lab/network_view.js";
import { keptView } from "./streamlit.js";

/** @param {ComponentCall<NetworkData>} call */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = keptView(part(parentElement, ".lab", HTMLElement), (host) => new NetworkView(host));
  view.onchoose = (chosen) => setTriggerValue("chosen", chosen);
  view.show(data);
}
