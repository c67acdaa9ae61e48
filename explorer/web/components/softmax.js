// Streamlit's side: it runs again with every change of the data.

import { SoftmaxTable } from "../lab/softmax_table.js";

export default function (component) {
  const { data, parentElement } = component;
  const host = parentElement.querySelector(".lab");
  host.view ??= new SoftmaxTable(host);
  host.view.show(data);
}
