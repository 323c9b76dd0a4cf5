/**
 * Service worker of an installed page, which opens without a network. It caches only the built page. Requests to the
 * room, `/ws` and `/api`, go to the network.
 *
 *     /assets/*              cache, then network: names contain a hash, so files never change
 *     /, icons, manifest     network, then cache: an old page never hides a newer one
 */
declare const self: ServiceWorkerGlobalScope;

/** All files of the build; the page itself is `./`. build/page-plugins.ts writes this constant. */
declare const SHELL: readonly string[];
/** Name of the build's cache. */
declare const BUILD: string;

/** A proxy may serve the page and this script under a path of its own. */
const PATHS = SHELL.map(pathOf);
const ASSETS = pathOf('./assets/');

/** Prefix of the caches of this page. Other pages of the origin may have caches too. */
const CACHE_PREFIX = 'tertulia-';

/** Keeps this build and the last one, from which a page may still be open. */
const MAX_BUILDS = 2;

/** Proxies answer with such a status while the gateway is down. */
const SERVER_ERROR_STATUS = 500;

self.addEventListener('install', (event) => event.waitUntil(cacheShell()));
self.addEventListener('activate', (event) => event.waitUntil(deleteOldCaches()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (pathname.startsWith(ASSETS)) event.respondWith(cacheFirst(request));
  else if (PATHS.includes(pathname)) event.respondWith(networkFirst(request));
});

function pathOf(file: string): string {
  return new URL(file, location.href).pathname;
}

async function cacheShell(): Promise<void> {
  await (await caches.open(BUILD)).addAll(PATHS);
  await self.skipWaiting();
}

async function deleteOldCaches(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX) && name !== BUILD);
  await Promise.all(older.slice(0, 1 - MAX_BUILDS).map((name) => caches.delete(name)));
}

async function cacheFirst(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

async function networkFirst(request: Request): Promise<Response> {
  const fresh = await fetch(request).catch(() => undefined);
  if (fresh !== undefined && fresh.status < SERVER_ERROR_STATUS) return fresh;
  const shell = await caches.open(BUILD);
  const cached = await shell.match(request, { ignoreSearch: true, ignoreVary: true });
  return cached ?? fresh ?? Response.error();
}
