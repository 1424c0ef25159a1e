// What a page of a gallery says of its photos.

// Which of how many each photo of a page is: the server counted both. What does not fit together came
// in between, and is not said.
export function number(element) {
  const { count, preceding } = element.dataset;
  const tiles = element.querySelectorAll(".tile");
  const fits = Number(preceding) + tiles.length <= Number(count);
  tiles.forEach((tile, index) => (tile.dataset.at = fits ? Number(preceding) + index + 1 : ""));
}

// What the page says of its photos for the viewer: it would be put away and brought back for nothing.
export function takeCaptions(element) {
  const script = element.querySelector("script[type='application/json']");
  script?.remove();
  return script ? JSON.parse(script.textContent) : { names: {}, photos: {} };
}

// What the viewer needs to know of a tile, so that it can do without it.
export function describe(tile, { names, photos }) {
  const [when, by] = photos[tile.id.slice("photo-".length)] ?? [];
  const link = tile.querySelector("a");
  const image = link.querySelector("img");
  return {
    id: tile.id,
    hour: tile.dataset.hour,
    at: Number(tile.dataset.at),
    href: link.href,
    preview: link.dataset.preview,
    medium: link.dataset.medium,
    thumbnail: image.getAttribute("src") ?? image.dataset.src,
    download: link.dataset.download,
    width: Number(image.getAttribute("width")),
    height: Number(image.getAttribute("height")),
    blurhash: image.dataset.blurhash,
    alt: image.alt,
    when,
    by: names[by],
  };
}
