// Streamlit's side of the drawing.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const meeting = meetingOf(data.key);
  const host = parentElement.querySelector(".graph");
  host.view ??= new GraphView(host);
  meeting.view = host.view;
  host.view.drawing = data.drawing;
  host.view.tell = (event, value) => setTriggerValue(event, value);
  host.view.say(data.words);
  host.view.show(data);
  join(meeting);
}
