// Numbers as text.

/**
 * Four significant digits, as everywhere in the product.
 * @param {number} value
 */
export function digits(value) {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  }
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

/**
 * A number that fits into a cell of `side` pixels.
 * @param {number} value
 * @param {number} side
 */
export function briefDigits(value, side) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) {
    return digits(value);
  }
  const least = side < 38 ? 2 : 3;
  const far = size >= 1000 || (size !== 0 && size < 0.5 * 10 ** -least);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : least;
  const text = far ? value.toExponential(0) : String(Number(value.toFixed(places)));
  return text.replaceAll("-", "−");
}

/**
 * `template` with each {name} replaced by its value; a name without a value stays.
 * @param {string} template
 * @param {Record<string, string | number>} values
 */
export function fillTemplate(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
