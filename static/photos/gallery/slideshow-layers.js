// The two layers of the slideshow: each fills the screen, with a photo and a blurred copy around it.

// So few pixels are a blur once they fill a screen. No filter is computed while layers move: the
// stick behind a venue's screen could not do that sixty times a second.
const FILL_PX = 96;
const FILL_BLUR_PX = 4;
const FILL_LIGHT = 0.7;

let fading = Promise.resolve();

// The layer of a photo that is ready to be painted, or none where it cannot be had.
export async function layerOf(slide, words) {
  const layer = document.createElement("figure");
  layer.className = slide.id % 2 ? "slide" : "slide is-leftward";
  layer.dataset.id = slide.id;
  const photo = new Image();
  photo.className = "photo";
  photo.alt = "";
  photo.decoding = "sync";
  photo.src = slide.url;
  layer.append(photo);
  if (slide.by) {
    const by = document.createElement("figcaption");
    by.className = "by";
    by.textContent = words.replace("{name}", slide.by);
    layer.append(by);
  }
  return (await fill(layer)) ? layer : null;
}

// Puts the blurred copy behind the photo of a layer. False where the photo is not to be had.
export async function fill(layer) {
  const photo = layer.querySelector(".photo");
  try {
    await photo.decode();
  } catch {
    return false; // hidden meanwhile, or the connection is gone
  }
  layer.prepend(blurred(photo));
  return true;
}

function blurred(photo) {
  const scale = FILL_PX / Math.max(photo.naturalWidth, photo.naturalHeight);
  const canvas = document.createElement("canvas");
  canvas.className = "fill";
  canvas.width = Math.ceil(scale * photo.naturalWidth);
  canvas.height = Math.ceil(scale * photo.naturalHeight);
  const context = canvas.getContext("2d", { alpha: false }); // black at first
  context.filter = `blur(${FILL_BLUR_PX}px)`;
  context.globalAlpha = FILL_LIGHT;
  // Beyond the edges, which the blur would mix with the black around them.
  const more = 2 * FILL_BLUR_PX;
  context.drawImage(photo, -more, -more, canvas.width + 2 * more, canvas.height + 2 * more);
  return canvas;
}

// Resolved once there is one layer, or none.
export function settled() {
  return fading;
}

// Fades a layer in while what was there fades out by as much.
export function fadeTo(stage, layer) {
  const before = [...stage.children];
  stage.append(layer);
  layer.offsetWidth; // so that the changes below are changes
  before.forEach((old) => old.classList.remove("is-shown"));
  layer.classList.add("is-shown");
  fading = ended([...before, layer]).then(() => before.forEach((old) => old.remove()));
}

// What is hidden leaves in the middle of a fade too.
export function keepOnly(stage, ids) {
  for (const layer of stage.querySelectorAll(".slide")) {
    if (!ids.has(Number(layer.dataset.id))) {
      layer.remove();
    }
  }
}

function ended(layers) {
  const fades = layers.flatMap((layer) => layer.getAnimations());
  return Promise.allSettled(fades.map((fade) => fade.finished));
}
