// Scores, their powers of e and the probabilities side by side: pointing at one term lights all that belongs to it.

import { element, filled } from "../base/dom.js";
import { digits } from "../base/number_format.js";

export class SoftmaxTable {
  constructor(host) {
    this.host = host;
    this.body = element("div", "softmax");
    this.body.setAttribute("role", "table");
    this.sentence = element("p", "sentence");
    this.sentence.setAttribute("aria-live", "polite");
    host.replaceChildren(this.body, this.sentence);
  }

  show(data) {
    this.data = data;
    const { words, names } = data;
    const head = this.row("head", ["class", "score", "power", "share"].map((name) => words[name]), "columnheader");
    this.rows = names.map((name, place) => {
      const cells = [
        element("b", "", name),
        this.bar(data.scores[place], data.scores, true),
        this.bar(data.powers[place], data.powers, false),
        this.bar(data.shares[place], [1], false, true),
      ];
      const row = this.row("term", cells, "cell");
      row.tabIndex = 0;
      row.classList.toggle("truth", place === data.truth);
      row.onpointerenter = () => this.light(place);
      row.onfocus = () => this.light(place);
      return row;
    });
    const total = this.row("total", [words.sum, "", digits(data.total), "1"], "cell");
    this.body.replaceChildren(head, ...this.rows, total);
    this.light(this.lit ?? data.shares.indexOf(Math.max(...data.shares)));
  }

  row(kind, cells, role) {
    const row = element("div", kind);
    row.setAttribute("role", "row");
    row.append(
      ...cells.map((cell) => {
        const made = element("div", "cell", cell);
        made.setAttribute("role", role);
        return made;
      }),
    );
    return row;
  }

  // A number with a bar: from the middle for signed values, from the left otherwise.
  bar(value, all, signed, percent = false) {
    const most = Math.max(...all.map(Math.abs)) || 1;
    const bar = element("span", "bar");
    const width = (Math.abs(value) / most) * (signed ? 50 : 100);
    bar.style.width = `${width}%`;
    bar.style.left = signed ? `${value < 0 ? 50 - width : 50}%` : "0";
    bar.classList.toggle("below", value < 0);
    const text = percent ? `${(value * 100).toFixed(value < 0.001 ? 4 : 2)} %` : digits(value);
    const track = element("span", signed ? "track signed" : "track", bar);
    return element("span", "number", track, element("span", "text", text));
  }

  light(place) {
    const { data } = this;
    this.lit = place;
    this.rows.forEach((row, at) => row.classList.toggle("lit", at === place));
    this.sentence.textContent = filled(data.words.sentence, {
      name: data.names[place],
      score: digits(data.scores[place]),
      largest: digits(data.largest),
      power: digits(data.powers[place]),
      total: digits(data.total),
      share: digits(data.shares[place]),
    });
  }
}
