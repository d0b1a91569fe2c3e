// Keeps the page of pre-registration and its files, so that it opens without a line. The newest is taken where there is one.
{% autoescape off %}const FILES = {{ files }}, CACHE = {{ cache }};{% endautoescape %}
self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(CACHE).then(function (cache) { return cache.addAll(FILES); }).then(function () { return self.skipWaiting(); }));
});
self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return name.startsWith("prereg-") && name !== CACHE; }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});
self.addEventListener("fetch", function (event) {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET" || !FILES.includes(path)) return;
  event.respondWith(caches.match(event.request, { ignoreSearch: true }).then(function (kept) {
    if (path !== FILES[0]) return kept || fetch(event.request);
    return fetch(event.request).then(function (answer) {
      if (!answer.ok) return kept || answer;
      const copy = answer.clone();
      caches.open(CACHE).then(function (cache) { cache.put(FILES[0], copy); });
      return answer;
    }).catch(function () { return kept; });
  }));
});
