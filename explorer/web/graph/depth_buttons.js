// The row of buttons that fold and open all modules at once.

import { actionButton, element } from "../base/dom.js";
import { fillTemplate } from "../base/number_format.js";

const MOST_LEVELS = 4; // buttons for so many levels; "open all" stands for the last

export class DepthButtons {
  /**
   * @param {HTMLElement} root
   * @param {(depth: string) => void} choose "first", "all" or a number of levels
   * @param {(depth: string | null) => void} expect what may be chosen next; null: nothing
   */
  constructor(root, choose, expect) {
    this.root = root;
    this.choose = choose;
    this.expect = expect;
    this.levels = 0;
    /** @type {Record<string, string>} */
    this.words = {};
  }

  /** @param {Record<string, string>} words */
  setWords(words) {
    this.words = words;
    this.draw();
  }

  /** @param {number} levels how many clicks, one inside the other, open everything; 0 for a graph without modules */
  show(levels) {
    if (levels !== this.levels) {
      this.levels = levels;
      this.draw();
    }
  }

  draw() {
    const { words, levels } = this;
    const inner = Array.from({ length: Math.max(0, Math.min(levels, MOST_LEVELS) - 1) }, (_, index) => String(index + 1));
    this.root.hidden = levels === 0;
    this.root.replaceChildren(
      element("span", "", words.modules ?? ""),
      this.button("first", words.overview, words.first),
      this.button("0", words.fold_all),
      ...inner.map((level) => this.button(level, level, fillTemplate(words.levels ?? "", { n: level }))),
      this.button("all", words.open_all),
    );
  }

  /**
   * @param {string} depth
   * @param {string | undefined} text
   * @param {string | undefined} [title]
   */
  button(depth, text, title) {
    const button = actionButton("", text ?? "", () => this.choose(depth));
    button.dataset.depth = depth;
    button.title = title ?? "";
    button.onpointerenter = button.onpointermove = button.onfocus = () => this.expect(depth);
    button.onpointerleave = button.onblur = () => this.expect(null);
    return button;
  }
}
