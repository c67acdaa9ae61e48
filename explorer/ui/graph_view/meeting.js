// Where the drawing and what lies over it meet, by their key: Streamlit knows them as two components, so that a selection
// or a colour does not send the drawing again, nor its script.

function meetingOf(key) {
  window.toushiGraphs ??= new Map();
  if (!window.toushiGraphs.has(key)) {
    window.toushiGraphs.set(key, { view: null, ahead: null, overlay: null, tell: () => {} });
  }
  return window.toushiGraphs.get(key);
}

// What has arrived for another drawing waits for it.
function join({ view, overlay }) {
  if (view && overlay && view.drawing === overlay.drawing) {
    view.overlay(overlay);
  }
}
