// Streamlit's side of what lies over a drawing: selection, colours, widths, search hits.

export default function ({ data }) {
  const meeting = meetingOf(data.key);
  meeting.overlay = data;
  join(meeting);
}
