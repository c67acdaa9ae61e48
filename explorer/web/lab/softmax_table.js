// Scores, their powers of e and the probabilities side by side: pointing at one term lights all that belongs to it.

import { element } from "../base/dom.js";
import { digits, fillTemplate } from "../base/number_format.js";

/**
 * `names`: of the classes; `truth`: place of the true class; `total`: the sum of the powers; `shares`: probabilities.
 * @typedef {{
 *   words: Record<string, string>, names: string[], truth: number | null, largest: number, total: number,
 *   scores: number[], powers: number[], shares: number[]
 * }} SoftmaxData
 */

export class SoftmaxTable {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.body = element("div", "softmax");
    this.body.setAttribute("role", "table");
    this.sentence = element("p", "sentence");
    this.sentence.setAttribute("aria-live", "polite");
    /** @type {HTMLElement[]} */
    this.rows = [];
    this.lit = -1; // the row that is lit; -1 before the first
    host.replaceChildren(this.body, this.sentence);
  }

  /** @param {SoftmaxData} data */
  show(data) {
    const { words, names, scores, powers, shares } = data;
    const head = tableRow("head", [words.class, words.score, words.power, words.share], "columnheader");
    this.rows = names.map((name, place) => {
      const cells = [
        element("b", "", name),
        signedBar(scores[place], largest(scores), digits(scores[place])),
        bar(powers[place] / largest(powers), digits(powers[place])),
        bar(shares[place], `${(shares[place] * 100).toFixed(shares[place] < 0.001 ? 4 : 2)} %`),
      ];
      const row = tableRow("term", cells, "cell");
      row.tabIndex = 0;
      row.classList.toggle("truth", place === data.truth);
      row.onpointerenter = row.onfocus = () => this.light(data, place);
      return row;
    });
    const total = tableRow("total", [words.sum, "", digits(data.total), "1"], "cell");
    this.body.replaceChildren(head, ...this.rows, total);
    this.light(data, this.lit >= 0 ? this.lit : shares.indexOf(Math.max(...shares)));
  }

  /**
   * @param {SoftmaxData} data
   * @param {number} place
   */
  light(data, place) {
    this.lit = place;
    this.rows.forEach((row, at) => row.classList.toggle("lit", at === place));
    this.sentence.textContent = fillTemplate(data.words.sentence, {
      name: data.names[place],
      score: digits(data.scores[place]),
      largest: digits(data.largest),
      power: digits(data.powers[place]),
      total: digits(data.total),
      share: digits(data.shares[place]),
    });
  }
}

/** @param {number[]} values */
function largest(values) {
  return Math.max(...values.map(Math.abs)) || 1;
}

/**
 * @param {string} kind
 * @param {(Node | string)[]} cells
 * @param {string} role
 */
function tableRow(kind, cells, role) {
  const row = element("div", kind);
  row.setAttribute("role", "row");
  row.append(
    ...cells.map((content) => {
      const cell = element("div", "cell", content);
      cell.setAttribute("role", role);
      return cell;
    }),
  );
  return row;
}

/**
 * A number with a bar from the left.
 * @param {number} share of the whole length
 * @param {string} text
 */
function bar(share, text) {
  return numberWithBar("track", { left: "0", width: `${share * 100}%` }, false, text);
}

/**
 * A number with a bar from the middle.
 * @param {number} value
 * @param {number} most the value of the longest bar
 * @param {string} text
 */
function signedBar(value, most, text) {
  const width = (Math.abs(value) / most) * 50;
  return numberWithBar("track signed", { left: `${value < 0 ? 50 - width : 50}%`, width: `${width}%` }, value < 0, text);
}

/**
 * @param {string} className
 * @param {{ left: string, width: string }} place
 * @param {boolean} isBelow zero
 * @param {string} text
 */
function numberWithBar(className, place, isBelow, text) {
  const line = element("span", "bar");
  Object.assign(line.style, place);
  line.classList.toggle("below", isBelow);
  return element("span", "number", element("span", className, line), element("span", "text", text));
}
