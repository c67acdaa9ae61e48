// New drawings asked for straight from the server (explorer/app.py), because the page's own run takes longer; it follows.
// Where no answer comes, the page's run brings the drawing. What the pointer or the focus rests on is prefetched, and its
// drawing is there with the click.

/** @import { DrawingData, GraphView } from "./graph_view.js" */

import { afterPaint } from "../base/dom.js";
import { REST } from "./pointer.js";

const PATIENCE = 3000; // ms without an answer until the page is informed in any case
const LOST = 60000; // ms after which an action that the page has never confirmed is given up

/**
 * What a person did; `turn` is a number that rises from action to action, close to the time in ms.
 * @typedef {[turn: number, kind: string, value: string]} Action
 */

export class DrawingRequests {
  /** @param {GraphView} view shows the new drawings */
  constructor(view) {
    this.view = view;
    /** The name under which the server knows this page; without one, the page is informed at once. */
    this.page = "";
    /** @type {Action[]} those that the page has not confirmed, the oldest first */
    this.unconfirmed = [];
    /** @type {{ key: string, drawing: string, answer: Promise<DrawingData | null> } | null} asked for from `drawing` */
    this.prefetched = null;
    this.isPrefetching = false; // no second one is asked for before the first has come
    this.resting = 0;
  }

  /**
   * What may be done next, said again with every move of the pointer; null: nothing.
   * @param {string | null} kind
   * @param {string} [value]
   * @param {number} [rest] ms until that is likely
   */
  expect(kind, value = "", rest = REST) {
    clearTimeout(this.resting);
    if (kind !== null && this.page) {
      if (rest) {
        this.resting = setTimeout(() => this.prefetch(kind, value), rest);
      } else {
        this.prefetch(kind, value);
      }
    }
  }

  /**
   * @param {string} kind
   * @param {string} value
   */
  async prefetch(kind, value) {
    const key = `${kind} ${value}`;
    if (this.isPrefetching || this.unconfirmed.length) {
      this.resting = setTimeout(() => this.prefetch(kind, value), REST);
    } else if (!this.isPrefetched(key)) {
      this.isPrefetching = true;
      const answer = this.request([[Date.now(), kind, value]], true);
      this.prefetched = { key, drawing: this.view.name, answer };
      await answer;
      this.isPrefetching = false;
    }
  }

  /**
   * Whether the drawing after this action has been asked for, from the one that is shown.
   * @param {string} key
   */
  isPrefetched(key) {
    return this.prefetched?.key === key && this.prefetched.drawing === this.view.name;
  }

  /**
   * Shows the drawing after an action, and reports to the page all that it has not confirmed.
   * @param {string} kind "toggle", "level", "depth" or "choose" (another graph)
   * @param {string | number} value
   * @param {(actions: Action[]) => void} report
   */
  async perform(kind, value, report) {
    const turn = Math.max(Date.now(), (this.unconfirmed.at(-1)?.[0] ?? 0) + 1);
    /** @type {Action} */
    const action = [turn, kind, String(value)];
    if (!this.page) {
      report([action]);
      return;
    }
    this.unconfirmed.push(action);
    let isReported = false;
    const reportOnce = () => {
      if (!isReported) {
        isReported = true;
        report(this.unconfirmed.filter(([each]) => each <= turn));
      }
    };
    setTimeout(reportOnce, PATIENCE);
    this.view.setBusy(true);
    const isReady = this.unconfirmed.length === 1 && this.isPrefetched(`${kind} ${value}`);
    const early = isReady ? this.prefetched?.answer : null;
    this.expect(null);
    this.prefetched = null;
    const answer = (await early) ?? (await this.request(this.unconfirmed));
    const isLast = this.unconfirmed.at(-1)?.[0] === turn;
    if (answer && isLast) {
      if (kind === "choose") {
        this.view.forget();
      }
      this.view.show(answer);
      await new Promise((/** @type {(_: void) => void} */ next) => afterPaint(next)); // the drawing is painted first
    }
    reportOnce();
    if (isLast) {
      this.view.setBusy(false);
    }
  }

  /**
   * @param {Action[]} actions
   * @param {boolean} hovering whether this is a prefetch
   * @returns {Promise<DrawingData | null>}
   */
  async request(actions, hovering = false) {
    try {
      const body = JSON.stringify({ page: this.page, actions, hovering });
      const answer = await fetch(new URL("drawing", location.href), { method: "POST", body });
      return answer.status === 200 ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  /**
   * The page has answered all actions up to `turn`.
   * @param {number} turn
   * @returns {boolean} whether its drawing is the newest; else its answer to a later action is still to come
   */
  confirm(turn) {
    this.unconfirmed = this.unconfirmed.filter(([each]) => each > turn && each > Date.now() - LOST);
    return this.unconfirmed.length === 0;
  }
}
