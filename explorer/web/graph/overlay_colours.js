// Colours that stand for numbers: laid over the drawing and taken off again, without a new layout.

export class Paint {
  constructor(legend, scale) {
    this.legend = legend;
    this.scale = scale;
    this.painted = new Set();
  }

  // colours: {box id: [fill, ink, words]}; a box that is not named keeps its own colours and turns pale.
  apply(nodes, colours) {
    for (const [id, element] of nodes) {
      const entry = colours?.[id];
      element.classList.toggle("unmeasured", Boolean(colours) && !entry);
      if (entry) {
        this.cover(element, ...entry);
        this.painted.add(element);
      } else if (this.painted.delete(element)) {
        this.cover(element, "", "", "");
      }
    }
  }

  cover(element, fill, ink, words) {
    for (const shape of element.querySelectorAll("path:not(.outline)")) {
      shape.style.fill = fill;
      shape.style.fillOpacity = fill ? 1 : "";
    }
    for (const text of element.querySelectorAll("text")) {
      text.style.fill = ink;
    }
    const title = element.querySelector("title");
    if (title) {
      title.dataset.own ??= title.textContent;
      title.textContent = words ? `${title.dataset.own}\n${words}` : title.dataset.own;
    }
  }

  // widths: pixels by the edge's place in the view; none takes them off.
  widths(edges, widths) {
    for (const { element } of edges) {
      const width = widths?.[element.id.replace(/^edge-/, "")];
      for (const line of element.querySelectorAll("path")) {
        line.style.strokeWidth = width ? `${width}` : "";
      }
    }
  }

  // entries: [[title, colour], …]; scale: {title, colours, low, high} or null.
  explain(entries, scale) {
    this.legend.replaceChildren(
      ...entries.map(([title, colour]) => {
        const item = document.createElement("li");
        const swatch = document.createElement("span");
        swatch.className = "swatch";
        swatch.style.backgroundColor = colour;
        item.append(swatch, document.createTextNode(title));
        return item;
      }),
    );
    this.scale.hidden = !scale;
    if (scale) {
      const [title, bar, low, high] = ["title", "bar", "low", "high"].map((name) => this.scale.querySelector(`.${name}`));
      title.textContent = scale.title;
      bar.style.background = `linear-gradient(to right, ${scale.colours.join(", ")})`;
      low.textContent = scale.low;
      high.textContent = scale.high;
    }
  }
}
