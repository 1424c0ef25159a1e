// How one file's bytes travel: to the server, or straight to a bucket where there is one. The rest of
// the uploader knows only what `createTransport` returns.

import { createDirectTransport } from "./direct.js";

const STALLED_AFTER_MS = 60_000;

// Failures are shown on the page, not in the console.
const QUIET = { debug() {}, warn() {}, error() {} };

// Returns a function (item, blob, onProgress) => { status, answer }. Status 0: no connection.
export function createTransport({ loadUppy, fileAddress, directAddress, server, sectionOf }) {
  const sendToServer = createServerTransport({ loadUppy, fileAddress, server, sectionOf });
  return directAddress
    ? createDirectTransport({ loadUppy, directAddress, sendToServer, sectionOf, logger: QUIET })
    : sendToServer;
}

function createServerTransport({ loadUppy, fileAddress, server, sectionOf = () => "" }) {
  let last = 0;
  return async function send(item, blob, onProgress, headers = {}) {
    const { name } = item;
    const section = sectionOf(item);
    const { Uppy, XHRUpload } = await loadUppy();
    if (!Uppy) {
      return { status: 0, answer: {} };
    }
    // One instance a file: nothing to keep tidy over thousands of them.
    const uppy = new Uppy({ id: `upload-${++last}`, logger: QUIET });
    let outcome = { status: 0, answer: {} };
    uppy.use(XHRUpload, {
      endpoint: fileAddress,
      formData: false,
      timeout: STALLED_AFTER_MS,
      headers: () => ({
        ...server.headers(),
        ...headers,
        "Content-Type": "application/octet-stream",
        "X-File-Name": encodeURIComponent(name),
        ...(section && { "X-Section": encodeURIComponent(section) }),
      }),
      // Uppy tries again at once what may pass at once; the run waits for what takes longer.
      shouldRetry: ({ status }) => status === 0 || status >= 500,
      onAfterResponse: (xhr) => {
        outcome = { status: xhr.status, answer: parse(xhr.responseText) };
      },
      getResponseData: () => ({}),
    });
    uppy.on("upload-progress", (file, { bytesUploaded }) => onProgress(bytesUploaded));
    uppy.on("upload-stalled", () => uppy.cancelAll());
    uppy.addFile({ name, data: blob, type: "application/octet-stream" });
    try {
      await uppy.upload();
    } finally {
      uppy.destroy();
    }
    return outcome;
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
