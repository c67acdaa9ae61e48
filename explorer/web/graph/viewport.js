// What part of a drawing is on the screen: pan, zoom, fit, and where things are. It knows nothing of graphs but its nodes.

const SMALLEST = 0.05;
const LARGEST = 8;
const READABLE = 0.8; // below this scale an 11 px label is a smudge: start at the top of the graph instead
export const STEP = 1.25;
const TOP = 50; // pixels at the top of the stage that buttons and the search field lie over

export class Viewport {
  constructor(stage, percent) {
    this.stage = stage; // the element around the SVG
    this.percent = percent; // the button that shows the scale
    this.viewport = null; // the SVG group that is moved
    this.size = null; // of the drawing, at scale 1
    this.nodes = new Map();
    this.view = { scale: 1, x: 0, y: 0 };
    this.room = { width: stage.clientWidth, height: stage.clientHeight }; // of the stage, kept: asking lays the page out
    this.pending = false; // a first view is still to be chosen
  }

  apply() {
    const { scale, x, y } = this.view;
    this.viewport?.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.percent.textContent = `${Math.round(scale * 100)} %`;
    this.changed();
  }

  // For those who build on this: the view is another one.
  changed() {}

  // The first view: everything where it can be read, else the beginning of the graph at a readable size.
  begin() {
    const { width, height } = this.room;
    if (!width || !height || !this.size) {
      return; // not laid out yet: the resize observer calls again
    }
    this.pending = false;
    this.fit(1.25);
    if (this.view.scale < READABLE) {
      // The graph runs along its longer side: start at that side's beginning, with the first node in the middle.
      const down = this.size.height / height > this.size.width / width;
      const across = down ? width / this.size.width : height / this.size.height;
      const scale = Math.max(READABLE, Math.min(1, across));
      const box = this.first(down) ?? { x: 0, y: 0 };
      this.view = down
        ? { scale, x: width / 2 - box.x * scale, y: TOP }
        : { scale, x: 0, y: height / 2 - box.y * scale };
      this.apply();
    }
  }

  // Where the graph begins: its first input, else what stands highest (or leftmost).
  first(down) {
    const input = this.nodes.get("in0");
    const places = input ? [this.place(input)] : [...this.nodes.values()].map((element) => this.place(element));
    return places.reduce((best, box) => (best && (down ? best.y <= box.y : best.x <= box.x) ? best : box), null);
  }

  fit(largest = 2) {
    const { width, height } = this.room;
    const room = height - TOP - 8;
    const scale = Math.min(largest, (width - 16) / this.size.width, room / this.size.height);
    this.view = {
      scale: Math.max(SMALLEST, scale),
      x: (width - this.size.width * scale) / 2,
      y: TOP + (room - this.size.height * scale) / 2,
    };
    this.apply();
  }

  zoom(factor, x = this.room.width / 2, y = this.room.height / 2) {
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.view.scale * factor));
    const ratio = scale / this.view.scale;
    this.view = { scale, x: x - (x - this.view.x) * ratio, y: y - (y - this.view.y) * ratio };
    this.apply();
  }

  pan(dx, dy) {
    this.view.x += dx;
    this.view.y += dy;
    this.apply();
  }

  // Centre and size of an element in the drawing's own coordinates.
  place(element) {
    const box = outlined(element) ?? element.getBBox();
    const shift = this.shifted(element);
    return {
      x: box.x + box.width / 2 + shift.x,
      y: box.y + box.height / 2 + shift.y,
      width: box.width,
      height: box.height,
    };
  }

  // By how much the group around an element moves it.
  shifted(element) {
    this.shift ??= new Map();
    if (!this.shift.has(element.parentNode)) {
      const matrix = element.parentNode.transform?.baseVal.consolidate()?.matrix;
      this.shift.set(element.parentNode, { x: matrix?.e ?? 0, y: matrix?.f ?? 0 });
    }
    return this.shift.get(element.parentNode);
  }

  // Pans no further than needed to see the element.
  reveal(element) {
    const box = this.place(element);
    const { scale, x, y } = this.view;
    const margin = 24;
    const shift = (centre, half, extent) => {
      const low = centre - half - margin;
      const high = centre + half + margin - extent;
      return low < 0 ? -low : high > 0 ? -Math.min(high, low) : 0;
    };
    this.pan(
      shift(box.x * scale + x, (box.width * scale) / 2, this.room.width),
      shift(box.y * scale + y, (box.height * scale) / 2, this.room.height),
    );
  }
}

// The box of a card or frame, read off the path around it: asking the browser would make it lay out every word of the
// drawing.
function outlined(element) {
  const shape = element.classList.contains("frame") ? ":scope > path" : ":scope > path.outline";
  const path = element.querySelector(shape)?.getAttribute("d");
  if (!path) {
    return null;
  }
  // M left+r,top H right-r … V bottom-r … H left+r …, with quarter circles of radius r between them.
  const radius = Number(path.match(/a([\d.]+),/)?.[1] ?? 0);
  const [, top] = path.match(/^M-?[\d.]+,(-?[\d.]+)/).map(Number);
  const [right, left] = [...path.matchAll(/H(-?[\d.]+)/g)].map(([, at]) => Number(at));
  const bottom = Number(path.match(/V(-?[\d.]+)/)[1]) + radius;
  return { x: left - radius, y: top, width: right - left + 2 * radius, height: bottom - top };
}
