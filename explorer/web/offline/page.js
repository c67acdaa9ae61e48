// The page without a server: everything comes from the JSON in it. Text from a model is only ever put in as text.

import { GraphView } from "../graph/gestures.js";

const STATISTICS = ["minimum", "maximum", "mean", "zeros", "dead", "nans", "infinities"];
const SHARES = new Set(["zeros", "dead"]);
const MOST_HITS = 200;

function made(name, text = "", ...children) {
  const element = document.createElement(name);
  element.append(document.createTextNode(text), ...children);
  return element;
}

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

async function unpacked(text) {
  const stream = new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

class Standalone {
  constructor(held) {
    this.held = held;
    this.view = new GraphView(document.querySelector(".graph"));
    this.panel = document.querySelector("#panel");
    this.choice = document.querySelector("#drawings");
    this.night = matchMedia("(prefers-color-scheme: dark)");
    this.found = null;
    this.now = null; // the drawing on the screen
    this.selected = null;
    this.drawings = held.drawings.map((drawing) => ({
      ...drawing, shown: new Set(drawing.boxes), frames: new Set(drawing.folds),
    }));
    this.view.say(held.words);
    this.view.tell = (event, value) => this.told(event, value);
    for (const element of document.querySelectorAll("[data-say]")) {
      element.textContent = held.words[element.dataset.say];
    }
    this.drawings.forEach((drawing, place) => this.choice.append(new Option(this.title(drawing), String(place))));
    this.choice.onchange = () => this.draw(this.drawings[Number(this.choice.value)]);
    this.night.onchange = () => this.draw(this.now);
    document.documentElement.dataset.theme = held.theme;
    this.tellOf(null);
  }

  say(name, values = {}) {
    return this.held.words[name].replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
  }

  title(drawing) {
    return this.say(drawing.title, { n: drawing.level });
  }

  dark() {
    return this.held.theme === "dark" || (this.held.theme === "auto" && this.night.matches);
  }

  // Only the newest wish is carried out: unpacking takes a moment.
  async draw(drawing) {
    this.now = drawing;
    const dark = this.dark();
    const svg = await unpacked(dark ? drawing.dark : drawing.light);
    if (this.now !== drawing || dark !== this.dark()) {
      return;
    }
    this.choice.value = String(this.drawings.indexOf(drawing));
    const { opens, folds, inside, jumps } = drawing;
    this.view.show({ svg, opens, folds, inside, jumps, levels: 0 }); // it has a menu of its own
    this.lay();
  }

  lay() {
    const box = this.selected === null ? null : (this.now.holder[this.selected] ?? this.selected);
    const legend = this.held.legend.map(([title, light, dark]) => [title, this.dark() ? dark : light]);
    this.view.overlay({ selected: box, legend, scale: null, colours: null, widths: null, found: this.found });
  }

  told(event, value) {
    if (event === "picked") {
      this.pick(value);
    } else if (event === "toggled") {
      this.toggle(value);
    } else if (event === "searched") {
      this.search(value);
    } else if (event === "deeper") {
      this.deeper(value);
    }
  }

  // From few boxes to many.
  ordered() {
    return [...this.drawings].sort((one, other) => one.boxes.length - other.boxes.length);
  }

  deeper(by) {
    const ordered = this.ordered();
    const next = ordered[ordered.indexOf(this.now) + by];
    if (next) {
      this.draw(next);
    }
  }

  // The nearest drawing in which the box is a frame, or in which the frame is a box again.
  toggle(id) {
    const ordered = this.ordered();
    const opening = this.now.shown.has(id);
    const from = this.now.boxes.length;
    const next = opening
      ? ordered.find((drawing) => drawing.frames.has(id) && drawing.boxes.length >= from)
        ?? ordered.find((drawing) => drawing.frames.has(id))
        ?? ordered.find((drawing) => drawing.boxes.length > from && !drawing.shown.has(id))
      : ordered.reverse().find((drawing) => drawing.shown.has(id));
    if (next) {
      this.draw(next);
    } else {
      this.view.anchor = null;
    }
  }

  pick(id) {
    this.selected = id;
    if (this.held.nodes[id] && !this.now.shown.has(id) && !this.now.frames.has(id)) {
      const next = this.ordered().find((drawing) => drawing.shown.has(id));
      if (next) {
        this.draw(next);
      }
    }
    this.lay();
    this.tellOf(id);
  }

  search(query) {
    const wanted = query.toLowerCase().replace(/(\d)x(?=\d)/g, "$1×"); // 64x112 is a shape
    const hits = !wanted ? [] : Object.entries(this.held.nodes).filter(([, node]) => this.words(node).includes(wanted));
    this.found = wanted
      ? {
        query, total: hits.length, message: "",
        hits: hits.slice(0, MOST_HITS).map(([id, node]) => [id, node.operation, node.scope || node.name]),
      }
      : null;
    this.lay();
  }

  words(node) {
    node.words ??= [node.operation, node.name, node.scope, ...node.outputs.flat()].join(" ").toLowerCase();
    return node.words;
  }

  // ---- the panel

  tellOf(id) {
    const node = this.held.nodes[id];
    const place = /^(in|out)(\d+)$/.exec(id ?? "");
    if (node) {
      this.panel.replaceChildren(...this.node(node));
    } else if (place) {
      const name = this.held[place[1] === "in" ? "inputs" : "outputs"][Number(place[2])];
      this.panel.replaceChildren(...this.tensor(this.say(place[1] === "in" ? "input" : "output"), name));
    } else {
      this.panel.replaceChildren(made("p", this.say("hint")));
    }
  }

  node(node) {
    const card = this.held.cards[`${node.domain}:${node.operation}`];
    const parts = [made("h2", node.operation), made("p", node.name)];
    parts.push(...(card?.sentences ?? []).map((sentence) => made("p", sentence)));
    if (card?.formula) {
      parts.push(made("p", "", made("code", card.formula)));
    }
    if (card?.chapter) {
      parts.push(made("small", this.say("chapter", { n: card.chapter })));
    }
    if (card && !card.ours) {
      parts.push(made("small", this.say("theirs")));
    }
    const facts = [["module", node.scope], ["parameters", node.params], ["flops", node.flops]];
    facts.push(["time", node.seconds === null ? null : this.number(node.seconds * 1e6)]);
    parts.push(this.table(facts.filter(([, value]) => value || value === 0).map(([name, value]) => [
      this.say(name), typeof value === "number" ? value.toLocaleString("en") : value,
    ])));
    for (const [name, type] of node.outputs) {
      parts.push(...this.tensor(this.say("output"), name, type));
    }
    for (const [name, type] of node.inputs) {
      parts.push(...this.tensor(this.say("input"), name, type));
    }
    if (node.weights.length) {
      parts.push(made("h3", this.say("weights")));
      for (const weight of node.weights) {
        parts.push(made("h4", `${weight.role} ${weight.name}`), made("p", weight.value === null ? weight.type : `= ${weight.value}`));
        parts.push(...this.statistics(weight.statistics));
      }
    }
    if (node.attributes.length) {
      parts.push(made("h3", this.say("attributes")), this.table(node.attributes));
    }
    if (node.source) {
      const [path, line, name, code] = node.source;
      parts.push(made("h3", this.say("source")), made("p", this.say("place", { path, line, function: name })));
      parts.push(made("pre", code));
    }
    return parts;
  }

  // type: for a tensor of a body, which is not traced.
  tensor(title, name, type = "?") {
    const tensor = this.held.tensors[name];
    const parts = [made("h3", `${title} ${name}`), made("p", tensor?.type ?? type)];
    if (tensor?.picture) {
      if (this.held.generated) {
        parts.push(made("small", this.say("generated")));
      }
      parts.push(this.picture(tensor.picture));
      if (tensor.picture.of > tensor.picture.count) {
        parts.push(made("small", this.say("some", { count: tensor.picture.count, total: tensor.picture.of })));
      }
    }
    parts.push(...this.statistics(tensor?.statistics));
    return parts;
  }

  statistics(found) {
    if (!found) {
      return [];
    }
    const kept = STATISTICS.filter((name) => found[name] !== null && !(name === "nans" || name === "infinities") || found[name]);
    return [this.table(kept.map((name) => [
      this.say(name), SHARES.has(name) ? `${this.number(found[name] * 100)} %` : this.number(found[name]),
    ]))];
  }

  number(value) {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  }

  table(rows) {
    const body = made("tbody");
    body.append(...rows.map(([name, value]) => made("tr", "", made("th", name), made("td", String(value)))));
    return made("table", "", body);
  }

  // ---- small pictures: bytes between low and high, as colours or as bars

  picture({ kind, count, rows, columns, low, high, data }) {
    const values = bytes(data);
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const value = (place) => low + (values[place] / 255) * (high - low);
    if (kind === "bars") {
      const [width, height] = [Math.max(2, Math.floor(256 / columns)), 72];
      Object.assign(canvas, { width: width * columns, height });
      const [bottom, top] = [Math.min(0, low), Math.max(0, high)];
      const at = (number) => height - ((number - bottom) / (top - bottom || 1)) * height;
      for (let place = 0; place < columns; place++) {
        const [from, to] = [at(0), at(value(place))];
        pen.fillStyle = this.colour(value(place), low, high);
        pen.fillRect(place * width, Math.min(from, to), width > 3 ? width - 1 : width, Math.max(1, Math.abs(from - to)));
      }
    } else {
      const size = Math.max(1, Math.floor((count > 1 ? 68 : 272) / Math.max(rows, columns)));
      const across = Math.min(count, 4);
      const [wide, high_] = [columns * size + 3, rows * size + 3];
      Object.assign(canvas, { width: across * wide, height: Math.ceil(count / across) * high_ });
      for (let place = 0; place < values.length; place++) {
        const tile = Math.floor(place / (rows * columns));
        const cell = place % (rows * columns);
        pen.fillStyle = this.colour(value(place), low, high);
        pen.fillRect(
          (tile % across) * wide + (cell % columns) * size,
          Math.floor(tile / across) * high_ + Math.floor(cell / columns) * size, size, size,
        );
      }
    }
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${this.number(low)} … ${this.number(high)}`);
    return canvas;
  }

  // Signed numbers from blue over grey to orange, others from pale to dark blue.
  colour(value, low, high) {
    const mix = (from, to, share) => `rgb(${from.map((part, place) => Math.round(part + (to[place] - part) * share)).join(",")})`;
    if (low < 0) {
      const share = value / (Math.max(-low, high) || 1);
      return share < 0 ? mix([238, 238, 238], [33, 102, 172], -share) : mix([238, 238, 238], [217, 95, 2], share);
    }
    return mix([237, 244, 250], [8, 48, 107], (value - low) / (high - low || 1));
  }
}

// Shows the page that holds this script.
export function showPage() {
  const standalone = new Standalone(JSON.parse(document.querySelector("#held").textContent));
  standalone.draw(standalone.drawings[0]);
}
