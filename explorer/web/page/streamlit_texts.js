// Streamlit's and Plotly's own texts in the language of the page. Both know English only, and so they are replaced where
// they appear. What our own Python wrote stands in Markdown, in shadow roots or in drawings, which are left alone.

import { phraseBook } from "../base/phrases.js";

const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt", "data-title"];
const HAS_TEXT = ATTRIBUTES.map((name) => `[${name}]`).join(",");
// Drawings change with every step of a slider, and nothing in them is Streamlit's.
const LEFT_ALONE =
  "svg, canvas, pre, code, style, script, [data-testid=stMarkdownContainer]:not([data-testid=stFileUploader] button *)";

export class StreamlitTexts {
  /** @param {HTMLElement} root of the page */
  constructor(root) {
    this.root = root;
    /** @type {[string, string][]} */
    this.phrases = [];
    this.translate = phraseBook([]);
    this.changes = new MutationObserver((changes) => this.follow(changes));
  }

  /** @param {[string, string][]} phrases English and what stands for it; none where the page is in English */
  show(phrases) {
    if (JSON.stringify(phrases) === JSON.stringify(this.phrases)) {
      return;
    }
    this.changes.disconnect();
    this.translate = phraseBook(this.phrases.map(([english, other]) => [other, english]));
    this.visit(this.root);
    this.phrases = phrases;
    this.translate = phraseBook(phrases);
    this.visit(this.root);
    if (phrases.length) {
      const what = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES };
      this.changes.observe(this.root, what);
    }
  }

  /** @param {MutationRecord[]} changes */
  follow(changes) {
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") {
        addedNodes.forEach((node) => this.visit(node));
      } else if (target instanceof HTMLElement) {
        this.labels(target);
      } else if (target instanceof Text) {
        this.text(target);
      }
    }
  }

  /** @param {Node} node with all below it */
  visit(node) {
    if (node instanceof Text) {
      this.text(node);
    } else if (node instanceof HTMLElement && !node.closest(LEFT_ALONE)) {
      this.labels(node);
      for (const element of node.querySelectorAll(HAS_TEXT)) {
        this.labels(element);
      }
      const texts = document.createTreeWalker(node, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (each) =>
        each instanceof Element
          ? each.matches(LEFT_ALONE) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP
          : NodeFilter.FILTER_ACCEPT,
      );
      while (texts.nextNode()) {
        this.text(/** @type {Text} */ (texts.currentNode), true);
      }
    }
  }

  /** @param {Element} element */
  labels(element) {
    for (const name of ATTRIBUTES) {
      const text = element.getAttribute(name);
      const other = text === null ? null : this.translate(text);
      if (other !== null) {
        element.setAttribute(name, other);
      }
    }
  }

  /**
   * @param {Text} node
   * @param {boolean} [isOutside] known not to stand in what is left alone
   */
  text(node, isOutside = false) {
    const other = this.translate(node.data);
    if (other !== null && (isOutside || !node.parentElement?.closest(LEFT_ALONE))) {
      node.data = other;
    }
  }
}
