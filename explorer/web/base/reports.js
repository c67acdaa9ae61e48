// What a person has chosen in the browser, reported to the page, and which of the page's answers say something new.

/** @param {object} choice */
function textOf(choice) {
  return JSON.stringify(Object.entries(choice).sort(([one], [other]) => (one < other ? -1 : 1)));
}

export class Reports {
  constructor() {
    /** @type {string[]} reports that the page has not answered yet, the oldest first */
    this.unanswered = [];
    /** What the page last said is chosen. */
    this.received = "";
  }

  /** @param {object} choice that is reported to the page */
  add(choice) {
    this.unanswered.push(textOf(choice));
  }

  /**
   * Whether the page says something that comes from elsewhere, as from an address. The answer to a report says nothing
   * new: a person may have chosen something else since.
   * @param {object} choice
   */
  isNew(choice) {
    const text = textOf(choice);
    const answered = this.unanswered.indexOf(text);
    this.unanswered = this.unanswered.slice(answered + 1);
    const isKnown = answered >= 0 || text === this.received;
    this.received = text;
    return !isKnown;
  }
}
