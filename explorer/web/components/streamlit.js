// What Streamlit hands to a component, and a view that outlives its calls.

/**
 * @template D
 * @typedef {object} ComponentCall
 * @property {D} data what Python sent
 * @property {ParentNode & Element} parentElement holds the component's markup
 * @property {(name: string, value: unknown) => void} setTriggerValue an event for Python
 * @property {(name: string, value: unknown) => void} setStateValue a value that stays; the last one is never lost
 */

/** @type {WeakMap<Element, unknown>} */
const views = new WeakMap();

/**
 * The view of a component: made by its first call, and the same in all later ones. Streamlit calls a component again for
 * every change of its data. Tests find the view as the host's `view`.
 * @template V
 * @param {HTMLElement} host
 * @param {(host: HTMLElement) => V} create
 * @returns {V}
 */
export function keptView(host, create) {
  if (!views.has(host)) {
    const view = create(host);
    views.set(host, view);
    Object.assign(host, { view });
  }
  return /** @type {V} */ (views.get(host));
}
