// Which boxes of a drawing feed which, across stubs too. Nothing is drawn here.

/** @typedef {{ source: string, target: string }} Link */

export class Links {
  /**
   * @param {Link[]} edges
   * @param {Record<string, string[]>} jumps the boxes at the other end of each stub
   */
  constructor(edges, jumps) {
    /** @type {Map<string, string[]>} the boxes that a box feeds */
    this.targets = new Map();
    /** @type {Map<string, string[]>} the boxes that feed a box */
    this.sources = new Map();
    for (const { source, target } of edges) {
      this.join(source, target);
    }
    for (const [stub, ends] of Object.entries(jumps)) {
      if (this.sources.has(stub)) {
        ends.forEach((end) => this.join(stub, end));
      }
    }
  }

  /**
   * @param {string} source
   * @param {string} target
   */
  join(source, target) {
    this.targets.set(source, [...(this.targets.get(source) ?? []), target]);
    this.sources.set(target, [...(this.sources.get(target) ?? []), source]);
  }

  /**
   * `id` and what feeds it: directly, or to any depth where `whole` is wanted.
   * @param {string} id
   * @param {boolean} whole
   */
  before(id, whole) {
    return reached(this.sources, id, whole);
  }

  /**
   * `id` and what it feeds: directly, or to any depth where `whole` is wanted.
   * @param {string} id
   * @param {boolean} whole
   */
  after(id, whole) {
    return reached(this.targets, id, whole);
  }

  /**
   * What feeds `id` and what it feeds, without itself.
   * @param {string} id
   */
  neighbours(id) {
    const all = new Set([...(this.targets.get(id) ?? []), ...(this.sources.get(id) ?? [])]);
    all.delete(id);
    return all;
  }
}

/**
 * @param {Map<string, string[]>} links
 * @param {string} start
 * @param {boolean} whole
 */
function reached(links, start, whole) {
  const seen = new Set([start]);
  const waiting = [start];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const next of links.get(id) ?? []) {
      if (!seen.has(next)) {
        seen.add(next);
        if (whole) {
          waiting.push(next);
        }
      }
    }
  }
  return seen;
}
