// Streamlit's side of the drawing.

import { GraphView } from "../graph/gestures.js";
import { Ahead } from "../graph/prefetch.js";
import { join, meetingOf } from "./shared_graphs.js";

const KINDS = { toggled: "toggle", deeper: "level", depth: "depth" };

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const meeting = meetingOf(data.key);
  const host = parentElement.querySelector(".graph");
  host.view ??= new GraphView(host);
  host.ahead ??= new Ahead(host.view);
  meeting.view = host.view;
  meeting.ahead = host.ahead;
  host.ahead.page = data.page;
  host.view.tell = (event, value) => {
    if (event in KINDS) {
      host.ahead.act(KINDS[event], value, (acts) => setTriggerValue("acted", acts));
    } else {
      meeting.tell(event, value);
    }
  };
  host.view.foresee = (event, value, rest) => host.ahead.foresee(KINDS[event], value, rest);
  // With its tools in the window, where that leaves enough of it.
  host.style.height = `min(${data.height}px, max(30rem, calc(100vh - 25rem)))`;
  host.view.say(data.words);
  if (host.ahead.hears(data.turn)) {
    host.view.drawing = data.drawing;
    host.view.show(data);
  }
  join(meeting);
}
