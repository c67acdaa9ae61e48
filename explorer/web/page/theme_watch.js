// Tells when the page turns from light to dark or back, by the system's setting in the evening or by Streamlit's menu.
// Figures come from Python in the colours of one theme: without a word to Python their texts would be dark on dark.

export class ThemeWatch {
  constructor() {
    /** @param {string} _theme "light" or "dark" */
    this.onchange = (_theme) => {};
    this.app = document.querySelector("[data-testid=stApp]");
    this.shown = this.theme();
    if (this.app) {
      // Streamlit gives this element another class for another theme.
      new MutationObserver(() => this.look()).observe(this.app, { attributes: true, attributeFilter: ["class"] });
    }
  }

  theme() {
    return this.app ? getComputedStyle(this.app).colorScheme : "";
  }

  look() {
    const now = this.theme();
    if (now !== this.shown) {
      this.shown = now;
      this.onchange(now);
    }
  }
}
