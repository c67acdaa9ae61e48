// Whole texts of one language in another one. A phrase may hold one gap, written `{}`. Nothing of the page is touched here.

/**
 * A function from a text to the same text in the other language, null where no phrase is it.
 * @param {[string, string][]} phrases pairs of a text and what it becomes
 * @returns {(text: string) => string | null}
 */
export function phraseBook(phrases) {
  const whole = new Map(phrases.filter(([from]) => !from.includes(GAP)));
  const gapped = phrases.filter(([from]) => from.includes(GAP)).map(([from, to]) => ({ ends: from.split(GAP), to }));
  return (text) => {
    const known = whole.get(text);
    if (known !== undefined) {
      return known;
    }
    for (const { ends, to } of gapped) {
      const [start, end] = ends;
      if (text.length > start.length + end.length && text.startsWith(start) && text.endsWith(end)) {
        return to.split(GAP).join(text.slice(start.length, text.length - end.length));
      }
    }
    return null;
  };
}

const GAP = "{}";
