// How one file's bytes reach the bucket: in parts, by addresses that our server signs. It then looks
// at the whole object before a photo exists (docs/direct-upload.md). The answers are those of
// transport.js, which takes over where a browser cannot reach the bucket.

const PART_BYTES = 8 * 2 ** 20;
const STALLED_AFTER_MS = 60_000;
const AGAIN = 502; // worth another try, which is counted

export function createDirectTransport({
  loadUppy,
  directAddress,
  sendToServer,
  logger,
  sectionOf = () => "",
}) {
  // What each file's earlier tries brought already.
  const uploads = new WeakMap();
  let isReached = false;
  let isBypassed = false;

  return async function send(item, blob, onProgress) {
    if (isBypassed) {
      return sendToServer(item, blob, onProgress);
    }
    if (!uploads.has(item)) {
      const begun = await begin(item, blob);
      if (begun.status === 404) {
        isBypassed = true; // no longer offered here; if the event is gone, the server says so
        return sendToServer(item, blob, onProgress);
      }
      if (!begun.ok) {
        return failure(begun);
      }
      uploads.set(item, {
        ...begun.answer,
        parts: new Map(),
        count: Math.ceil(blob.size / PART_BYTES),
      });
    }
    const upload = uploads.get(item);
    const before = upload.parts.size;
    if (!isWhole(upload)) {
      await put(upload, item.name, blob, onProgress);
    }
    return isWhole(upload)
      ? complete(item, upload)
      : missing(item, upload, before, blob, onProgress);
  };

  function begin(item, blob) {
    const metadata = { size: blob.size, sha256: item.sha256 ?? "", section: sectionOf(item) };
    return ask("s3/multipart", "POST", { filename: item.name, type: "", metadata });
  }

  // Uppy goes on with an upload whose id it is told; so small files go in a part too, and what it
  // sends is known here part by part.
  async function put(upload, name, blob, onProgress) {
    const { Uppy, AwsS3 } = await loadUppy();
    if (!Uppy) {
      return;
    }
    const uppy = new Uppy({ logger });
    uppy.use(AwsS3, { companionEndpoint: directAddress, getChunkSize: () => PART_BYTES });
    uppy.on("s3-multipart:part-uploaded", (file, part) => note(upload, [part]));
    const id = uppy.addFile({ name, data: blob, type: "application/octet-stream" });
    uppy.setFileState(id, { s3Multipart: { key: upload.key, uploadId: upload.uploadId } });
    if (await isFinished(uppy, onProgress)) {
      uppy.destroy();
    } else {
      uppy.pauseAll(); // destroying it would also throw away the parts that arrived
    }
  }

  // Asked again, as after Uppy, the answer is the same. Uppy's own has no room for it.
  async function complete(item, upload) {
    const parts = [...upload.parts].map(([PartNumber, ETag]) => ({ PartNumber, ETag }));
    const asked = await ask(`s3/multipart/${path(upload, "/complete")}`, "POST", { parts });
    if (!asked.ok) {
      return failure(asked);
    }
    uploads.delete(item);
    const { outcome, code, reason } = asked.answer;
    return code === "upload_lost"
      ? { status: AGAIN, answer: {} }
      : { status: 200, answer: { state: outcome, code, reason } };
  }

  async function missing(item, upload, before, blob, onProgress) {
    const asked = await ask(`s3/multipart/${path(upload)}`);
    if (asked.status === 422) {
      uploads.delete(item); // it was removed meanwhile: the next try begins anew
    }
    if (!asked.ok) {
      return asked.status === 422 ? { status: AGAIN, answer: {} } : failure(asked);
    }
    note(upload, asked.answer);
    if (isWhole(upload)) {
      return complete(item, upload);
    }
    if (!isReached) {
      // The server reaches the bucket, and we do not: its CORS rules, a firewall.
      isBypassed = true;
      uploads.delete(item);
      await ask(`s3/multipart/${path(upload)}`, "DELETE");
      return sendToServer(item, blob, onProgress, { "X-Bucket-Unreachable": "1" });
    }
    return { status: upload.parts.size > before ? 0 : AGAIN, answer: {} };
  }

  function note(upload, parts) {
    isReached ||= parts.length > 0;
    parts.forEach(({ PartNumber, ETag }) => upload.parts.set(PartNumber, ETag));
  }

  async function ask(address, method = "GET", body = undefined) {
    try {
      const headers = {
        Accept: "application/json",
        ...(body && { "Content-Type": "application/json" }),
      };
      const response = await fetch(`${directAddress}/${address}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
      });
      const answer = await response.json().catch(() => ({}));
      return { ok: response.ok, status: response.status, answer };
    } catch {
      return { ok: false, status: 0, answer: {} };
    }
  }
}

function isWhole({ parts, count }) {
  return parts.size === count;
}

function path({ key, uploadId }, more = "") {
  return `${encodeURIComponent(uploadId)}${more}?${new URLSearchParams({ key })}`;
}

// 422: about this very file, so nothing is gained by trying again.
function failure({ status, answer: { code, reason } }) {
  return status === 422
    ? { status: 200, answer: { state: "refused", code, reason } }
    : { status, answer: { code, reason } };
}

// Whether Uppy comes to an end, be it a failure; not where nothing moves any more.
function isFinished(uppy, onProgress) {
  return new Promise((resolve) => {
    let timer;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => resolve(false), STALLED_AFTER_MS);
    };
    const end = () => {
      clearTimeout(timer);
      resolve(true);
    };
    watch();
    uppy.on("upload-progress", (file, { bytesUploaded }) => {
      watch();
      onProgress(bytesUploaded);
    });
    uppy.upload().then(end, end);
  });
}
