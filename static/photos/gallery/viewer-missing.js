// Says that the photo which is looked at did not come, and offers to try again. What the grid shows
// of it, or its likeness, stays meanwhile; when the network is back it comes by itself.

export function addRetry(viewer, pictures, { labelError, labelRetry }) {
  viewer.on("uiRegister", () =>
    viewer.ui.registerElement({
      name: "missing",
      className: "viewer-missing",
      order: 10,
      appendTo: "root",
      html: `<p role="status"></p><button type="button" class="button button-small"></button>`,
      onInit: (element) => {
        const [words, button] = element.children;
        button.textContent = labelRetry;
        button.addEventListener("click", () => pictures.retry());
        const paint = () => {
          const { isMissing } = pictures;
          element.classList.toggle("is-missing", isMissing);
          words.textContent = isMissing ? labelError : "";
        };
        document.addEventListener("viewer:pictures", paint);
        viewer.on("destroy", () => document.removeEventListener("viewer:pictures", paint));
      },
    }),
  );
}
