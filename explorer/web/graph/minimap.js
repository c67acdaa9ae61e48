// A small picture of the whole drawing with the part on the screen framed; a press or drag moves the view there.

const MAP = 150; // pixels, its longer side at most

export class Minimap {
  constructor(canvas, viewport) {
    this.canvas = canvas;
    this.viewport = viewport;
    this.boxes = null; // of the nodes, worked out when the map is first needed
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.go(event);
      canvas.onpointermove = (moved) => this.go(moved);
    };
    canvas.onpointerup = canvas.onpointercancel = () => {
      canvas.onpointermove = null;
    };
  }

  reset() {
    this.boxes = null;
  }

  // Called whenever the view changes: the map shows only where a part of the drawing is out of sight.
  draw() {
    const { room, size, view } = this.viewport;
    const { width, height } = room;
    const whole = !size || (size.width * view.scale <= width + 1 && size.height * view.scale <= height + 1);
    this.canvas.hidden = whole || width < 420;
    if (this.canvas.hidden || this.waiting) {
      return;
    }
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      this.paint();
    });
  }

  paint() {
    const { room, size, view, nodes } = this.viewport;
    this.boxes ??= [...nodes.values()].map((element) => ({ ...this.viewport.place(element), fill: this.colour(element) }));
    // A tall graph becomes a narrow strip: wide enough to be seen, never larger than the map.
    const scale = Math.min(MAP / size.width, MAP / size.height);
    this.stretch = { x: Math.max(scale, Math.min(40 / size.width, 1)), y: Math.max(scale, Math.min(40 / size.height, 1)) };
    const [width, height] = [size.width * this.stretch.x, size.height * this.stretch.y];
    const dense = window.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * dense, height: height * dense });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const pen = this.canvas.getContext("2d");
    pen.scale(dense, dense);
    const [across, down] = [this.stretch.x, this.stretch.y];
    for (const box of this.boxes) {
      pen.fillStyle = box.fill;
      pen.fillRect(
        (box.x - box.width / 2) * across, (box.y - box.height / 2) * down,
        Math.max(1.5, box.width * across), Math.max(1.5, box.height * down),
      );
    }
    // Never beyond the map's own border, so that all four sides of the frame are seen.
    const left = Math.max(0.75, (-view.x / view.scale) * across);
    const top = Math.max(0.75, (-view.y / view.scale) * down);
    const right = Math.min(width - 0.75, ((room.width - view.x) / view.scale) * across);
    const bottom = Math.min(height - 0.75, ((room.height - view.y) / view.scale) * down);
    pen.strokeStyle = getComputedStyle(this.canvas).color;
    pen.lineWidth = 1.5;
    pen.strokeRect(left, top, Math.max(2, right - left), Math.max(2, bottom - top));
  }

  colour(element) {
    const shape = element.querySelector("path.header") ?? element.querySelector("path, polygon");
    return shape?.style.fill || shape?.getAttribute("fill") || "#888";
  }

  go(event) {
    const box = this.canvas.getBoundingClientRect();
    const { room, view } = this.viewport;
    const x = (event.clientX - box.left) / this.stretch.x;
    const y = (event.clientY - box.top) / this.stretch.y;
    this.viewport.pan(room.width / 2 - x * view.scale - view.x, room.height / 2 - y * view.scale - view.y);
  }
}
