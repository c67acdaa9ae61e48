// Streamlit's side of the field.

import { ArchitectureMenu } from "../fields/architecture_menu.js";
import { chooseGraph } from "./shared_graphs.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".menu");
  host.menu ??= new ArchitectureMenu(host);
  host.menu.tell = (name) => {
    chooseGraph(data.graph, `${data.before}${name}${data.after}`, (act) => setTriggerValue("chosen", act));
  };
  host.menu.show(data);
}
