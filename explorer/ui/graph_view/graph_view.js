// The interactive drawing of a graph: selection, keyboard and what the page is told. It draws nothing itself: the SVG
// comes from Graphviz. Pan and zoom (viewport.js) survive reruns of the script. Read with safe_svg.js and viewport.js
// before it, as one module.

const SETTLED = 220; // ms without another arrow key until a selection is reported

class GraphView extends Viewport {
  constructor(host) {
    super(host.querySelector(".stage"), host.querySelector("[data-do=actual]"));
    this.host = host;
    this.keys = host.querySelector(".keys");
    this.text = null;
    this.edges = [];
    this.selected = null;
    this.report = () => {};
    this.listen();
  }

  // ---- content

  show(text, height) {
    this.host.style.height = `${height}px`;
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
    this.index();
    if (before && before.width === this.size.width && before.height === this.size.height) {
      this.apply();
    } else {
      this.pending = true;
      this.begin();
    }
    this.mark();
  }

  index() {
    this.nodes = new Map();
    for (const element of this.viewport.querySelectorAll("g.node")) {
      element.setAttribute("tabindex", "-1");
      this.nodes.set(element.id.replace(/^node-/, ""), element);
    }
    this.edges = [...this.viewport.querySelectorAll("g.edge")].map((element) => ({
      element,
      source: element.getAttribute("data-source"),
      target: element.getAttribute("data-target"),
    }));
  }

  say(words) {
    this.words = words;
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
  }

  legend(entries) {
    this.host.querySelector(".legend").replaceChildren(
      ...entries.map(([title, colour]) => {
        const item = document.createElement("li");
        const swatch = document.createElement("span");
        swatch.className = "swatch";
        swatch.style.backgroundColor = colour;
        item.append(swatch, document.createTextNode(title));
        return item;
      }),
    );
  }

  // ---- selection

  // From outside: the page's selection. It does not move the focus.
  select(id) {
    if (id === this.selected) {
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
    this.selected = id;
    this.mark();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(id), delay);
  }

  mark() {
    for (const [id, element] of this.nodes) {
      const chosen = id === this.selected;
      element.classList.toggle("selected", chosen);
      element.setAttribute("aria-pressed", String(chosen));
      element.setAttribute("tabindex", "-1");
    }
    for (const { element, source, target } of this.edges) {
      const lit = source === this.selected || target === this.selected;
      element.classList.toggle("lit", lit);
      if (lit) {
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
    const linked = new Set();
    for (const { source, target } of this.edges) {
      if (source === id) linked.add(target);
      if (target === id) linked.add(source);
    }
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

  move(dx, dy) {
    const start = this.current() ?? this.selected;
    const next = this.nodes.has(start) ? this.neighbour(start, dx, dy) : this.nodes.keys().next().value;
    if (next) {
      this.pick(next, SETTLED);
      this.nodes.get(next).focus({ preventScroll: true });
      this.reveal(this.nodes.get(next));
    }
  }

  current() {
    const focused = this.host.getRootNode().activeElement;
    const node = focused?.closest?.("g.node");
    return node ? node.id.replace(/^node-/, "") : null;
  }

  // ---- events: assigned, not added, so that a rerun leaves one handler each

  listen() {
    const actions = {
      in: () => this.zoom(STEP),
      out: () => this.zoom(1 / STEP),
      fit: () => this.fit(),
      actual: () => this.zoom(1 / this.view.scale),
      keys: () => this.toggleKeys(),
    };
    for (const button of this.host.querySelectorAll("button[data-do]")) {
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
      const box = this.stage.getBoundingClientRect();
      this.zoom(event.shiftKey ? 1 / 2 : 2, event.clientX - box.left, event.clientY - box.top);
    };
    this.host.onkeydown = (event) => this.press(event);
    new ResizeObserver(() => this.pending && this.begin()).observe(this.stage);
  }

  grab(event) {
    if (event.button !== 0) {
      return;
    }
    const node = event.target.closest?.("g.node");
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
          this.pick(node.id.replace(/^node-/, ""));
          node.focus({ preventScroll: true });
        }
      }
    };
    this.stage.onpointerup = () => release(true);
    this.stage.onpointercancel = () => release(false);
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const actions = {
      "+": () => this.zoom(STEP),
      "=": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      0: () => this.fit(),
      f: () => this.fit(),
      1: () => this.zoom(1 / this.view.scale),
      "?": () => this.toggleKeys(),
      Escape: () => this.toggleKeys(false),
    };
    if (!event.target.closest("button")) {
      Object.assign(actions, {
        ArrowUp: () => (event.shiftKey ? this.pan(0, 60) : this.move(0, -1)),
        ArrowDown: () => (event.shiftKey ? this.pan(0, -60) : this.move(0, 1)),
        ArrowLeft: () => (event.shiftKey ? this.pan(60, 0) : this.move(-1, 0)),
        ArrowRight: () => (event.shiftKey ? this.pan(-60, 0) : this.move(1, 0)),
        Enter: () => this.current() && this.pick(this.current()),
        " ": () => this.current() && this.pick(this.current()),
      });
    }
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      event.stopPropagation(); // Streamlit has keys of its own
      action();
    }
  }

  toggleKeys(show = this.keys.hidden) {
    this.keys.hidden = !show;
    this.host.querySelector("[data-do=keys]").setAttribute("aria-expanded", String(show));
  }
}

// The drawing and the selection are two components, so that a selection does not send the drawing again. They meet here.
function shared(key) {
  window.toushiGraphs ??= new Map();
  if (!window.toushiGraphs.has(key)) {
    window.toushiGraphs.set(key, { view: null, selected: null });
  }
  return window.toushiGraphs.get(key);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const meeting = shared(data.key);
  const host = parentElement.querySelector(".graph");
  if (!host) {
    meeting.selected = data.selected;
    meeting.view?.select(data.selected);
    return;
  }
  host.view ??= new GraphView(host);
  meeting.view = host.view;
  host.view.report = (id) => setTriggerValue("picked", id);
  host.view.say(data.words);
  host.view.legend(data.legend);
  host.view.show(data.svg, data.height);
  host.view.select(meeting.selected);
}
