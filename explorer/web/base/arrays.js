// Arrays from the server.

// {shape, data}: little-endian float32 in base64 → {shape, values}.
export function unpacked(packed) {
  const letters = atob(packed.data);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place += 1) {
    bytes[place] = letters.charCodeAt(place);
  }
  return { shape: packed.shape, values: new Float32Array(bytes.buffer) };
}

// The channel number `place` of (C, H, W) as {height, width, values}, without a copy.
export function channel(array, place) {
  const [height, width] = array.shape.slice(-2);
  const size = height * width;
  return { height, width, values: array.values.subarray(place * size, (place + 1) * size) };
}

export function limitsOf(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? [0, 0] : [low, high];
}
