// The whole network as the book draws it: every volume as thick as it has maps, every map the live one of the sample.
// A click on a map opens below how its pixels came about (window_panel.js). Nothing is asked of the server for that.

import { channel, limitsOf, unpacked } from "../base/arrays.js";
import { ColourScale } from "../base/colour_scale.js";
import { element, filled, pixelated } from "../base/dom.js";
import { digits } from "../base/number_format.js";

const LEAST_UNIT = 0.55;
const LEAST_WIDTH = 600; // pixels: a small network is not drawn larger than this would make it
const NARROW = 640; // pixels of a page

export class NetworkView {
  constructor(host) {
    this.host = host;
    this.picked = null; // {stage, map}
    this.scale = "layer";
    this.row = element("div", "network");
    this.wires = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.wires.setAttribute("class", "wires");
    this.wires.setAttribute("aria-hidden", "true");
    this.tools = element("div", "tools");
    this.tip = element("div", "tip");
    this.tip.hidden = true;
    this.zoomed = element("div", "zoomed");
    host.replaceChildren(this.tools, this.row, this.zoomed, this.tip);
    this.volumes = [];
    new ResizeObserver(() => this.fit()).observe(host);
  }

  show(data) {
    const forms = data.stages.map(({ name, title, shape }) => [name, title, shape]);
    const structure = JSON.stringify([data.words, data.colours, forms]);
    this.data = data;
    this.stages = data.stages.map((stage) => ({
      ...stage,
      values: unpacked(stage.values),
      before: stage.before ? unpacked(stage.before) : null,
      kernel: stage.kernel ? unpacked(stage.kernel) : null,
      bias: stage.bias ? unpacked(stage.bias) : null,
    }));
    if (structure !== this.structure) {
      this.structure = structure;
      this.build();
    }
    this.paint();
    this.mark();
    this.zoom();
    this.host.dataset.shown = data.shown;
  }

  // ---- the drawing

  build() {
    const { words } = this.data;
    this.panels = null;
    const choices = ["map", "layer", "network"].map((scale) => {
      const button = element("button", "choice", words[`scale_${scale}`]);
      button.type = "button";
      button.dataset.scale = scale;
      button.onclick = () => {
        this.scale = scale;
        this.paint();
        this.mark();
      };
      return button;
    });
    this.bar = pixelated("scalebar");
    this.ends = element("span", "ends");
    this.tools.replaceChildren(element("span", "label", words.scale), ...choices, this.bar, this.ends);
    this.row.replaceChildren(this.wires);
    this.volumes = this.stages.map((stage, place) => {
      const body = element("div", `body ${stage.kind}`);
      const volume = element("figure", "volume", body);
      const caption = element("figcaption", "", element("b", "", stage.title), element("span", "", stage.shape.join("×")));
      volume.append(caption);
      const found = { stage, place, volume, body, maps: [] };
      if (stage.kind === "maps") {
        found.maps = Array.from({ length: stage.shape[0] }, (_, map) => this.map(found, map));
        body.append(...found.maps);
      } else if (stage.kind === "vector") {
        this.strip(found);
      } else {
        this.outputs(found);
      }
      this.row.append(volume);
      return found;
    });
    const chosen = this.picked && this.stages[this.picked.stage];
    if (!chosen || !(chosen.detail || chosen.dense) || this.picked.map >= chosen.shape[0]) {
      const first = this.volumes.findIndex(({ stage }) => stage.detail);
      this.picked = first < 0 ? null : { stage: first, map: 0 };
    }
    this.fit();
  }

  map(volume, place) {
    const { words } = this.data;
    const opens = Boolean(volume.stage.detail);
    const image = pixelated("map");
    const name = filled(words.map, { layer: volume.stage.title, n: place + 1, of: volume.stage.shape[0] });
    image.setAttribute("aria-label", opens ? `${name}. ${words.opens}` : name);
    image.setAttribute("role", opens ? "button" : "img");
    if (opens) {
      image.tabIndex = place === 0 ? 0 : -1;
      image.onclick = () => this.pick(volume.place, place);
      image.onkeydown = (event) => this.key(event, volume, place);
    }
    image.onpointermove = (event) => this.tell(event, volume, place);
    image.onpointerenter = () => this.connect(volume.place, place);
    image.onpointerleave = () => this.hush();
    return image;
  }

  strip(volume) {
    const image = pixelated("strip");
    image.setAttribute("role", "img");
    image.setAttribute("aria-label", `${volume.stage.title}, ${volume.stage.shape.join("×")}`);
    image.onpointermove = (event) => this.tell(event, volume, 0);
    image.onpointerleave = () => this.hush();
    if (volume.stage.dense) {
      image.classList.add("opens");
      image.onclick = (event) => this.pick(volume.place, this.at(event, image).row);
    }
    volume.maps = [image];
    volume.body.append(image);
  }

