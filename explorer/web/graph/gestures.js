// What mouse and keys do with the drawing (graph_view.js). The key map is shown in graph_view.html.

import { GraphDrawing } from "./graph_view.js";
import { STEP } from "./viewport.js";

export class GraphView extends GraphDrawing {
  // ---- events

  listen() {
    const actions = {
      in: () => this.zoom(STEP),
      out: () => this.zoom(1 / STEP),
      fit: () => this.fit(),
      actual: () => this.zoom(1 / this.view.scale),
      path: () => this.togglePath(),
      keys: () => this.toggleKeys(),
    };
    for (const button of this.host.querySelectorAll(".tools button")) {
      button.onclick = actions[button.dataset.do];
    }
    this.stage.onwheel = (event) => {
      event.preventDefault();
      const box = this.stage.getBoundingClientRect();
      const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
      this.zoom(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0016)), event.clientX - box.left, event.clientY - box.top);
    };
    this.stage.onpointerdown = (event) => this.grab(event);
    this.stage.ondblclick = (event) => {
      if (event.target.closest?.("g.node")) {
        return;
      }
      const box = this.stage.getBoundingClientRect();
      this.zoom(event.shiftKey ? 1 / 2 : 2, event.clientX - box.left, event.clientY - box.top);
    };
    for (const kind of ["pointerover", "pointermove", "focusin"]) {
      this.stage.addEventListener(kind, (event) => this.come(event.target));
    }
    for (const kind of ["pointerleave", "focusout"]) {
      this.stage.addEventListener(kind, () => this.foresee(null));
    }
    this.host.onkeydown = (event) => this.press(event);
    new ResizeObserver(() => {
      this.room = { width: this.stage.clientWidth, height: this.stage.clientHeight };
      this.pending ? this.begin() : this.changed();
    }).observe(this.stage);
  }

  // The pointer or the focus has come to something: where it opens or folds, the drawing may be wanted at once.
  come(target, rest) {
    const node = target.closest?.("g.node");
    const id = node ? node.id.replace(/^node-/, "") : named(target)?.id.replace(/^frame-/, "");
    const toggles = id !== undefined && (!node || this.opens.has(id));
    this.foresee(toggles ? "toggled" : null, id, rest);
  }

  grab(event) {
    if (event.button !== 0) {
      return;
    }
    this.come(event.target, 0);
    const node = event.target.closest?.("g.node");
    const frame = named(event.target);
    let last = { x: event.clientX, y: event.clientY };
    let travelled = 0;
    this.stage.setPointerCapture(event.pointerId);
    this.stage.onpointermove = (moved) => {
      travelled += Math.abs(moved.clientX - last.x) + Math.abs(moved.clientY - last.y);
      if (travelled > 4) {
        this.stage.classList.add("dragging");
        this.pan(moved.clientX - last.x, moved.clientY - last.y);
        last = { x: moved.clientX, y: moved.clientY };
      }
    };
    const release = (clicked) => {
      this.stage.onpointermove = null;
      this.stage.onpointerup = null;
      this.stage.onpointercancel = null;
      this.stage.classList.remove("dragging");
      if (clicked && travelled <= 4) {
        this.stage.focus({ preventScroll: true });
        if (node) {
          node.focus({ preventScroll: true });
          this.use(node.id.replace(/^node-/, ""));
        } else if (frame) {
          this.toggle(frame.id.replace(/^frame-/, ""));
        }
      }
    };
    this.stage.onpointerup = () => release(true);
    this.stage.onpointercancel = () => release(false);
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input")) {
      return;
    }
    const actions = {
      "+": () => this.zoom(STEP),
      "=": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      0: () => this.fit(),
      f: () => this.fit(),
      1: () => this.zoom(1 / this.view.scale),
      p: () => this.togglePath(),
      "/": () => this.search.open(),
      "[": () => this.tell("deeper", -1),
      "]": () => this.tell("deeper", 1),
      "?": () => this.toggleKeys(),
      Escape: () => this.toggleKeys(false),
    };
    if (!event.target.closest("button")) {
      Object.assign(actions, {
        ArrowUp: () => (event.shiftKey ? this.pan(0, 60) : this.move(0, -1)),
        ArrowDown: () => (event.shiftKey ? this.pan(0, -60) : this.move(0, 1)),
        ArrowLeft: () => (event.shiftKey ? this.pan(60, 0) : this.move(-1, 0)),
        ArrowRight: () => (event.shiftKey ? this.pan(-60, 0) : this.move(1, 0)),
        Enter: () => this.current() && this.use(this.current()),
        " ": () => this.current() && this.use(this.current()),
        Backspace: () => this.fold(),
      });
    }
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      event.stopPropagation(); // Streamlit has keys of its own
      action();
    }
  }

  fold() {
    const frame = this.inside[this.current() ?? this.selected];
    if (frame) {
      this.toggle(frame);
    }
  }

  togglePath() {
    this.whole = !this.whole;
    this.host.querySelector("[data-do=path]").setAttribute("aria-pressed", String(this.whole));
    this.mark();
  }

  toggleKeys(show = this.keys.hidden) {
    this.keys.hidden = !show;
    this.host.querySelector("[data-do=keys]").setAttribute("aria-expanded", String(show));
  }
}

// The frame whose name a press on `target` hits, and that folds; null where there is none.
function named(target) {
  return target.localName === "text" ? target.closest("g.frame.folds") : null;
}
