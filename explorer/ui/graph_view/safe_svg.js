// SVG taken over without trust: parsed, never executed, and only the shapes and attributes listed below are copied.

const SVG = "http://www.w3.org/2000/svg";
const ELEMENTS = new Set(["svg", "g", "path", "polygon", "polyline", "ellipse", "circle", "rect", "text", "tspan", "title"]);
const ATTRIBUTES = new Set([
  "id", "class", "d", "points", "x", "y", "cx", "cy", "rx", "ry", "r", "width", "height", "viewBox", "transform", "fill",
  "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "text-anchor", "font-size",
  "font-family", "font-weight", "font-style", "role", "aria-label", "aria-hidden", "data-source", "data-target",
]);

// Copies what is allowed of `from` into a new element; everything else stays behind.
function copied(from) {
  const to = document.createElementNS(SVG, from.localName);
  for (const attribute of from.attributes) {
    if (ATTRIBUTES.has(attribute.name) && !/url\s*\(/i.test(attribute.value)) {
      to.setAttribute(attribute.name, attribute.value);
    }
  }
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      to.appendChild(document.createTextNode(child.nodeValue));
    } else if (child.nodeType === Node.ELEMENT_NODE && child.namespaceURI === SVG && ELEMENTS.has(child.localName)) {
      to.appendChild(copied(child));
    }
  }
  return to;
}

function parsed(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  return root.localName === "svg" && root.namespaceURI === SVG ? copied(root) : null;
}