  outputs(volume) {
    volume.bars = volume.stage.names.map((name, place) => {
      const bar = element("span", "bar");
      const value = element("span", "value");
      const row = element("div", "output", element("span", "name", name), element("span", "track", bar), value);
      if (volume.stage.dense) {
        row.classList.add("opens");
        row.tabIndex = 0;
        row.setAttribute("role", "button");
        row.onclick = () => this.pick(volume.place, place);
        row.onkeydown = (event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            this.pick(volume.place, place);
          }
        };
      }
      volume.body.append(row);
      return { row, bar, value };
    });
  }

  // Sizes follow the width there is; a narrow page gets smaller maps, and scrolls only when they would be too small.
  fit() {
    const width = this.host.clientWidth;
    if (!width || !this.volumes.length) {
      return;
    }
    const narrow = width < NARROW;
    this.row.classList.toggle("narrow", narrow); // the outputs then stand below
    const drawn = this.volumes.filter(({ stage }) => !narrow || stage.kind !== "outputs");
    const natural = drawn.reduce((sum, { stage }) => sum + this.breadth(stage, 1) + 26, 0);
    const unit = Math.max(LEAST_UNIT, Math.min(1.25, width / Math.max(natural, narrow ? 1 : LEAST_WIDTH)));
    for (const { stage, body, maps } of this.volumes) {
      const side = this.side(stage, unit);
      const step = this.step(stage, unit);
      body.style[stage.kind === "outputs" ? "minWidth" : "width"] = `${this.breadth(stage, unit)}px`;
      if (stage.kind === "maps") {
        body.style.height = `${side + (maps.length - 1) * step.down}px`;
        maps.forEach((image, place) => {
          image.style.width = `${side}px`;
          image.style.height = `${(side * stage.shape[1]) / stage.shape[2]}px`;
          image.style.left = `${place * step.right}px`;
          image.style.top = `${place * step.down}px`;
        });
      } else if (stage.kind === "vector") {
        maps[0].style.height = `${Math.min(300, 40 + stage.shape[0] * 0.45) * unit}px`;
        maps[0].style.width = `${16 * unit}px`;
      }
    }
  }

  side(stage, unit) {
    return stage.kind === "maps" ? Math.round((30 + Math.min(40, stage.shape[2]) * 2.4) * unit) : 0;
  }

  // How far each map stands from the one before it: all of them fit, however many there are.
  step(stage, unit) {
    const count = Math.max(1, stage.shape[0] - 1);
    return { right: Math.min(16, 84 / count) * unit, down: Math.min(22, 150 / count) * unit };
  }

  breadth(stage, unit) {
    if (stage.kind === "maps") {
      return this.side(stage, unit) + (stage.shape[0] - 1) * this.step(stage, unit).right;
    }
    return stage.kind === "vector" ? 26 * unit : 140;
  }

  // ---- colours

  paint() {
    const { colours } = this.data;
    const every = this.stages.filter((stage) => stage.kind === "maps" && !stage.input);
    const whole = limitsOf(every.flatMap((stage) => limitsOf(stage.values.values)));
    this.volumes.forEach((volume, place) => {
      volume.stage = this.stages[place];
    });
    for (const volume of this.volumes) {
      const { stage, maps } = volume;
      if (stage.kind === "outputs") {
        this.judge(volume);
        continue;
      }
      const { values } = stage.values;
      const layer = limitsOf(values);
      maps.forEach((image, place) => {
        const picture =
          stage.kind === "vector" ? { height: values.length, width: 1, values } : channel(stage.values, place);
        const own = limitsOf(picture.values);
        const limits = this.scale === "map" ? own : this.scale === "network" && !stage.input ? whole : layer;
        const dead = stage.kind === "maps" && own[0] === 0 && own[1] === 0;
        // A dead map is left empty, so that the cross behind it is seen.
        const shown = dead ? { ...picture, values: new Float32Array(picture.values.length).fill(NaN) } : picture;
        ColourScale.of(colours, Math.min(0, limits[0]), limits[1] || 1).paint(image, shown);
        image.classList.toggle("dead", dead);
      });
    }
    this.explain(this.scale === "network" ? whole : null);
  }

  explain(limits) {
    const { colours, words } = this.data;
    const signed = this.stages.some((stage) => stage.kind === "maps" && limitsOf(stage.values.values)[0] < 0);
    const most = limits ? Math.max(Math.abs(limits[0]), limits[1]) : 1;
    const scale = ColourScale.of(colours, signed ? -most : 0, most);
    const steps = Array.from({ length: 64 }, (_, place) => scale.low + ((scale.high - scale.low) * place) / 63);
    scale.paint(this.bar, { height: 1, width: 64, values: steps });
    this.ends.textContent = limits ? `${digits(scale.low)} … ${digits(scale.high)}` : words.ends;
    for (const button of this.tools.querySelectorAll("button.choice")) {
      button.setAttribute("aria-pressed", String(button.dataset.scale === this.scale));
    }
  }

  judge({ stage, bars }) {
    const { truth, words } = this.data;
    const best = stage.values.values.indexOf(Math.max(...stage.values.values));
    bars.forEach(({ row, bar, value }, place) => {
      const share = stage.values.values[place];
      bar.style.width = `${share * 100}%`;
      value.textContent = share >= 0.0005 ? `${(share * 100).toFixed(1)} %` : "0 %";
      row.classList.toggle("said", place === best);
      row.classList.toggle("truth", place === truth);
      row.title = place === truth ? words.truth : "";
    });
  }

  // ---- hovering

  tell(event, volume, place) {
    const { words } = this.data;
    const image = event.currentTarget;
    const { row, column } = this.at(event, image);
    const value = volume.stage.values.values[(place * image.cells.height + row) * image.cells.width + column];
    const where = volume.stage.kind === "vector" ? this.origin(volume, row) : filled(words.pixel, { row, column });
    const name = volume.stage.kind === "vector" ? volume.stage.title : `${volume.stage.title} ${place + 1}`;
    this.tip.textContent = `${name} · ${where} · ${digits(value)}${image.classList.contains("dead") ? ` · ${words.dead}` : ""}${
      image.classList.contains("opens") ? ` · ${words.unit_opens}` : ""
    }`;
    this.tip.hidden = false;
    const home = this.host.getBoundingClientRect();
    const left = Math.min(event.clientX - home.left + 14, home.width - this.tip.offsetWidth - 4);
    this.tip.style.transform = `translate(${left}px, ${event.clientY - home.top + 14}px)`;
  }

  // The value under the pointer.
  at(event, image) {
    const box = image.getBoundingClientRect();
    const cell = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return {
      row: cell((event.clientY - box.top) / box.height, image.cells.height),
      column: cell((event.clientX - box.left) / box.width, image.cells.width),
    };
  }

  // Where an element of the flattened vector was before.
  origin(volume, place) {
    const { words } = this.data;
    const before = this.stages[volume.place - 1];
    if (volume.stage.flat && before?.kind === "maps") {
      const [, height, width] = before.shape;
      const map = Math.floor(place / (height * width)) + 1;
      const rest = place % (height * width);
      return `${place}: ${before.title} ${map}, ${filled(words.pixel, { row: Math.floor(rest / width), column: rest % width })}`;
    }
    return String(volume.stage.dense ? place + 1 : place); // units are counted from one, as maps are
  }

  connect(stage, place) {
    const volume = this.volumes[stage];
    const before = this.volumes[stage - 1];
    if (!before || !volume.stage.detail) {
      return;
    }
    const home = this.row.getBoundingClientRect();
    this.wires.style.width = `${this.row.scrollWidth}px`;
    const to = volume.maps[place].getBoundingClientRect();
    const sources = volume.stage.detail.kind === "convolution" ? before.maps : [before.maps[place]];
    this.wires.replaceChildren(
      ...sources.map((map) => {
        const from = map.getBoundingClientRect();
        const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
        const points = [from.right, from.bottom - from.height * 0.2, to.left, to.top + to.height * 0.5];
        ["x1", "y1", "x2", "y2"].forEach((name, at) => {
          const origin = at % 2 ? home.top : home.left - this.row.scrollLeft;
          line.setAttribute(name, String(points[at] - origin));
        });
        return line;
      }),
    );
  }

  hush() {
    this.tip.hidden = true;
    this.wires.replaceChildren();
  }

  // ---- choosing

  key(event, volume, place) {
    const moves = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    if (event.key === "Enter" || event.key === " ") {
      this.pick(volume.place, place);
    } else if (event.key in moves) {
      const next = volume.maps[place + moves[event.key]];
      if (next) {
        next.focus();
      }
    } else {
      return;
    }
    event.preventDefault();
  }

  pick(stage, map) {
    const { name, dense } = this.stages[stage];
    this.picked = { stage, map };
    this.mark();
    if (dense) {
      this.told?.("unit", { layer: name, unit: map });
    }
    this.told?.("picked", name);
    this.zoom();
  }

  mark() {
    for (const { place, stage, maps, bars } of this.volumes) {
      const here = this.picked?.stage === place;
      maps.forEach((image, map) => {
        const chosen = here && (stage.kind === "vector" || this.picked.map === map);
        image.classList.toggle("picked", chosen);
        image.style.zIndex = chosen ? maps.length + 1 : "";
      });
      bars?.forEach(({ row }, unit) => row.classList.toggle("picked", here && this.picked.map === unit));
    }
  }
}
