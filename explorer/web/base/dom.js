// Elements of the page.

// An element with a class, text and children. Text never becomes markup.
export function element(kind, className = "", ...content) {
  const made = document.createElement(kind);
  if (className) {
    made.className = className;
  }
  made.append(...content);
  return made;
}

export function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

// A picture for ColourScale.paint; it always shows what was painted last, in the same frame as all others.
export function pixelated(className) {
  const made = element("img", className);
  made.decoding = "sync";
  made.draggable = false;
  return made;
}
