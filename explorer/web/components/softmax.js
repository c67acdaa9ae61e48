// The table of softmax as a Streamlit component.

/** @import { SoftmaxData } from "../lab/softmax_table.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { part } from "../base/dom.js";
import { SoftmaxTable } from "../lab/softmax_table.js";
import { keptView } from "./streamlit.js";

/** @param {ComponentCall<SoftmaxData>} call */
export default function ({ data, parentElement }) {
  keptView(part(parentElement, ".lab", HTMLElement), (host) => new SoftmaxTable(host)).show(data);
}
