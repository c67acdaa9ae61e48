// The search field over the drawing. The page searches (it knows the nodes inside folded modules too); this asks and lists.

import { actionButton, element, part } from "../base/dom.js";

const TYPING = 180; // ms without another key until the page is asked

/**
 * `hits`: id, title and place of each node that is listed; `message`: why the query could not be understood.
 * @typedef {{ query: string, total: number, message: string, hits: [id: string, title: string, place: string][] }} SearchAnswer
 */

/**
 * The place in a list of `count` hits that is `by` steps after `at`; -1 is before the first. The list is a ring.
 * @param {number} at
 * @param {number} by 1 or -1
 * @param {number} count
 */
export function steppedHit(at, by, count) {
  return at < 0 && by < 0 ? count - 1 : (at + by + count) % count;
}

/**
 * @param {number} total
 * @param {number} at the place of the chosen one; -1: none
 * @param {string} none what is said where there are none
 */
export function hitsText(total, at, none) {
  return total === 0 ? none : at < 0 ? `${total}` : `${at + 1} / ${total}`;
}

export class SearchField {
  /**
   * @param {HTMLElement} root
   * @param {(query: string) => void} ask the answer comes to `show`
   * @param {(id: string) => void} go to a node
   */
  constructor(root, ask, go) {
    this.root = root;
    this.field = part(root, "input", HTMLInputElement);
    this.list = part(root, "ol", HTMLOListElement);
    this.count = part(root, ".count", HTMLElement);
    this.ask = ask;
    this.go = go;
    /** @type {SearchAnswer | null} */
    this.answer = null;
    this.at = -1;
    this.noHits = "0"; // in words, once they are known
    this.timer = 0;
    /** @type {string | null} what a person has typed until it is answered; null once it is */
    this.unanswered = null;
    this.field.oninput = () => {
      clearTimeout(this.timer);
      this.unanswered = this.field.value.trim();
      this.timer = setTimeout(() => this.send(), TYPING);
    };
    this.field.onkeydown = (event) => this.press(event);
    part(root, "[data-do=next]", HTMLButtonElement).onclick = () => this.step(1);
    part(root, "[data-do=previous]", HTMLButtonElement).onclick = () => this.step(-1);
  }

  /** Asks the page, which says nothing new where it has answered the same already. */
  send() {
    const query = this.field.value.trim();
    this.unanswered = query === (this.answer?.query ?? "") ? null : query;
    this.ask(query);
  }

  open() {
    this.field.focus();
    this.field.select();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    event.stopPropagation(); // neither the graph's keys nor Streamlit's
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      this.field.value = "";
      clearTimeout(this.timer);
      this.unanswered = "";
      this.send();
      this.show(null);
      this.field.blur();
    }
  }

  /**
   * The query of an answer that nobody here has typed, from a link or after a step back, is put into the field.
   * @param {SearchAnswer | null} answer null: nothing is searched for
   */
  show(answer) {
    const query = answer?.query ?? "";
    if (this.unanswered !== null && query !== this.unanswered) {
      return; // the answer to what was typed before
    }
    this.unanswered = null;
    if (query !== this.field.value.trim()) {
      this.field.value = query;
    }
    if (JSON.stringify(answer) === JSON.stringify(this.answer)) {
      return;
    }
    this.answer = answer;
    this.at = -1;
    const hits = answer?.hits ?? [];
    this.list.replaceChildren(
      ...hits.map(([, title, place], index) => {
        const button = actionButton("", title, () => this.choose(index));
        button.append(element("span", "", place));
        return element("li", "", button);
      }),
    );
    this.list.hidden = hits.length === 0;
    this.showCount();
  }

  showCount() {
    const { answer, at } = this;
    this.count.textContent = answer ? answer.message || hitsText(answer.total, at, this.noHits) : "";
    this.root.classList.toggle("wrong", Boolean(answer?.message));
  }

  /** @param {1 | -1} by */
  step(by) {
    const count = this.answer?.hits.length ?? 0;
    if (count) {
      this.choose(steppedHit(this.at, by, count));
    }
  }

  /** @param {number} index */
  choose(index) {
    const hit = this.answer?.hits[index];
    if (!hit) {
      return;
    }
    this.at = index;
    [...this.list.children].forEach((item, place) => item.classList.toggle("chosen", place === index));
    this.list.children[index].scrollIntoView({ block: "nearest" });
    this.showCount();
    this.go(hit[0]);
  }
}
