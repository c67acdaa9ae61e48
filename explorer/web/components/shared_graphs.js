// Where the drawing and what lies over it meet, by their key: Streamlit knows them as two components, so that a selection
// or a colour does not send the drawing again, nor its script.

const meetings = new Map();

export function meetingOf(key) {
  if (!meetings.has(key)) {
    meetings.set(key, { view: null, ahead: null, overlay: null, tell: () => {} });
  }
  return meetings.get(key);
}

// What has arrived for another drawing waits for it.
export function join({ view, overlay }) {
  if (view && overlay && view.drawing === overlay.drawing) {
    view.overlay(overlay);
  }
}

// Another graph was chosen: its drawing is asked for ahead, where one stands on the page; the page is told after it.
export function chooseGraph(key, id, tell) {
  const { ahead } = meetingOf(key);
  if (ahead?.view.host.isConnected) {
    ahead.act("choose", id, (acts) => tell(acts.at(-1)));
  } else {
    tell([Date.now(), "choose", id]);
  }
}
