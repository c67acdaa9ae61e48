// The row of buttons that fold and open all modules at once.

const MOST_LEVELS = 4; // buttons for so many levels; "open all" stands for the last

export class Depths {
  constructor(root, tell, foresee) {
    this.root = root;
    this.tell = tell; // ("first", "all" or a number of levels) → nothing
    this.foresee = foresee; // the same, or null, when the pointer or the focus comes to a button or leaves it
    this.levels = 0;
    this.words = {};
  }

  say(words) {
    this.words = words;
    this.draw();
  }

  // levels: clicks, one inside the other, that open everything; none without modules.
  show(levels) {
    if (levels !== this.levels) {
      this.levels = levels;
      this.draw();
    }
  }

  draw() {
    const { words, levels } = this;
    const inner = Array.from({ length: Math.max(0, Math.min(levels, MOST_LEVELS) - 1) }, (_, place) => String(place + 1));
    const wanted = [
      ["first", words.overview, words.first],
      ["0", words.fold_all, ""],
      ...inner.map((level) => [level, level, (words.levels ?? "").replace("{n}", level)]),
      ["all", words.open_all, ""],
    ];
    const label = document.createElement("span");
    label.textContent = words.modules ?? "";
    this.root.hidden = levels === 0;
    this.root.replaceChildren(label, ...wanted.map((each) => this.button(...each)));
  }

  button(depth, text, title) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.depth = depth;
    button.textContent = text ?? "";
    button.title = title ?? "";
    button.onclick = () => this.tell(depth);
    button.onpointerenter = button.onpointermove = button.onfocus = () => this.foresee(depth);
    button.onpointerleave = button.onblur = () => this.foresee(null);
    return button;
  }
}
