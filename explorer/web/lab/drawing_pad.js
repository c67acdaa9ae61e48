// A sheet of paper to draw a digit on: pen, eraser, undo, clear. What is on it goes to the server while it is drawn.

import { element } from "../base/dom.js";

const SHEET = 280; // pixels of the sheet itself
const SENT = 112; // pixels a side of what is sent: enough for 28 after centring
const PAUSE = 120; // milliseconds between two sendings while a stroke is drawn

export class Pad {
  constructor(host) {
    this.host = host;
    this.strokes = [];
    this.erases = false;
    this.sheet = element("canvas", "sheet");
    this.sheet.width = SHEET;
    this.sheet.height = SHEET;
    this.sheet.tabIndex = 0;
    this.hint = element("span", "hint");
    this.buttons = element("div", "buttons");
    host.replaceChildren(element("div", "paper", this.sheet, this.hint), this.buttons);
    this.small = document.createElement("canvas");
    this.small.width = SENT;
    this.small.height = SENT;
    this.sheet.onpointerdown = (event) => this.begin(event);
    this.sheet.onpointermove = (event) => this.go(event);
    this.sheet.onpointerup = () => this.end();
    this.sheet.onpointercancel = () => this.end();
    this.sheet.onkeydown = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "z") {
        this.undo();
        event.preventDefault();
      }
    };
  }

  show({ words }) {
    this.sheet.setAttribute("aria-label", words.sheet);
    this.sheet.setAttribute("role", "img");
    this.hint.textContent = words.hint;
    const actions = {
      pen: () => this.use(false),
      eraser: () => this.use(true),
      undo: () => this.undo(),
      clear: () => this.clear(),
    };
    this.buttons.replaceChildren(
      ...Object.entries(actions).map(([name, act]) => {
        const button = element("button", "choice", words[name]);
        button.type = "button";
        button.dataset.name = name;
        button.onclick = act;
        return button;
      }),
    );
    this.use(this.erases);
    this.paint();
  }

  use(erases) {
    this.erases = erases;
    for (const button of this.buttons.children) {
      if (button.dataset.name === "pen" || button.dataset.name === "eraser") {
        button.setAttribute("aria-pressed", String((button.dataset.name === "eraser") === erases));
      }
    }
  }

  place(event) {
    const box = this.sheet.getBoundingClientRect();
    const scale = SHEET / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  begin(event) {
    if (event.button !== 0) {
      return;
    }
    try {
      this.sheet.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already.
    }
    this.stroke = { erases: this.erases, points: [this.place(event)] };
    this.strokes.push(this.stroke);
    this.changed();
  }

  go(event) {
    if (this.stroke) {
      this.stroke.points.push(this.place(event));
      this.changed();
    }
  }

  end() {
    if (this.stroke) {
      this.stroke = null;
      clearTimeout(this.waiting);
      this.waiting = null;
      this.send();
    }
  }

  undo() {
    this.strokes.pop();
    this.paint();
    this.send();
  }

  clear() {
    this.strokes = [];
    this.paint();
    this.send();
  }

  changed() {
    this.paint();
    this.waiting ??= setTimeout(() => {
      this.waiting = null;
      this.send();
    }, PAUSE);
  }

  paint() {
    const pen = this.sheet.getContext("2d");
    pen.clearRect(0, 0, SHEET, SHEET);
    pen.lineCap = "round";
    pen.lineJoin = "round";
    const style = getComputedStyle(this.sheet);
    for (const { erases, points } of this.strokes) {
      pen.globalCompositeOperation = erases ? "destination-out" : "source-over";
      pen.strokeStyle = style.color;
      pen.lineWidth = SHEET * (erases ? 0.12 : 0.075);
      pen.beginPath();
      pen.moveTo(...points[0]);
      for (const point of points.length > 1 ? points.slice(1) : [[points[0][0] + 0.01, points[0][1]]]) {
        pen.lineTo(...point);
      }
      pen.stroke();
    }
    pen.globalCompositeOperation = "source-over";
    this.hint.hidden = this.strokes.length > 0;
  }

  // How much ink each point has, 0 to 255: the opacity, whatever the theme's colour.
  send() {
    const pen = this.small.getContext("2d", { willReadFrequently: true });
    pen.clearRect(0, 0, SENT, SENT);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.sheet, 0, 0, SENT, SENT);
    const { data } = pen.getImageData(0, 0, SENT, SENT);
    let text = "";
    let any = false;
    for (let place = 3; place < data.length; place += 4) {
      any ||= data[place] > 8;
      text += String.fromCharCode(data[place]);
    }
    this.told?.("drawn", any ? btoa(text) : "");
  }
}
