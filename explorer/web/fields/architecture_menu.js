// A field with a menu of architectures: type to find, arrows and Enter or a click to choose. The drawing is asked for at
// once (ahead.js), where one stands on the page; the page is told after it.

export class ArchitectureMenu {
  constructor(host) {
    this.tell = () => {}; // (name) → nothing
    this.field = host.querySelector("input");
    this.list = host.querySelector("ul");
    this.label = host.querySelector("label");
    this.chosen = "";
    this.text = "";
    this.at = -1;
    this.field.onfocus = () => this.open();
    this.field.onclick = () => this.open();
    this.field.onblur = () => this.close();
    this.field.oninput = () => this.find();
    this.field.onkeydown = (event) => this.press(event);
    this.list.onpointerdown = (event) => event.preventDefault(); // the field keeps the focus
    this.moved = (event) => event.target !== this.list && this.close(); // the page has: the menu stands elsewhere
  }

  // entries: [name, what stands beside it, whether its file is there]
  show({ entries, chosen, words }) {
    this.label.textContent = words.architecture;
    this.field.placeholder = words.choose;
    const text = JSON.stringify([entries, words]);
    if (text !== this.text) {
      this.text = text;
      this.list.setAttribute("aria-label", words.architecture);
      this.list.replaceChildren(...entries.map((entry, place) => this.option(place, words, ...entry)));
    }
    if (chosen !== this.chosen || !this.isOpen()) {
      this.chosen = chosen;
      this.field.value = chosen;
      this.close();
    }
  }

  option(place, words, name, note, ready) {
    const option = document.createElement("li");
    const parts = [["b", name], ["span", note], ["i", ready ? words.ready : ""]].map(([tag, text]) => {
      const part = document.createElement(tag);
      part.textContent = text;
      return part;
    });
    option.id = `option-${place}`;
    option.dataset.name = name;
    option.setAttribute("role", "option");
    option.setAttribute("aria-label", name);
    option.setAttribute("aria-description", [note, ready ? words.ready : ""].filter(Boolean).join(", "));
    option.append(...parts);
    option.onclick = () => this.choose(name);
    return option;
  }

  isOpen() {
    return this.list.matches(":popover-open");
  }

  open() {
    if (this.isOpen()) {
      return;
    }
    const box = this.field.getBoundingClientRect();
    const below = innerHeight - box.bottom - 12;
    const height = Math.min(360, Math.max(below, box.top - 12));
    const top = below >= height ? box.bottom + 4 : box.top - 4 - height;
    Object.assign(this.list.style, {
      left: `${box.left}px`, top: `${top}px`, minWidth: `${box.width}px`, maxHeight: `${height}px`,
    });
    this.list.showPopover();
    addEventListener("scroll", this.moved, { capture: true, passive: true });
    addEventListener("resize", this.moved);
    this.field.setAttribute("aria-expanded", "true");
    this.field.select();
    this.filter("");
    this.mark(this.shown().findIndex((option) => option.dataset.name === this.chosen));
  }

  close() {
    if (this.isOpen()) {
      this.list.hidePopover();
    }
    removeEventListener("scroll", this.moved, { capture: true });
    removeEventListener("resize", this.moved);
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.field.value = this.chosen;
  }

  find() {
    const query = this.field.value;
    this.open();
    this.filter(query);
    this.mark(query.trim() && this.shown().length ? 0 : -1);
  }

  filter(query) {
    const parts = query.toLowerCase().split(/[\s_]+/).filter(Boolean);
    for (const option of this.list.children) {
      option.hidden = !parts.every((part) => option.dataset.name.includes(part));
    }
  }

  shown() {
    return [...this.list.children].filter((option) => !option.hidden);
  }

  mark(place) {
    this.at = place;
    for (const option of this.list.children) {
      option.setAttribute("aria-selected", "false");
    }
    const option = this.shown()[place];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    option ? this.field.setAttribute("aria-activedescendant", option.id) : this.field.removeAttribute("aria-activedescendant");
  }

  press(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    event.stopPropagation(); // Streamlit has keys of its own
    if (event.key in steps) {
      event.preventDefault();
      this.open();
      const last = this.shown().length - 1;
      const from = this.at < 0 && steps[event.key] < 0 ? last + 1 : this.at;
      this.mark(Math.max(0, Math.min(last, from + steps[event.key])));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = this.shown()[this.at];
      this.isOpen() && option ? this.choose(option.dataset.name) : this.open();
    } else if (event.key === "Escape") {
      this.close();
    }
  }

  choose(name) {
    const changed = name !== this.chosen;
    this.chosen = name;
    this.close();
    if (changed) {
      this.tell(name);
    }
  }
}
