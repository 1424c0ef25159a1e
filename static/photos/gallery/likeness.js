// A blurred likeness of a picture, as an address: a small bitmap of the colours of a blurhash.

const WIDTH = 24;
const BITMAP_HEADER = 54;

// `ratio`: height to width, or nothing one can calculate with.
export function likeness(decode, hash, ratio) {
  const height = Math.max(1, Math.round(WIDTH * ratio)) || WIDTH;
  return bitmap(decode(hash, WIDTH, height), WIDTH, height);
}

// From red, green, blue and opacity of each pixel. A canvas for each likeness would be a layer of its
// own for the compositor, which then has hundreds to move with every frame.
export function bitmap(pixels, width, height) {
  const row = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(BITMAP_HEADER + row * height);
  const header = new DataView(bytes.buffer);
  header.setUint16(0, 0x424d); // "BM"
  header.setUint32(2, bytes.length, true);
  header.setUint32(10, BITMAP_HEADER, true);
  header.setUint32(14, 40, true);
  header.setInt32(18, width, true);
  header.setInt32(22, -height, true); // from the top
  header.setUint16(26, 1, true);
  header.setUint16(28, 24, true); // bits of a pixel: blue, green, red
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = 4 * (y * width + x);
      const to = BITMAP_HEADER + y * row + 3 * x;
      [bytes[to + 2], bytes[to + 1], bytes[to]] = [
        pixels[from],
        pixels[from + 1],
        pixels[from + 2],
      ];
    }
  }
  return `data:image/bmp;base64,${btoa(String.fromCharCode(...bytes))}`;
}
