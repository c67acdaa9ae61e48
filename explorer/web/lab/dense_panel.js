// One unit of a dense layer: its inputs, its weights and their products, laid out as the maps that the inputs came from.

import { limitsOf } from "../base/arrays.js";
import { ColourScale } from "../base/colour_scale.js";
import { element, filled, pixelated } from "../base/dom.js";
import { digits } from "../base/number_format.js";

export class DensePanel {
  constructor(host, words, colours) {
    this.host = host;
    this.words = words;
    this.colours = colours;
    this.title = element("h4", "title");
    this.equation = element("p", "equation");
    this.equation.setAttribute("aria-live", "polite");
    this.sheets = element("div", "sheets");
    this.pointed = element("p", "pointed");
    host.replaceChildren(this.title, this.equation, this.sheets, this.pointed);
  }

  // view: {title, shape: [C, H, W] of the inputs, inputs, weights: Float32Array, bias, after, activation}
  show(view) {
    const { words } = this;
    const products = view.inputs.map((value, place) => value * view.weights[place]);
    const size = view.shape[1] * view.shape[2];
    const sums = Array.from({ length: view.shape[0] }, (_, map) =>
      products.subarray(map * size, (map + 1) * size).reduce((sum, value) => sum + value, 0),
    );
    const total = sums.reduce((sum, value) => sum + value, 0);
    this.view = { ...view, products, sums, total };
    this.title.textContent = view.title;
    const result = element("b", "result", digits(view.after));
    this.equation.replaceChildren(
      filled(words.unit_sum, { n: products.length, sum: digits(total), bias: digits(view.bias), before: digits(total + view.bias) }),
      view.activation ? ` → ${view.activation} → ` : "",
      view.activation ? result : "",
    );
    const limits = (values) => {
      const [low, high] = limitsOf(values);
      return ColourScale.of(this.colours, Math.min(0, low), high || 1);
    };
    const signed = (values) => {
      const most = Math.max(...limitsOf(values).map(Math.abs)) || 1;
      return ColourScale.of(this.colours, -most, most);
    };
    this.sheets.replaceChildren(
      this.sheet(words.unit_inputs, view.inputs, limits(view.inputs)),
      this.sheet(words.unit_weights, view.weights, signed(view.weights)),
      this.sheet(words.unit_products, products, signed(products), sums),
    );
    this.pointed.textContent = words.unit_hint;
  }

  sheet(title, values, scale, sums = null) {
    const [count, height, width] = this.view.shape;
    const size = height * width;
    const tiles = Array.from({ length: count }, (_, map) => {
      const image = pixelated("tile");
      image.setAttribute("aria-label", `${title}, ${map + 1}`);
      image.setAttribute("role", "img");
      scale.paint(image, { height, width, values: values.subarray(map * size, (map + 1) * size) });
      const side = count === 1 ? 240 : Math.max(40, Math.min(72, 600 / count));
      image.style.width = `${side}px`;
      image.style.height = `${(side * height) / width}px`;
      image.onpointermove = (event) => this.point(event, image, map);
      const made = element("figure", "", image);
      if (sums) {
        made.append(element("figcaption", "", digits(sums[map])));
      }
      return made;
    });
    return element("section", "sheet", element("h5", "", title), element("div", "tiles", ...tiles));
  }

  point(event, image, map) {
    const [, height, width] = this.view.shape;
    const box = image.getBoundingClientRect();
    const column = Math.min(width - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * width)));
    const row = Math.min(height - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * height)));
    const place = (map * height + row) * width + column;
    this.pointed.textContent = filled(this.words.unit_term, {
      n: place,
      input: digits(this.view.inputs[place]),
      weight: digits(this.view.weights[place]),
      product: digits(this.view.products[place]),
    });
  }
}
