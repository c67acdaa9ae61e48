// A window that slides over maps, pixel by pixel: convolution and pooling, with the sum behind each pixel written out.
// Nothing is asked of a server. A move changes overlays and texts only; the maps are painted when a view is shown.

/** @import { ColourScales } from "../base/colour_scale.js" */
/** @import { WindowView } from "./window_arithmetic.js" */

import { finiteRange, largestMagnitude } from "../base/arrays.js";
import { ColourScale } from "../base/colour_scale.js";
import { actionButton, element } from "../base/dom.js";
import { fillTemplate } from "../base/number_format.js";
import { computePixel, strongestPlace, windowSize } from "./window_arithmetic.js";
import { WindowEquation } from "./window_equation.js";
import { dividedWidth } from "./window_layout.js";
import { WindowStage } from "./window_stage.js";

const SPEED = 6; // pixels a second that the window moves at first
const MOST_SPEED = 40;
const SILENCE = 500; // ms that the window rests until its sum is read out
const REST = 1200; // ms until its place is reported: a person looks at it

/** @typedef {ReturnType<typeof viewScales>} ViewScales */

export class WindowPanel {
  /**
   * @param {HTMLElement} host emptied, then filled
   * @param {Record<string, string>} words WORDS of window_view.py, translated
   * @param {ColourScales} colours
   */
  constructor(host, words, colours) {
    this.words = words;
    this.colours = colours;
    /** @type {WindowView | null} */
    this.view = null;
    /** @type {ViewScales | null} */
    this.scales = null;
    /** @type {[number, number]} row and column of the output pixel */
    this.place = [0, 0];
    this.chosen = 0; // channel whose products are written out
    this.speed = SPEED;
    this.isPlaying = false;
    this.width = 0;
    this.form = "";
    /** @type {number[]} of the last output */
    this.shape = [];
    this.frameRequest = 0;
    this.speaking = 0;
    this.resting = 0;
    /** @type {(place: [number, number]) => void} called when the window rests where a person has moved it */
    this.onrest = () => {};
    this.title = element("h2", "title");
    this.stage = new WindowStage(words, {
      grab: () => this.play(false),
      drag: (row, column) => this.move(row, column),
      hover: (row, column) => {
        if (!this.isPlaying) {
          this.move(row, column);
        }
      },
    });
    const { outputs } = this.stage;
    outputs.tabIndex = 0;
    outputs.setAttribute("role", "application");
    outputs.setAttribute("aria-label", words.move);
    outputs.onkeydown = (event) => this.press(event);
    this.equation = new WindowEquation(words, (number) => {
      this.chosen = number;
      this.drawSoon();
    });
    this.live = element("p", "live");
    this.live.setAttribute("aria-live", "polite");
    this.playButton = actionButton("play", words.play, () => this.play(!this.isPlaying));
    this.where = element("span", "where");
    const hint = element("p", "hint", words.hover);
    const parts = [this.title, this.stage.root, hint, this.controls(), this.equation.root, this.live];
    this.root = element("div", "window-panel", ...parts);
    host.replaceChildren(this.root);
    new ResizeObserver(() => this.root.clientWidth !== this.width && this.layout()).observe(this.root);
  }

