// The service worker of /scan. It is there only once the reader has asked to keep
// the page, and answers from what was kept where the network does not: the page
// itself, and the files it is made of. It never stores anything, and whatever
// else is asked passes it by.
const store = "tegata-scan";
const patience = 4000; // milliseconds until a network that says nothing counts as none

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (e) => e.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (e.request.mode === "navigate" && url.pathname === "/scan") e.respondWith(page(e.request, url));
  else if (url.pathname.startsWith("/static/")) e.respondWith(file(e.request));
});

// page is the present page, or where there is no network the kept one in the
// language asked for.
async function page(request, url) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(patience) });
    if (answer.ok) return answer;
    return (await kept(url)) ?? answer;
  } catch {
    return (await kept(url)) ?? Response.error();
  }
}

async function kept(url) {
  const lang = url.searchParams.get("lang");
  return (lang && (await stored(`/scan?lang=${encodeURIComponent(lang)}`))) || stored("/scan");
}

// file is a kept file, whose address changes with it, or what the network has.
async function file(request) {
  return (await stored(request)) ?? fetch(request);
}

// stored is what was kept under an address. The language is part of that, so
// what the answer says it varies with does not count.
const stored = (request) => caches.match(request, { cacheName: store, ignoreVary: true });
