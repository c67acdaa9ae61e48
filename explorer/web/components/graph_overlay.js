// Streamlit's side of what lies over a drawing: selection, colours, widths, search hits; it tells of selecting and finding.

import { join, meetingOf } from "./shared_graphs.js";

export default function ({ data, setTriggerValue }) {
  const meeting = meetingOf(data.key);
  meeting.tell = setTriggerValue;
  meeting.overlay = data;
  join(meeting);
}
