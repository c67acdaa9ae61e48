// What a person does to a drawing, asked for ahead: the new drawing comes straight from the server (app.py), and the
// page's own run, which takes longer, follows. Where no answer comes, the page's run brings the drawing, as ever.

const PATIENCE = 3000; // ms without an answer until the page is told all the same
const LOST = 60000; // ms after which an act that the page has never confirmed is given up

class Ahead {
  constructor(view) {
    this.view = view;
    this.page = ""; // the name under which the server knows this page; without one, the page is told at once
    this.acts = []; // [turn, kind, value], the oldest first: those that the page has not confirmed
  }

  // tell: (acts) → tells the page.
  async act(kind, value, tell) {
    const turn = Math.max(Date.now(), (this.acts.at(-1)?.[0] ?? 0) + 1);
    if (!this.page) {
      tell([[turn, kind, String(value)]]);
      return;
    }
    this.acts.push([turn, kind, String(value)]);
    let told = false;
    const once = () => {
      if (!told) {
        told = true;
        tell(this.acts.filter(([each]) => each <= turn));
      }
    };
    setTimeout(once, PATIENCE);
    this.view.busy(true);
    const found = await this.asked();
    const last = this.acts.at(-1)?.[0] === turn;
    if (found && last) {
      if (kind === "choose") {
        this.view.forget();
      }
      this.view.drawing = found.drawing;
      this.view.show(found);
      await new Promise((next) => requestAnimationFrame(() => setTimeout(next))); // the drawing is painted first
    }
    once();
    if (last) {
      this.view.busy(false);
    }
  }

  async asked() {
    try {
      const body = JSON.stringify({ page: this.page, acts: this.acts });
      const answer = await fetch(new URL("drawing", location.href), { method: "POST", body });
      return answer.status === 200 ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  // Whether what the page says after the act `turn` is news; else its word on a later act is still to come.
  hears(turn) {
    this.acts = this.acts.filter(([each]) => each > turn && each > Date.now() - LOST);
    return this.acts.length === 0;
  }
}
