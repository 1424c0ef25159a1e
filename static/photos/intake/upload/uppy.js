// Uppy, fetched when the first file is sent.

// Failures are shown on the page, not in the console.
export const QUIET = { debug() {}, warn() {}, error() {} };

// Nothing of it where it does not arrive.
export function loadUppy(address) {
  return import(address).catch(() => ({}));
}
