// Streamlit's side of the network: the script runs again with every change of the data.

import "../lab/network_detail.js";
import { NetworkView } from "../lab/network_view.js";

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const host = parentElement.querySelector(".lab");
  host.view ??= new NetworkView(host);
  host.view.told = (event, value) => setTriggerValue(event, value);
  host.view.show(data);
}
