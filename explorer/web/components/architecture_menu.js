// The menu of architectures as a Streamlit component.

/** @import { MenuData } from "../fields/architecture_menu.js" */
/** @import { ComponentCall } from "./streamlit.js" */

import { part } from "../base/dom.js";
import { ArchitectureMenu } from "../fields/architecture_menu.js";
import { chooseGraph } from "./shared_graphs.js";
import { keptView } from "./streamlit.js";

/**
 * `graph`: the key of the drawing on the page; `before`, `after`: the beginning and the end of a graph's id.
 * @param {ComponentCall<MenuData & { graph: string, before: string, after: string }>} call
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const menu = keptView(part(parentElement, ".menu", HTMLElement), (host) => new ArchitectureMenu(host));
  menu.onchoose = (name) => {
    chooseGraph(data.graph, `${data.before}${name}${data.after}`, (action) => setTriggerValue("chosen", action));
  };
  menu.show(data);
}
