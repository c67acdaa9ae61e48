// The drawing of a graph: its nodes, what is folded, selected and lit, and what the page is told. The SVG comes from
// Graphviz; pan and zoom (viewport.js) survive reruns; mouse and keys are in gestures.js. All is read as one module.

import { Depths } from "./depth_buttons.js";
import { Words } from "./late_text.js";
import { Links } from "./links.js";
import { Minimap } from "./minimap.js";
import { Paint } from "./overlay_colours.js";
import { SVG, parsed } from "./safe_svg.js";
import { Search } from "./search_field.js";
import { Viewport } from "./viewport.js";

const SETTLED = 220; // ms without another arrow key until a selection is reported

export class GraphDrawing extends Viewport {
  constructor(host) {
    super(host.querySelector(".stage"), host.querySelector("[data-do=actual]"));
    this.host = host;
    this.keys = host.querySelector(".keys");
    this.words = new Words(this);
    this.minimap = new Minimap(host.querySelector(".minimap"), this);
    this.paint = new Paint(host.querySelector(".legend"), host.querySelector(".scale"));
    this.depths = new Depths(
      host.querySelector(".depths"),
      (depth) => this.tell("depth", depth),
      (depth) => this.foresee(depth === null ? null : "depth", depth),
    );
    this.search = new Search(host.querySelector(".search"), (query) => this.tell("searched", query), (id) => this.pick(id));
    this.text = null;
    this.edges = [];
    this.opens = new Set(); // boxes that open
    this.folds = new Set(); // frames that fold
    this.inside = {}; // box → the frame to fold around it
    this.jumps = {}; // stub → the boxes at its other end
    this.selected = null;
    this.heard = null; // the page's last word on the selection
    this.unheard = []; // picks ({ id, told }) that have not come back from the page yet, the oldest first
    this.whole = true; // light everything before and after the selection, not only its neighbours
    this.tell = () => {};
    this.foresee = () => {}; // (event, value, ms) → what may be told next; event null: nothing
    this.listen();
  }

  changed() {
    this.minimap.draw();
  }

  apply() {
    super.apply();
    this.words.bring();
  }

  // ---- content

  show({ svg: text, opens, folds, inside, jumps, levels }) {
    this.depths.show(levels);
    this.opens = new Set(opens);
    this.folds = new Set(folds);
    this.inside = inside;
    this.jumps = jumps;
    if (text === this.text) {
      return;
    }
    const svg = parsed(text);
    if (svg === null) {
      return;
    }
    const box = (svg.getAttribute("viewBox") || "0 0 1 1").split(/\s+/).map(Number);
    const before = this.size;
    this.text = text;
    this.size = { width: box[2], height: box[3] };
    svg.removeAttribute("viewBox");
    svg.setAttribute("width", "100%");
    svg.setAttribute("height", "100%");
    this.viewport = document.createElementNS(SVG, "g");
    this.viewport.append(...svg.childNodes);
    svg.appendChild(this.viewport);
    this.stage.replaceChildren(svg);
    this.shift = null;
    this.index();
    this.minimap.reset();
    if (before && this.anchor && this.restore()) {
      this.changed();
    } else if (before && before.width === this.size.width && before.height === this.size.height) {
      this.apply();
    } else {
      this.pending = true;
      this.begin();
    }
    this.words.begin();
    this.mark();
    this.refocus(this.anchor?.id);
    this.anchor = null;
    this.stage.dataset.drawn = String(Number(this.stage.dataset.drawn ?? 0) + 1);
  }

  index() {
    this.nodes = new Map();
    for (const element of this.viewport.querySelectorAll("g.node")) {
      const id = element.id.replace(/^node-/, "");
      element.setAttribute("tabindex", "-1");
      element.classList.toggle("opens", this.opens.has(id));
      this.nodes.set(id, element);
    }
    this.frames = new Map();
    for (const element of this.viewport.querySelectorAll("g.frame")) {
      const id = element.id.replace(/^frame-/, "");
      if (this.folds.has(id)) {
        element.classList.add("folds");
        element.setAttribute("role", "button");
        element.setAttribute("aria-expanded", "true");
      }
      this.frames.set(id, element);
    }
    this.edges = [...this.viewport.querySelectorAll("g.edge")].map((element) => ({
      element,
      source: element.getAttribute("data-source"),
      target: element.getAttribute("data-target"),
    }));
    this.links = new Links(this.edges, this.jumps);
  }

  say(words) {
    for (const element of this.host.querySelectorAll("[data-word]")) {
      element.textContent = words[element.dataset.word] ?? "";
    }
    for (const element of this.host.querySelectorAll("[data-label]")) {
      const label = words[element.dataset.label] ?? "";
      element.setAttribute("aria-label", label);
      if (element.localName === "button") {
        element.title = label;
      }
    }
    for (const element of this.host.querySelectorAll("[data-placeholder]")) {
      element.placeholder = words[element.dataset.placeholder] ?? "";
    }
    this.depths.say(words);
  }

  // What lies over the drawing: selection, colours, widths, search hits. The drawing itself stays.
  overlay({ selected, legend, scale, colours, widths, found }) {
    this.select(selected);
    this.paint.explain(legend, scale);
    this.paint.apply(this.nodes, colours);
    this.paint.widths(this.edges, widths);
    this.search.show(found);
    this.minimap.reset();
    this.changed();
  }

  // A new drawing is being made: what stands here is the old one.
  busy(is) {
    this.host.classList.toggle("busy", is);
    this.host.setAttribute("aria-busy", String(is));
  }

  // Another graph is about to come: what was selected in this one, and where it stood, means nothing there.
  forget() {
    this.selected = this.heard = this.anchor = null;
    this.unheard = [];
  }

