// How one file's bytes reach the server. The rest of the uploader knows only what `createTransport`
// returns: another Uppy uploader (straight to S3, say) takes the place of XHRUpload here.

const STALLED_AFTER_MS = 60_000;

// Returns a function (name, blob, onProgress) => { status, answer }. Status 0: no connection.
export function createTransport({ uppyAddress, fileAddress, server }) {
  let last = 0;
  return async function send(name, blob, onProgress) {
    const { Uppy, XHRUpload } = await import(uppyAddress).catch(() => ({}));
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
        "Content-Type": "application/octet-stream",
        "X-File-Name": encodeURIComponent(name),
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

// Failures are shown on the page, not in the console.
const QUIET = { debug() {}, warn() {}, error() {} };

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