  controls() {
    const { words } = this;
    const step = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ by) => {
      const button = actionButton(name, text, () => {
        this.play(false);
        this.step(by);
      });
      button.title = words[name];
      button.setAttribute("aria-label", words[name]);
      return button;
    };
    const slider = element("input");
    Object.assign(slider, { type: "range", min: 1, max: MOST_SPEED, value: this.speed });
    slider.oninput = () => {
      this.speed = Number(slider.value);
    };
    const speed = element("label", "speed", words.speed, slider);
    return element("div", "controls", step("back", "‹", -1), this.playButton, step("on", "›", 1), speed, this.where);
  }

  /**
   * Place and chosen channel stay where the new view has them, unless it names a place.
   * @param {WindowView} view
   */
  show(view) {
    const { input, output, kernel } = view;
    this.view = view;
    this.scales = viewScales(view, this.colours);
    this.chosen = Math.min(this.chosen, input.shape[0] - 1);
    this.title.textContent = view.title || "";
    this.title.hidden = !view.title;
    const form = JSON.stringify([view.kind, input.shape, output.shape, kernel?.shape, view.activation, windowSize(view)]);
    if (form !== this.form) {
      this.form = form;
      this.stage.build(view);
      this.equation.build(view);
    }
    this.stage.paint(view, this.scales);
    const fits = this.shape[0] === output.shape[0] && this.shape[1] === output.shape[1];
    this.place = view.place || (fits ? this.place : strongestPlace(output));
    this.shape = output.shape;
    this.layout();
  }

  layout() {
    const { view, scales } = this;
    if (!view || !scales) {
      return;
    }
    this.width = this.root.clientWidth;
    const { isBroad, all } = dividedWidth(this.width);
    this.root.classList.toggle("narrow", !isBroad);
    this.stage.fit(this.width, view);
    const style = getComputedStyle(this.root);
    const cellStyle = { font: style.fontFamily, text: style.color, frame: style.getPropertyValue("--lit") };
    this.equation.fit(all, windowSize(view)[1], cellStyle);
    this.stage.paintKernels(view, scales.kernel, cellStyle);
    this.draw();
  }

  draw() {
    const { view, scales } = this;
    if (!view || !scales) {
      return;
    }
    const [row, column] = this.place;
    const result = computePixel(view, row, column);
    this.stage.move(view, result, this.place, this.equation.chips.length ? this.chosen : -1);
    this.where.textContent = fillTemplate(this.words.where, { row: row + 1, column: column + 1 });
    this.equation.show(view, result, scales, this.chosen);
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.live.textContent = fillTemplate(this.words.spoken, { row: row + 1, column: column + 1, sum: this.equation.spoken() });
    }, SILENCE);
  }

  drawSoon() {
    this.frameRequest ||= requestAnimationFrame(() => {
      this.frameRequest = 0;
      this.draw();
    });
  }

  /**
   * @param {number} row of the output pixel; one outside becomes the nearest
   * @param {number} column
   */
  move(row, column) {
    const [rows, columns] = this.shape;
    /** @type {[number, number]} */
    const next = [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(columns - 1, column))];
    if (next[0] !== this.place[0] || next[1] !== this.place[1]) {
      this.place = next;
      this.drawSoon();
      clearTimeout(this.resting);
      this.resting = setTimeout(() => !this.isPlaying && this.onrest(this.place), REST);
    }
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const [row, column] = this.place;
    /** @type {Record<string, [number, number]>} */
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1], Home: [event.ctrlKey ? 0 : row, 0],
      End: [event.ctrlKey ? Infinity : row, this.shape[1] - 1],
    };
    if (event.key in moves) {
      this.play(false);
      this.move(...moves[event.key]);
    } else if (event.key === " ") {
      this.play(!this.isPlaying);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {number} by places in reading order; after the last comes the first */
  step(by) {
    const [rows, columns] = this.shape;
    const next = (this.place[0] * columns + this.place[1] + by + rows * columns) % (rows * columns);
    this.move(Math.floor(next / columns), next % columns);
  }

  /** @param {boolean} isPlaying */
  play(isPlaying) {
    if (isPlaying === this.isPlaying) {
      return;
    }
    this.isPlaying = isPlaying;
    this.playButton.textContent = isPlaying ? this.words.pause : this.words.play;
    let last = performance.now();
    const advance = (/** @type {number} */ now) => {
      if (!this.root.isConnected) {
        this.play(false);
      }
      if (!this.isPlaying) {
        return;
      }
      const steps = Math.floor(((now - last) * this.speed) / 1000);
      if (steps > 0) {
        last += (steps * 1000) / this.speed;
        this.step(steps);
      }
      requestAnimationFrame(advance);
    };
    requestAnimationFrame(advance);
  }
}

/**
 * The colours of a view: of its input, kernel, products and output.
 * @param {WindowView} view
 * @param {ColourScales} colours
 */
function viewScales({ input, kernel, output }, colours) {
  const ofInput = ColourScale.of(colours, ...finiteRange(input.values));
  const ofOutput = ColourScale.of(colours, ...finiteRange(output.values));
  if (!kernel) {
    return { input: ofInput, kernel: ofInput, products: ofInput, output: ofOutput };
  }
  const most = largestMagnitude(kernel.values);
  const ofProducts = ColourScale.signed(colours, largestMagnitude(input.values) * most);
  return { input: ofInput, kernel: ColourScale.signed(colours, most), products: ofProducts, output: ofOutput };
}
