// Streamlit's side: it runs again with every change of the data.

import { Pad } from "../lab/drawing_pad.js";

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const host = parentElement.querySelector(".pad");
  host.view ??= new Pad(host);
  // A state and not a trigger: one that comes while the server still draws the one before must not be lost.
  host.view.told = (name, value) => setStateValue(name, value);
  host.view.show(data);
}
