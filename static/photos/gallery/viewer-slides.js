// A photo of a gallery as PhotoSwipe takes it: its pictures with their widths.

// Pixels of the longest side of each picture; the server says them (photos/imaging/renditions.py).
export function longestSides({ thumbnailSide, mediumSide, previewSide }) {
  return {
    thumbnail: Number(thumbnailSide),
    medium: Number(mediumSide),
    preview: Number(previewSide),
  };
}

export function slideOf(item, sides) {
  const longSide = Math.max(item.width, item.height);
  const scaled = (side) => Math.min(1, side / longSide);
  const preview = scaled(sides.preview);
  const sources = [
    [item.medium, scaled(sides.medium)], // a small photo has none
    [item.preview, preview],
  ].filter(([address]) => address);
  return {
    ...item,
    // First the one that comes soon; then the browser chooses.
    src: first(item),
    sources: sources
      .map(([address, scale]) => `${address} ${Math.round(item.width * scale)}w`)
      .join(", "),
    width: Math.round(item.width * preview),
    height: Math.round(item.height * preview),
    // What is on the screen already.
    msrc: item.thumbnail,
    thumbCropped: true,
  };
}

// The picture that the viewer begins with.
export function first({ medium, preview }) {
  return medium ?? preview;
}
