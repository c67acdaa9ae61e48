// The search field over the drawing. The server finds (it knows the nodes inside folded modules too); this asks and lists.

const TYPING = 180; // ms without another key until the server is asked

export class Search {
  constructor(root, ask, go) {
    this.root = root;
    this.field = root.querySelector("input");
    this.list = root.querySelector("ol");
    this.said = root.querySelector(".count");
    this.ask = ask; // (query) → nothing; the answer comes to show()
    this.go = go; // (node id) → nothing
    this.found = null;
    this.at = -1;
    this.field.oninput = () => this.later();
    this.field.onkeydown = (event) => this.press(event);
    root.querySelector("[data-do=next]").onclick = () => this.step(1);
    root.querySelector("[data-do=previous]").onclick = () => this.step(-1);
  }

  open() {
    this.field.focus();
    this.field.select();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(this.field.value.trim()), TYPING);
  }

  press(event) {
    event.stopPropagation(); // neither the graph's keys nor Streamlit's
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      this.field.value = "";
      this.show(null);
      this.ask("");
      this.field.blur();
    }
  }

  // found: {query, total, message, hits: [[id, title, place], …]} or null.
  show(found) {
    if (found && found.query !== this.field.value.trim()) {
      return; // an answer to what was typed before
    }
    if (JSON.stringify(found) === JSON.stringify(this.found)) {
      return;
    }
    this.found = found;
    this.at = -1;
    this.list.replaceChildren(...(found?.hits ?? []).map(([id, title, place], index) => this.entry(id, title, place, index)));
    this.list.hidden = !found || found.hits.length === 0;
    this.tell();
  }

  entry(id, title, place, index) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const where = document.createElement("span");
    button.type = "button";
    button.append(document.createTextNode(title), where);
    where.textContent = place;
    button.onclick = () => this.choose(index);
    item.append(button);
    return item;
  }

  tell() {
    const { found } = this;
    this.said.textContent = !found ? "" : found.message || (this.at < 0 ? `${found.total}` : `${this.at + 1} / ${found.total}`);
    this.root.classList.toggle("wrong", Boolean(found?.message));
  }

  step(by) {
    const count = this.found?.hits.length ?? 0;
    if (count) {
      this.choose(this.at < 0 && by < 0 ? count - 1 : (this.at + by + count) % count);
    }
  }

  choose(index) {
    this.at = index;
    for (const [place, item] of [...this.list.children].entries()) {
      item.classList.toggle("chosen", place === index);
      if (place === index) {
        item.scrollIntoView({ block: "nearest" });
      }
    }
    this.tell();
    this.go(this.found.hits[index][0]);
  }
}
