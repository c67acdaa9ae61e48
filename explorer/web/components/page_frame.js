// What the whole page needs from JavaScript, as a Streamlit component that shows nothing: the page's language, the texts
// of Streamlit itself in it, the chosen view within sight in its strip, and word to Python when the theme changes.

/** @import { ComponentCall } from "./streamlit.js" */

import { StreamlitTexts } from "../page/streamlit_texts.js";
import { ThemeWatch } from "../page/theme_watch.js";

const PAUSE = 100; // milliseconds between looks for the strip, which Streamlit draws after this
const LOOKS = 50;

const texts = new StreamlitTexts(document.body);
const theme = new ThemeWatch();

/** @param {ComponentCall<{ language: string, phrases: [string, string][], shown: string }>} call */
export default function ({ data, setTriggerValue }) {
  theme.onchange = (name) => setTriggerValue("theme", name);
  document.documentElement.lang = data.language;
  texts.show(data.phrases);
  reveal(LOOKS);
}

/** @param {number} looks that are left */
function reveal(looks) {
  const chosen = document.querySelector(".st-key-view-choice [aria-checked=true]");
  if (chosen) {
    chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
  } else if (looks) {
    setTimeout(reveal, PAUSE, looks - 1);
  }
}
