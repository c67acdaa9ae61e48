// Streamlit's side of the field.

import { UploadField } from "../fields/upload_field.js";
import { chooseGraph } from "./shared_graphs.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".upload");
  host.field ??= new UploadField(host);
  const tell = (act) => setTriggerValue("arrived", act);
  // id: '' where the file was refused; the page says why.
  host.field.taken = (id) => (id ? chooseGraph(data.graph, id, tell) : tell([Date.now(), "choose", ""]));
  host.field.show(data);
}
