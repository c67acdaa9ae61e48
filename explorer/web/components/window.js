// Streamlit's side of the window that slides: the panel stays while its words and colours do, so that the place is kept.

import { unpacked } from "../base/arrays.js";
import { WindowPanel } from "../lab/window_panel.js";

export default function (component) {
  const { data, parentElement } = component;
  const host = parentElement.querySelector(".window-host");
  const look = JSON.stringify([data.words, data.colours]);
  if (host.look !== look) {
    host.look = look;
    host.panel?.play(false);
    host.panel = new WindowPanel(host, data.words, data.colours);
  }
  const { view } = data;
  const arrays = ["input", "kernel", "output", "activated"];
  host.panel.show({ ...view, ...Object.fromEntries(arrays.map((name) => [name, view[name] && unpacked(view[name])])) });
}
