// SVG taken over without trust: parsed, never executed, and stripped of all but the shapes and attributes listed below
// before it comes into the page.

import { SVG_NAMESPACE } from "../base/dom.js";

const ELEMENTS = new Set(["svg", "g", "path", "polygon", "polyline", "ellipse", "circle", "rect", "text", "tspan", "title"]);
const ATTRIBUTES = new Set([
  "id", "class", "d", "points", "x", "y", "cx", "cy", "rx", "ry", "r", "width", "height", "viewBox", "transform", "fill",
  "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "text-anchor", "font-size",
  "font-family", "font-weight", "font-style", "role", "aria-label", "aria-hidden", "data-source", "data-target",
  "data-box", "data-words",
]);
const PAINTS = new Set(["fill", "stroke"]); // those of them that may lead elsewhere

/**
 * Removes from `element` and from all within it what is not allowed. A parsed document runs nothing: what is removed here
 * never had a chance.
 * @param {Element} element
 */
function strip(element) {
  for (const name of element.getAttributeNames()) {
    if (!ATTRIBUTES.has(name) || (PAINTS.has(name) && /url\s*\(/i.test(element.getAttribute(name) ?? ""))) {
      element.removeAttribute(name);
    }
  }
  let child = element.firstChild;
  while (child) {
    const next = child.nextSibling;
    if (child instanceof Element && child.namespaceURI === SVG_NAMESPACE && ELEMENTS.has(child.localName)) {
      strip(child);
    } else if (child.nodeType !== Node.TEXT_NODE) {
      child.remove();
    }
    child = next;
  }
}

/**
 * The drawing as an element of this page; null for what is no whole SVG. It is read as HTML, for which the browser needs
 * half the time that XML takes.
 * @param {string} text
 * @returns {Element | null}
 */
export function safeSvg(text) {
  const root = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
  if (root?.namespaceURI !== SVG_NAMESPACE || !text.endsWith("</svg>")) {
    return null;
  }
  strip(root);
  return document.adoptNode(root);
}
