// Which boxes of a drawing feed which, across stubs too. Nothing is drawn here.

export class Links {
  // edges: { source, target } each; jumps: stub → the boxes at its other end.
  constructor(edges, jumps) {
    this.feeds = new Map(); // box → boxes it feeds
    this.fed = new Map();
    for (const { source, target } of edges) {
      this.join(source, target);
    }
    for (const [stub, ends] of Object.entries(jumps)) {
      if (this.fed.has(stub)) {
        ends.forEach((end) => this.join(stub, end));
      }
    }
  }

  join(source, target) {
    this.feeds.set(source, [...(this.feeds.get(source) ?? []), target]);
    this.fed.set(target, [...(this.fed.get(target) ?? []), source]);
  }

  before(id, whole) {
    return reach(this.fed, id, whole);
  }

  after(id, whole) {
    return reach(this.feeds, id, whole);
  }

  neighbours(id) {
    return new Set([...(this.feeds.get(id) ?? []), ...(this.fed.get(id) ?? [])]);
  }
}

// `start` and what is linked with it, to any depth where `whole` is wanted.
function reach(links, start, whole) {
  const seen = new Set([start]);
  const waiting = [start];
  while (waiting.length) {
    for (const next of links.get(waiting.pop()) ?? []) {
      if (!seen.has(next)) {
        seen.add(next);
        if (whole) waiting.push(next);
      }
    }
  }
  return seen;
}
