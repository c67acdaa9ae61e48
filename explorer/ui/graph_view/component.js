// Streamlit's side of the component. The drawing and what lies over it are two components, so that a selection or a colour
// does not send the drawing again. They meet here, by their key.

function shared(key) {
  window.toushiGraphs ??= new Map();
  if (!window.toushiGraphs.has(key)) {
    window.toushiGraphs.set(key, { view: null, overlay: null });
  }
  return window.toushiGraphs.get(key);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const meeting = shared(data.key);
  const host = parentElement.querySelector(".graph");
  if (!host) {
    meeting.overlay = data;
    // The overlay of a drawing that has not arrived yet waits for it.
    if (meeting.view?.drawing === data.drawing) {
      meeting.view.overlay(data);
    }
    return;
  }
  host.view ??= new GraphView(host);
  meeting.view = host.view;
  host.view.drawing = data.drawing;
  host.view.tell = (event, value) => setTriggerValue(event, value);
  host.view.say(data.words);
  host.view.show(data);
  if (meeting.overlay?.drawing === data.drawing) {
    host.view.overlay(meeting.overlay);
  }
}
