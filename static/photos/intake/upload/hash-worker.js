// SHA-256 of files, beside the page so that it stays smooth. Answers in the order asked.

self.addEventListener("message", async ({ data: { id, blob } }) => {
  try {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    const hex = Array.from(new Uint8Array(digest), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    self.postMessage({ id, hex });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
});
