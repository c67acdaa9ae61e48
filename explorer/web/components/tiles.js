// Streamlit's side: it runs again with every change of the data.

import { TilesView } from "../lab/tiles_view.js";

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const host = parentElement.querySelector(".lab");
  host.view ??= new TilesView(host);
  host.view.told = (event, value) => setTriggerValue(event, value);
  host.view.show(data);
}
