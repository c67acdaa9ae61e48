// One entry of the browser's history for each thing that a person does, none for what a page does by itself.
//
// Streamlit makes an entry with every change of the address. But a page also completes the address by itself: with the run
// that it shows first, with the module that it opens around a selected operation, with each step of a film. The browser's
// "back" would lead to such an address in between, which the page completes at once: to the person, nothing happens.
//
// This file stands inside the page's HTML (explorer/web/page_script.py), because a module comes later than the first change
// of the address. So it imports nothing.

const ACTIONS = ["pointerdown", "click", "keydown", "input", "drop"];
const TYPED = "search"; // a text that is typed letter by letter: one entry for the whole

/**
 * Whether a new address takes the place of the present one instead of following it.
 * @param {URL} now
 * @param {URL} next
 * @param {boolean} hasActed whether the person has done something since the present entry
 */
export function replacesEntry(now, next, hasActed) {
  // Also a change of page: where it comes after what its new page fills in, both belong to one click.
  return !hasActed || (now.pathname === next.pathname && isTypedOn(now.searchParams, next.searchParams));
}

/**
 * Whether the addresses differ in nothing but the typed text, which both have.
 * @param {URLSearchParams} now
 * @param {URLSearchParams} next
 */
function isTypedOn(now, next) {
  const rest = (/** @type {URLSearchParams} */ query) =>
    JSON.stringify([...query].filter(([key]) => key !== TYPED).sort());
  return now.has(TYPED) && next.has(TYPED) && rest(now) === rest(next);
}

/** @param {Window} page whose history is kept */
export function keepHistory(page) {
  const { history, location } = page;
  const push = history.pushState.bind(history);
  let hasActed = false;
  for (const action of ACTIONS) {
    page.addEventListener(action, () => (hasActed = true), { capture: true, passive: true });
  }
  page.addEventListener("popstate", () => (hasActed = false));
  history.pushState = (state, title, address) => {
    const next = new URL(address ?? "", location.href);
    if (replacesEntry(new URL(location.href), next, hasActed)) {
      history.replaceState(state, title, address);
    } else {
      push(state, title, address);
    }
    hasActed = false;
  };
}
