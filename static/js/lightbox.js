// Opens a gallery's photos in PhotoSwipe. Without it each link leads to the photo's own page.

const PREVIEW_LONG_SIDE = 2048;

const gallery = document.querySelector("[data-lightbox]");
if (gallery) {
  open(gallery);
}

async function open(gallery) {
  const labels = gallery.dataset;
  const { default: PhotoSwipeLightbox } = await import(labels.lightbox);
  const lightbox = new PhotoSwipeLightbox({
    // The gallery stays while htmx replaces the grid inside it.
    gallery,
    children: ".photo-grid a",
    pswpModule: () => import(labels.viewer),
    bgOpacity: 1,
    closeTitle: labels.labelClose,
    zoomTitle: labels.labelZoom,
    arrowPrevTitle: labels.labelNewer,
    arrowNextTitle: labels.labelOlder,
    errorMsg: labels.labelError,
  });
  lightbox.addFilter("domItemData", describe);
  lightbox.on("uiRegister", () => addDownload(lightbox.pswp, labels.labelDownload));
  // Other modules add their buttons to the viewer.
  lightbox.on("uiRegister", () => {
    document.dispatchEvent(new CustomEvent("viewer:ui", { detail: lightbox.pswp }));
  });
  closeWithBackButton(lightbox);
  lightbox.init();
}

function describe(item, link) {
  const { preview, width, height, download } = link.dataset;
  const scale = Math.min(1, PREVIEW_LONG_SIDE / Math.max(width, height));
  const image = link.querySelector("img");
  return {
    ...item,
    src: preview,
    width: Math.round(width * scale),
    height: Math.round(height * scale),
    // What is on the screen already: a thumbnail, or the preview itself.
    msrc: image.currentSrc || image.src,
    alt: image.alt,
    thumbCropped: true,
    download,
  };
}

function addDownload(pswp, label) {
  pswp.ui.registerElement({
    name: "download",
    order: 8,
    tagName: "a",
    isButton: true,
    title: label,
    html: { isCustomSVG: true, inner: '<path d="M16 6v13M11 14.5l5 5 5-5M8 25h16" fill="none" stroke="#fff" stroke-width="2.2"/>', size: 32 },
    onInit: (element) => {
      element.setAttribute("download", "");
      pswp.on("change", () => {
        const { download } = pswp.currSlide.data;
        element.hidden = !download;
        if (download) {
          element.href = download;
        }
      });
    },
  });
}

// On phones "back" means "close what I opened", not "leave the gallery".
function closeWithBackButton(lightbox) {
  lightbox.on("beforeOpen", () => history.pushState({ viewer: true }, ""));
  lightbox.on("close", () => {
    if (history.state?.viewer) {
      history.back();
    }
  });
  window.addEventListener("popstate", () => lightbox.pswp?.close());
}
