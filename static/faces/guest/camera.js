// The camera: a live picture, a still of it, and how dark it is.

const WANTED = {
  audio: false,
  video: { width: { ideal: 1280 }, height: { ideal: 960 } },
};
const LONGEST_SIDE = 1600;
const SAMPLE_SIDE = 24;

export function hasCamera() {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

// `facing`: "user" for one's own face, "environment" for another's. Without a camera nobody is asked
// whether it may be used.
export async function start(video, facing) {
  if (!(await isConnected())) {
    throw new Error("no camera");
  }
  video.srcObject = await navigator.mediaDevices.getUserMedia({
    ...WANTED,
    video: { ...WANTED.video, facingMode: facing },
  });
  await video.play();
}

// Browsers tell before they ask that there is one, though not which. One that does not tell is asked.
async function isConnected() {
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => null);
  return devices?.some(({ kind }) => kind === "videoinput") ?? true;
}

export function stop(video) {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
}

export function still(video) {
  return toJpeg(video, video.videoWidth, video.videoHeight);
}

// Small enough for a patchy network, large enough for recognition. What this browser cannot draw
// (HEIC, mostly) is sent as it is: the server can.
export async function shrink(file) {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) {
    return file;
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  if (scale === 1) {
    return file;
  }
  return toJpeg(image, Math.round(image.width * scale), Math.round(image.height * scale));
}

// Mean brightness of the middle, 0 to 255.
export function brightness(video) {
  const canvas = sized(SAMPLE_SIDE, SAMPLE_SIDE);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const { videoWidth: width, videoHeight: height } = video;
  const side = [width / 4, height / 6, width / 2, height * 0.67];
  context.drawImage(video, ...side, 0, 0, SAMPLE_SIDE, SAMPLE_SIDE);
  const { data } = context.getImageData(0, 0, SAMPLE_SIDE, SAMPLE_SIDE);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
  }
  return sum / (data.length / 4);
}

function toJpeg(source, width, height) {
  const canvas = sized(width, height);
  canvas.getContext("2d").drawImage(source, 0, 0, width, height);
  return new Promise((resolve) => {
    canvas.toBlob(
      (blob) => resolve(new File([blob], "selfie.jpg", { type: blob.type })),
      "image/jpeg",
      0.92,
    );
  });
}

function sized(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}