  // ---- folding

  // Tells the page to open or fold; what was clicked will stand at the same place in the new drawing.
  toggle(id) {
    const element = this.nodes.get(id) ?? this.frames.get(id);
    if (element) {
      const box = this.place(element);
      const { scale, x, y } = this.view;
      this.anchor = { id, x: box.x * scale + x, y: (box.y - box.height / 2) * scale + y };
      this.tell("toggled", id);
    }
  }

  // The view in which the anchor's top middle stands where it stood; false where it is not in the new drawing.
  restore() {
    const element = this.nodes.get(this.anchor.id) ?? this.frames.get(this.anchor.id);
    if (!element) {
      return false;
    }
    const box = this.place(element);
    const { scale } = this.view;
    this.view = { scale, x: this.anchor.x - box.x * scale, y: this.anchor.y - (box.y - box.height / 2) * scale };
    this.apply();
    return true;
  }

  // The focus was on what has been opened or folded: it goes to what came of it, so that keys go on from there.
  refocus(id) {
    const inner = Object.keys(this.inside).find((box) => this.inside[box] === id && this.nodes.has(box));
    const element = this.nodes.get(id) ?? this.nodes.get(inner);
    if (id && element && !this.host.getRootNode().activeElement) {
      element.focus({ preventScroll: true });
    }
  }

  // ---- selection

  // From outside: the page's selection. It does not move the focus. Where it answers an earlier pick, or says again
  // what it said before the last one, it comes too late: the newest pick stays.
  select(id) {
    const answered = this.unheard.findIndex((pick) => pick.id === id);
    this.unheard = answered >= 0 ? this.unheard.slice(answered + 1) : id === this.heard ? this.unheard : [];
    this.heard = id;
    if (this.unheard.length) {
      return;
    }
    if (id === this.selected && this.nodes.get(id)?.classList.contains("selected")) {
      return;
    }
    this.selected = id;
    this.mark();
    if (this.nodes.has(id) && !this.pending) {
      this.reveal(this.nodes.get(id));
    }
  }

  // From within: a click or a key.
  pick(id, delay = 0) {
    if (this.nodes.has(id)) {
      this.selected = id;
      this.mark();
    }
    clearTimeout(this.timer);
    const pick = { id, told: false };
    this.unheard = [...this.unheard.filter(({ told }) => told), pick];
    this.timer = setTimeout(() => {
      pick.told = true;
      this.tell("picked", id);
    }, delay);
  }

  // What a click or Enter does: a folded box opens, a stub leads to its other end, an operation is selected.
  use(id) {
    const ends = this.jumps[id];
    if (ends?.length) {
      const next = ends[(ends.indexOf(this.jumped) + 1) % ends.length];
      this.jumped = next;
      this.use(next);
      const element = this.nodes.get(next);
      element?.focus({ preventScroll: true });
      element && this.reveal(element);
    } else if (this.opens.has(id)) {
      this.toggle(id);
    } else {
      this.pick(id);
    }
  }

  mark() {
    const chosen = this.nodes.has(this.selected);
    const before = chosen ? this.links.before(this.selected, this.whole) : new Set();
    const after = chosen ? this.links.after(this.selected, this.whole) : new Set();
    for (const [id, element] of this.nodes) {
      const selected = id === this.selected;
      element.classList.toggle("selected", selected);
      element.classList.toggle("dim", chosen && !before.has(id) && !after.has(id));
      element.setAttribute("aria-pressed", String(selected));
      element.setAttribute("tabindex", "-1");
    }
    for (const { element, source, target } of this.edges) {
      const near = chosen && (source === this.selected || target === this.selected);
      const lit = chosen && ((before.has(source) && before.has(target)) || (after.has(source) && after.has(target)));
      element.classList.toggle("near", near);
      element.classList.toggle("lit", lit);
      element.classList.toggle("dim", chosen && !lit);
      if (near) {
        element.parentNode.appendChild(element); // above the others
      }
    }
    // One stop for the Tab key; arrows go on from there.
    const entry = this.nodes.get(this.selected) ?? this.nodes.values().next().value;
    entry?.setAttribute("tabindex", "0");
  }

  // The node next to `id` in a direction: among its neighbours first, then among all.
  neighbour(id, dx, dy) {
    const from = this.place(this.nodes.get(id));
    const linked = this.links.neighbours(id);
    linked.delete(id);
    const nearest = (ids, slack) => {
      let best = null;
      for (const other of ids) {
        if (other === id || !this.nodes.has(other)) continue;
        const to = this.place(this.nodes.get(other));
        const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
        const across = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
        if (along > 1 && across <= along * slack) {
          const cost = along + 2 * across;
          if (best === null || cost < best.cost) best = { other, cost };
        }
      }
      return best?.other ?? null;
    };
    return nearest(linked, 6) ?? nearest(this.nodes.keys(), 2);
  }

  // An arrow key: the focus moves on; operations are also selected, once the key rests.
  move(dx, dy) {
    const start = this.current() ?? this.selected;
    const next = this.nodes.has(start) ? this.neighbour(start, dx, dy) : this.nodes.keys().next().value;
    if (next) {
      const element = this.nodes.get(next);
      if (this.opens.has(next) || this.jumps[next]) {
        clearTimeout(this.timer);
      } else {
        this.pick(next, SETTLED);
      }
      element.focus({ preventScroll: true });
      this.reveal(element);
    }
  }

  current() {
    const focused = this.host.getRootNode().activeElement;
    const node = focused?.closest?.("g.node");
    return node ? node.id.replace(/^node-/, "") : null;
  }
}
