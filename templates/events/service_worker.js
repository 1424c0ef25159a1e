// Shows a page of our own when there is no network. Everything else goes to the network untouched:
// no page, no photo and no answer about anybody is ever stored here.
const FILES = {{ files|safe }};
const CACHE = "findme-offline-{{ version }}";

self.addEventListener("install", (event) => {
  const requests = FILES.map((file) => new Request(file, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fromNetwork(event).catch(() => caches.match(FILES[0])));
  } else if (FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith("findme-offline-") && name !== CACHE) {
      await caches.delete(name);
    }
  }
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function fromNetwork(event) {
  return (await event.preloadResponse) ?? fetch(event.request);
}
