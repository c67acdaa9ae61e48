// The words of a large drawing. Laying them out takes the browser most of its time: those out of sight come after the
// first picture, a few at a time, or all at once where the view changes. Until then, CSS hides them.

const MANY = 150; // nodes of a drawing that is large
const TOGETHER = 40; // nodes, frames and edges whose words come together
const NEAR = 250; // pixels around the stage where words count as seen: a card is smaller

export class Words {
  constructor(viewport) {
    this.viewport = viewport;
    this.waiting = [];
  }

  // A new drawing stands there, its view is chosen, and nothing of it has been painted yet.
  begin() {
    this.waiting = [];
    if (this.viewport.nodes.size < MANY || this.viewport.pending) {
      return;
    }
    for (const group of this.viewport.viewport.querySelectorAll("g.node, g.edge, g.frame")) {
      const text = group.querySelector(":scope > text");
      if (text && !this.seen(group, text)) {
        group.classList.add("later");
        this.waiting.push(group);
      }
    }
    this.painted(() => this.go());
  }

  seen(group, text) {
    const { view, room } = this.viewport;
    const shift = this.viewport.shifted(group);
    const x = (Number(text.getAttribute("x")) + shift.x) * view.scale + view.x;
    const y = (Number(text.getAttribute("y")) + shift.y) * view.scale + view.y;
    return x > -NEAR && x < room.width + NEAR && y > -NEAR && y < room.height + NEAR;
  }

  painted(then) {
    requestAnimationFrame(() => setTimeout(then));
  }

  go() {
    this.bring(TOGETHER);
    if (this.waiting.length) {
      this.painted(() => this.go());
    }
  }

  bring(count = this.waiting.length) {
    for (const group of this.waiting.splice(0, count)) {
      group.classList.remove("later");
    }
  }
}
