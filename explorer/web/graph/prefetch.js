// What a person does to a drawing, asked for ahead: the new drawing comes straight from the server (app.py), and the
// page's own run, which takes longer, follows. Where no answer comes, the page's run brings the drawing, as ever.
// What the pointer or the focus rests on is asked for before it is done, and the drawing is there with the click.

const PATIENCE = 3000; // ms without an answer until the page is told all the same
const REST = 40; // ms that the pointer stands still, or the focus stays, until the drawing is asked for: a hand that
// moves on sends events all the time
const LOST = 60000; // ms after which an act that the page has never confirmed is given up

export class Ahead {
  constructor(view) {
    this.view = view;
    this.page = ""; // the name under which the server knows this page; without one, the page is told at once
    this.acts = []; // [turn, kind, value], the oldest first: those that the page has not confirmed
    this.foreseen = null; // { name, drawing, found }: asked for while `drawing` stood there; found: the answer to come
    this.asking = false; // no second one is asked for before the first has come
  }

  // What may be done next; without a kind, nothing. Said again with every move of the pointer.
  foresee(kind, value, rest = REST) {
    clearTimeout(this.resting);
    if (kind && this.page) {
      const prepare = () => this.prepare(kind, value);
      rest ? (this.resting = setTimeout(prepare, rest)) : prepare();
    }
  }

  async prepare(kind, value) {
    const name = `${kind} ${value}`;
    if (this.asking || this.acts.length) {
      this.resting = setTimeout(() => this.prepare(kind, value), REST);
    } else if (!this.prepared(name)) {
      this.asking = true;
      const found = this.asked([[Date.now(), kind, String(value)]], true);
      this.foreseen = { name, drawing: this.view.drawing, found };
      await found;
      this.asking = false;
    }
  }

  // Whether the drawing after what `name` stands for has been asked for, from the one that is shown.
  prepared(name) {
    return this.foreseen?.name === name && this.foreseen.drawing === this.view.drawing;
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
    const early = this.acts.length === 1 && this.prepared(`${kind} ${value}`) ? this.foreseen.found : null;
    this.foresee(null);
    this.foreseen = null;
    const found = (await early) ?? (await this.asked(this.acts));
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

  async asked(acts, resting = false) {
    try {
      const body = JSON.stringify({ page: this.page, acts, resting });
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
