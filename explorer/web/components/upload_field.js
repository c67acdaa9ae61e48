// The field for a model file as a Streamlit component.

/** @import { UploadData } from "../fields/upload_field.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { part } from "../base/dom.js";
import { UploadField } from "../fields/upload_field.js";
import { chooseGraph } from "./shared_graphs.js";
import { keptView } from "./streamlit.js";

/**
 * `graph`: the key of the drawing on the page.
 * @param {ComponentCall<UploadData & { graph: string }>} call
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const field = keptView(part(parentElement, ".upload", HTMLElement), (host) => new UploadField(host));
  const report = (/** @type {unknown} */ action) => setTriggerValue("arrived", action);
  field.onupload = (id) => (id ? chooseGraph(data.graph, id, report) : report([Date.now(), "choose", ""]));
  field.show(data);
}
