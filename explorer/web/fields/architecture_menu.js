// A field with a menu of architectures: type to search, arrows and Enter or a click to choose.

import { element, part } from "../base/dom.js";

const MOST_HEIGHT = 360; // pixels of the menu
const GAP = 4; // pixels between the field and the menu
const PAGE = 8; // entries that PageUp and PageDown pass

/** @typedef {[name: string, note: string, ready: boolean]} MenuEntry `ready`: whether its file is there */

/**
 * @typedef {{
 *   entries: MenuEntry[], chosen: string, words: { architecture: string, choose: string, ready: string }
 * }} MenuData `chosen`: "" for none
 */

/**
 * Whether `name` holds every word of `query`; blanks and underscores separate words.
 * @param {string} name in small letters
 * @param {string} query
 */
export function matchesName(name, query) {
  return query.toLowerCase().split(/[\s_]+/).filter(Boolean).every((word) => name.includes(word));
}

export class ArchitectureMenu {
  /** @param {HTMLElement} host the element of architecture_menu.html */
  constructor(host) {
    /** @type {(name: string) => void} called when another architecture is chosen */
    this.onchoose = () => {};
    this.field = part(host, "input", HTMLInputElement);
    this.list = part(host, "ul", HTMLUListElement);
    this.label = part(host, "label", HTMLLabelElement);
    /** @type {HTMLLIElement[]} */
    this.options = [];
    this.chosen = "";
    this.shownEntries = "";
    this.marked = -1; // the place among the options that are shown
    this.field.onfocus = () => this.open();
    this.field.onclick = () => this.open();
    this.field.onblur = () => this.close();
    this.field.oninput = () => this.search();
    this.field.onkeydown = (event) => this.press(event);
    this.list.onpointerdown = (event) => event.preventDefault(); // the field keeps the focus
    this.closeOnMove = (/** @type {Event} */ event) => event.target !== this.list && this.close(); // the page moved below it
    host.inert = false; // until now a click would have been lost
  }

  /** @param {MenuData} data */
  show({ entries, chosen, words }) {
    this.label.textContent = words.architecture;
    this.field.placeholder = words.choose;
    const text = JSON.stringify([entries, words]);
    if (text !== this.shownEntries) {
      this.shownEntries = text;
      this.list.setAttribute("aria-label", words.architecture);
      this.options = entries.map((entry, index) => this.option(index, words.ready, ...entry));
      this.list.replaceChildren(...this.options);
    }
    if (chosen !== this.chosen || !this.isOpen()) {
      this.chosen = chosen;
      this.field.value = chosen;
      this.close();
    }
  }

  /**
   * @param {number} index
   * @param {string} readyWord
   * @param {MenuEntry} entry
   */
  option(index, readyWord, ...[name, note, ready]) {
    const readyText = ready ? readyWord : "";
    const option = element("li", "", element("b", "", name), element("span", "", note), element("i", "", readyText));
    option.id = `option-${index}`;
    option.dataset.name = name;
    option.setAttribute("role", "option");
    option.setAttribute("aria-label", name);
    option.setAttribute("aria-description", [note, readyText].filter(Boolean).join(", "));
    option.onclick = () => this.choose(name);
    return option;
  }

  isOpen() {
    return this.list.matches(":popover-open");
  }

  open() {
    if (this.isOpen()) {
      return;
    }
    const box = this.field.getBoundingClientRect();
    const below = innerHeight - box.bottom - 12;
    const height = Math.min(MOST_HEIGHT, Math.max(below, box.top - 12));
    const top = below >= height ? box.bottom + GAP : box.top - GAP - height;
    Object.assign(this.list.style, {
      left: `${box.left}px`, top: `${top}px`, minWidth: `${box.width}px`, maxHeight: `${height}px`,
    });
    this.list.showPopover();
    addEventListener("scroll", this.closeOnMove, { capture: true, passive: true });
    addEventListener("resize", this.closeOnMove);
    this.field.setAttribute("aria-expanded", "true");
    this.field.select();
    this.filter("");
    this.mark(this.shown().findIndex((option) => option.dataset.name === this.chosen));
  }

  close() {
    if (this.isOpen()) {
      this.list.hidePopover();
    }
    removeEventListener("scroll", this.closeOnMove, { capture: true });
    removeEventListener("resize", this.closeOnMove);
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.field.value = this.chosen;
  }

  search() {
    const query = this.field.value;
    this.open();
    this.filter(query);
    this.mark(query.trim() && this.shown().length ? 0 : -1);
  }

  /** @param {string} query */
  filter(query) {
    for (const option of this.options) {
      option.hidden = !matchesName(option.dataset.name ?? "", query);
    }
  }

  shown() {
    return this.options.filter((option) => !option.hidden);
  }

  /** @param {number} place among the options that are shown; -1 for none */
  mark(place) {
    this.marked = place;
    for (const option of this.options) {
      option.setAttribute("aria-selected", "false");
    }
    const option = this.shown()[place];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.field.setAttribute("aria-activedescendant", option.id);
    } else {
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
    event.stopPropagation(); // Streamlit has keys of its own
    if (event.key in steps) {
      event.preventDefault();
      this.open();
      const last = this.shown().length - 1;
      const from = this.marked < 0 && steps[event.key] < 0 ? last + 1 : this.marked;
      this.mark(Math.max(0, Math.min(last, from + steps[event.key])));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = this.shown()[this.marked];
      if (this.isOpen() && option) {
        this.choose(option.dataset.name ?? "");
      } else {
        this.open();
      }
    } else if (event.key === "Escape") {
      this.close();
    }
  }

  /** @param {string} name */
  choose(name) {
    const changed = name !== this.chosen;
    this.chosen = name;
    this.close();
    if (changed) {
      this.onchoose(name);
    }
  }
}
