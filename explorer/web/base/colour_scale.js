// Numbers to colours and to pixels.

function parsedColour(text) {
  return [1, 3, 5].map((place) => parseInt(text.slice(place, place + 2), 16));
}

// Numbers to colours. stops: [[position 0…1, "#rrggbb"], …]; below zero they need a scale that is centred at zero.
export class ColourScale {
  constructor(stops, low, high) {
    this.low = low;
    this.high = high > low ? high : low + 1;
    this.table = new Uint8ClampedArray(256 * 3);
    const points = stops.map(([position, colour]) => [position, parsedColour(colour)]);
    for (let place = 0; place < 256; place += 1) {
      const share = place / 255;
      const after = Math.max(1, points.findIndex(([position]) => position >= share));
      const [from, first] = points[after - 1];
      const [to, second] = points[after];
      const part = (share - from) / (to - from);
      first.forEach((value, part3) => {
        this.table[place * 3 + part3] = value + (second[part3] - value) * part;
      });
    }
  }

  // Magnitudes from zero up, or signed values with zero in the middle of `colours.diverging`.
  static of(colours, low, high) {
    if (low < 0) {
      const most = Math.max(-low, high);
      return new ColourScale(colours.diverging, -most, most);
    }
    return new ColourScale(colours.sequential, 0, high);
  }

  place(value) {
    const share = (value - this.low) / (this.high - this.low);
    return Math.max(0, Math.min(255, Math.round(share * 255))) * 3;
  }

  css(value) {
    if (!Number.isFinite(value)) {
      return "transparent";
    }
    const place = this.place(value);
    return `rgb(${this.table[place]} ${this.table[place + 1]} ${this.table[place + 2]})`;
  }

  // Black or white, whichever can be read on the value's colour.
  ink(value) {
    const place = this.place(value);
    const [red, green, blue] = this.table.subarray(place, place + 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#15181e" : "#ffffff";
  }

  // RGBA, one pixel a value; one that is not finite stays transparent.
  pixels(values) {
    const pixels = new Uint8ClampedArray(values.length * 4);
    const whole = new Uint32Array(pixels.buffer); // a pixel at a time: sheets have 100,000 of them
    const inks = new Uint32Array(256);
    const bytes = new Uint8ClampedArray(inks.buffer);
    for (let place = 0; place < 256; place += 1) {
      bytes.set([...this.table.subarray(place * 3, place * 3 + 3), 255], place * 4);
    }
    const step = 255 / (this.high - this.low);
    for (let place = 0; place < values.length; place += 1) {
      const value = values[place];
      if (Number.isFinite(value)) {
        whole[place] = inks[Math.max(0, Math.min(255, Math.round((value - this.low) * step)))];
      }
    }
    return pixels;
  }

  // One pixel a value on an <img> or a <canvas>, which its style enlarges with image-rendering: pixelated. Where there
  // are many, only images are quick: a browser gives each canvas a layer of its own.
  paint(target, { height, width, values }) {
    const pixels = this.pixels(values);
    if (target instanceof HTMLCanvasElement) {
      target.width = width;
      target.height = height;
      target.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
    } else {
      target.cells = { width, height };
      const address = bitmap(pixels, width, height);
      if (target.src !== address) {
        target.src = address; // also the same one would be loaded anew
      }
    }
  }
}

// RGBA pixels, row by row from the top, as the address of a bitmap file (BMP with a BITMAPV4HEADER).
function bitmap(pixels, width, height) {
  const head = 14 + 108;
  const bytes = new Uint8Array(head + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set([66, 77]); // "BM"
  [[2, bytes.length], [10, head], [14, 108], [18, width], [22, -height], [30, 3], [34, pixels.length]].forEach(
    ([at, value]) => view.setInt32(at, value, true),
  );
  [[26, 1], [28, 32]].forEach(([at, value]) => view.setInt16(at, value, true));
  [0xff, 0xff00, 0xff0000, 0xff000000].forEach((mask, place) => view.setUint32(54 + 4 * place, mask, true));
  bytes.set(pixels, head);
  let letters = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return `data:image/bmp;base64,${btoa(letters)}`;
}
