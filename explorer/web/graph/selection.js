// The selected node of a drawing: how it is marked, and which of the page's answers about it count.

/** @import { Drawing } from "./drawing.js" */

/** @typedef {{ id: string, reported: boolean }} Pick */

export class Selection {
  /**
   * @param {Drawing} drawing
   * @param {(id: string) => void} report reports what was picked to the page
   */
  constructor(drawing, report) {
    this.drawing = drawing;
    this.report = report;
    /** @type {string | null} */
    this.id = null;
    /** @type {string | null} what the page last said is selected */
    this.received = null;
    /** @type {Pick[]} picks that the page has not answered yet, the oldest first */
    this.unanswered = [];
    /** Whether everything before and after the selection is lit, not only its neighbours. */
    this.whole = true;
    this.timer = 0;
  }

  /** Another graph is about to come: what was selected in this one means nothing there. */
  forget() {
    this.id = this.received = null;
    this.unanswered = [];
  }

  /**
   * Takes the page's selection, which does not move the focus. Where it answers an earlier pick, or says again what the
   * page said before the last one, it comes too late: the newest pick stays.
   * @param {string | null} id
   * @returns {boolean} whether the selection is another one now
   */
  receive(id) {
    const answered = this.unanswered.findIndex((pick) => pick.id === id);
    if (answered >= 0) {
      this.unanswered = this.unanswered.slice(answered + 1);
    } else if (id !== this.received) {
      this.unanswered = [];
    }
    this.received = id;
    const isMarked = id !== null && id === this.id && this.drawing.nodes.get(id)?.classList.contains("selected");
    if (this.unanswered.length || isMarked) {
      return false;
    }
    this.id = id;
    this.mark();
    return true;
  }

  /**
   * A person picks a node; it is reported after `delay` ms, unless another pick comes before.
   * @param {string} id
   */
  pick(id, delay = 0) {
    if (this.drawing.nodes.has(id)) {
      this.id = id;
      this.mark();
    }
    this.cancelReport();
    const pick = { id, reported: false };
    this.unanswered = [...this.unanswered.filter(({ reported }) => reported), pick];
    this.timer = setTimeout(() => {
      pick.reported = true;
      this.report(id);
    }, delay);
  }

  cancelReport() {
    clearTimeout(this.timer);
  }

  toggleWhole() {
    this.whole = !this.whole;
    this.mark();
  }

  /** Lights the selection and what leads to it and from it, and dims the rest. */
  mark() {
    const { nodes, edges, links } = this.drawing;
    const id = this.id !== null && nodes.has(this.id) ? this.id : null;
    /** @type {Set<string>} */
    const before = id === null ? new Set() : links.before(id, this.whole);
    /** @type {Set<string>} */
    const after = id === null ? new Set() : links.after(id, this.whole);
    for (const [each, element] of nodes) {
      const selected = each === this.id;
      element.classList.toggle("selected", selected);
      element.classList.toggle("dim", id !== null && !before.has(each) && !after.has(each));
      element.setAttribute("aria-pressed", String(selected));
      element.setAttribute("tabindex", "-1");
    }
    for (const { element, source, target } of edges) {
      const near = id !== null && (source === id || target === id);
      const lit = id !== null && ((before.has(source) && before.has(target)) || (after.has(source) && after.has(target)));
      element.classList.toggle("near", near);
      element.classList.toggle("lit", lit);
      element.classList.toggle("dim", id !== null && !lit);
      if (near) {
        element.parentNode?.appendChild(element); // above the others
      }
    }
    // One stop for the Tab key; arrows go on from there.
    const entry = (id !== null && nodes.get(id)) || nodes.values().next().value;
    entry?.setAttribute("tabindex", "0");
  }
}
