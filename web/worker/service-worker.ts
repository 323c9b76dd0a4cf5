/**
 * Of an installed page: opens it where there is no network. What it keeps is the built page and nothing else; the
 * room, `/ws` and `/api`, is the network's alone.
 *
 *     /assets/*              kept, else the network: their names carry a hash of what is in them, they never change
 *     /, icons, manifest     the network, else kept: a newer page is never hidden by an older one
 */
declare const self: ServiceWorkerGlobalScope;

/** Written before this by vite.config.ts: all files of the build, the page itself as `./`. */
declare const SHELL: readonly string[];
/** Another for each build. */
declare const BUILD: string;

/** A proxy may serve the page, and this beside it, under a path of its own. */
const PATHS = SHELL.map(pathOf);
const ASSETS = pathOf('./assets/');

/** How our builds are called: others may have lived at this address. */
const OURS = 'tertulia-';

/** Of this build, and of the one before it, from which a page may still be open. */
const BUILDS_KEPT = 2;

/** What a proxy answers in the place of a gateway that is away. */
const SERVER_ERROR = 500;

self.addEventListener('install', (event) => event.waitUntil(keepShell()));
self.addEventListener('activate', (event) => event.waitUntil(dropOlder()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (pathname.startsWith(ASSETS)) event.respondWith(keptFirst(request));
  else if (PATHS.includes(pathname)) event.respondWith(freshFirst(request));
});

function pathOf(file: string): string {
  return new URL(file, location.href).pathname;
}

async function keepShell(): Promise<void> {
  await (await caches.open(BUILD)).addAll(PATHS);
  await self.skipWaiting();
}

async function dropOlder(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== BUILD);
  await Promise.all(older.slice(0, 1 - BUILDS_KEPT).map((name) => caches.delete(name)));
}

async function keptFirst(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

async function freshFirst(request: Request): Promise<Response> {
  const fresh = await fetch(request).catch(() => undefined);
  if (fresh !== undefined && fresh.status < SERVER_ERROR) return fresh;
  const shell = await caches.open(BUILD);
  const kept = await shell.match(request, { ignoreSearch: true, ignoreVary: true });
  return kept ?? fresh ?? Response.error();
}
