// Elements of the page. Text never becomes markup.

export const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * A new element with a class, text and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} kind
 * @param {string} className "" for none
 * @param {(Node | string)[]} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(kind, className = "", ...content) {
  const created = document.createElement(kind);
  if (className) {
    created.className = className;
  }
  created.append(...content);
  return created;
}

/**
 * A new button that does `action` when it is clicked.
 * @param {string} className
 * @param {string} text
 * @param {() => void} action
 */
export function actionButton(className, text, action) {
  const button = element("button", className, text);
  button.type = "button";
  button.onclick = action;
  return button;
}

/**
 * The only element that `selector` finds below `root`.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind the class that the element has
 * @returns {E}
 * @throws {TypeError} where there is none, or one of another class
 */
export function part(root, selector, kind) {
  const match = root.querySelector(selector);
  if (!(match instanceof kind)) {
    throw new TypeError(`${selector} is not there`);
  }
  return match;
}

/**
 * The 2-d context of a canvas.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 * @returns {CanvasRenderingContext2D}
 */
export function context2d(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (context === null) {
    throw new TypeError("the canvas has no 2-d context");
  }
  return /** @type {CanvasRenderingContext2D} */ (context);
}

/**
 * Where the pointer is within an element that shows cells: {row, column}, never outside.
 * @param {PointerEvent | MouseEvent} event
 * @param {Element} target
 * @param {{ width: number, height: number }} cells how many there are
 */
export function cellUnderPointer(event, target, cells) {
  const box = target.getBoundingClientRect();
  const cell = (/** @type {number} */ share, /** @type {number} */ count) =>
    Math.max(0, Math.min(count - 1, Math.floor(share * count)));
  return {
    row: cell((event.clientY - box.top) / box.height, cells.height),
    column: cell((event.clientX - box.left) / box.width, cells.width),
  };
}

/**
 * Moves a tip beside the pointer, and never over the host's right edge.
 * @param {HTMLElement} tip
 * @param {Element} host
 * @param {PointerEvent | MouseEvent} event
 */
export function placeTip(tip, host, event) {
  const home = host.getBoundingClientRect();
  const left = Math.max(0, Math.min(event.clientX - home.left + 14, home.width - tip.offsetWidth - 4));
  tip.style.transform = `translate(${left}px, ${event.clientY - home.top + 14}px)`;
}

/**
 * Calls `action` when the frame that is due has been painted.
 * @param {() => void} action
 */
export function afterPaint(action) {
  requestAnimationFrame(() => setTimeout(action));
}

/**
 * The element with the focus in the same document or shadow tree.
 * @param {Node} node
 */
export function activeElement(node) {
  const root = node.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
}

/**
 * Writes words into the elements that name one: as the text where `data-word` does, as the accessible name where
 * `data-label` does, as the tip alone where `data-title` does, as the placeholder where `data-placeholder` does. A button
 * whose own text is read out, such as the zoom in per cent, takes a tip alone.
 * @param {ParentNode} root
 * @param {Record<string, string>} words
 */
export function writeWords(root, words) {
  for (const element of root.querySelectorAll("[data-word]")) {
    element.textContent = words[element.getAttribute("data-word") ?? ""] ?? "";
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    const label = words[element.getAttribute("data-label") ?? ""] ?? "";
    element.setAttribute("aria-label", label);
    if (element instanceof HTMLButtonElement) {
      element.title = label;
    }
  }
  for (const element of root.querySelectorAll("[data-title]")) {
    element.setAttribute("title", words[element.getAttribute("data-title") ?? ""] ?? "");
  }
  for (const element of root.querySelectorAll("[data-placeholder]")) {
    element.setAttribute("placeholder", words[element.getAttribute("data-placeholder") ?? ""] ?? "");
  }
}
