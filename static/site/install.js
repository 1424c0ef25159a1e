// The service worker shows a page when there is no network, and does nothing else.
navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
